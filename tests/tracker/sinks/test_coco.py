import errno
import json
from pathlib import Path

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from tests.tracker.sinks.given import GIVEN
from tracker import KEYPOINTS, Faces
from tracker.errors import OutputError
from tracker.keypoints import SKELETON
from tracker.sinks import open_points
from tracker.sinks.coco import CocoSink


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with open_points(tmp_path / "a.json") as sink:
        for one in GIVEN:
            sink.append(*one)
    return tmp_path / "a.json"


def test_pycocotools_reads_images_annotations_and_category(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    coco = COCO(path)
    assert "index created" in capsys.readouterr().out
    assert [image["file_name"] for image in coco.loadImgs(coco.getImgIds())] == [
        "frame_000000.png",
        "frame_000001.png",
        GIVEN[2][0].name,
    ]
    assert (coco.imgs[0]["width"], coco.imgs[0]["height"]) == GIVEN[0][0].size
    (category,) = coco.loadCats(coco.getCatIds(catNms=["face"]))
    assert tuple(category["keypoints"]) == KEYPOINTS
    assert [(a - 1, b - 1) for a, b in category["skeleton"]] == list(SKELETON)
    assert [len(coco.getAnnIds(imgIds=[image])) for image in (0, 1, 2)] == [2, 0, 1]
    assert 0 not in coco.anns


def test_the_numbers_are_those_of_the_faces(path: Path) -> None:
    coco = COCO(path)
    second = coco.loadAnns(coco.getAnnIds(imgIds=[0]))[1]
    given: Faces = GIVEN[0][1][1]
    keypoints = np.reshape(second["keypoints"], (15, 3))
    assert np.abs(keypoints[:, :2] - given.points[0]).max() < 0.00501
    assert (keypoints[:, 2] == 2).all()
    left, top, right, bottom = given.boxes[0]
    assert second["bbox"] == pytest.approx([left, top, right - left, bottom - top], abs=0.011)
    assert second["area"] == pytest.approx((right - left) * (bottom - top), rel=1e-3)
    assert (second["track_id"], second["score"], second["num_keypoints"]) == (7, 0.5, 15)
    assert second["confidence"] == [0.877] * 15


def average_precision(truth: COCO, results: list[dict]) -> float:
    evaluation = COCOeval(truth, truth.loadRes(results), "keypoints")
    evaluation.params.kpt_oks_sigmas = np.full(15, 0.05)
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    return float(evaluation.stats[0])


def test_pycocotools_scores_the_annotations_as_results(path: Path) -> None:
    truth, results = COCO(path), json.loads(path.read_text(encoding="utf-8"))["annotations"]
    assert average_precision(truth, results) == pytest.approx(1)
    for result in results:
        result["keypoints"] = [value + 40 for value in result["keypoints"]]
    assert average_precision(truth, results) == pytest.approx(0)


def test_a_file_without_frames_is_a_file(tmp_path: Path) -> None:
    with open_points(tmp_path / "a.json"):
        pass
    coco = COCO(tmp_path / "a.json")
    assert coco.getImgIds() == coco.getAnnIds() == []


def test_where_no_further_file_can_be_opened_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(**_: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("tracker.sinks.coco.tempfile.TemporaryFile", refused)
    with pytest.raises(OutputError, match=r"a\.json cannot be written: Too many open files"):
        CocoSink(tmp_path / "a.json")
