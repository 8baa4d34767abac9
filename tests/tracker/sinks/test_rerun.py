from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyarrow
import pytest
import rerun
from rerun.chunk import RrdReader

from tests.tracker.sinks.given import GIVEN, faces, frame
from tests.tracker.sinks.test_streams import hide
from tracker import KEYPOINTS, InputError, OutputError
from tracker.sinks import open_outputs
from tracker.sinks.rerun import RerunSink


def entities_of(path: Path) -> dict[str, list[dict[str, Any]]]:
    """What Rerun's reader finds: the rows of each entity in the order of their frames."""
    found: dict[str, list[dict[str, Any]]] = {}
    for chunk in RrdReader(path).stream().to_chunks():
        table = chunk.to_record_batch()
        columns = {
            name: column.cast(pyarrow.int64()) if pyarrow.types.is_temporal(column.type) else column
            for name, column in zip(table.schema.names, table.columns, strict=True)
        }
        found.setdefault(chunk.entity_path, []).extend(pyarrow.table(columns).to_pylist())
    return {name: sorted(rows, key=lambda row: row.get("frame", -1)) for name, rows in found.items()}


@pytest.fixture
def entities(tmp_path: Path) -> dict[str, list[dict[str, Any]]]:
    with open_outputs(rerun=str(tmp_path / "a.rrd")) as outputs:
        for one in GIVEN:
            outputs.append(*one)
    assert outputs.written == [tmp_path / "a.rrd"]
    return entities_of(tmp_path / "a.rrd")


def test_the_reader_finds_points_on_both_timelines(entities: dict[str, list[dict[str, Any]]]) -> None:
    shown = [row for row in entities["/image/face/3"] if row.get("Points2D:positions")]
    assert [row["frame"] for row in shown] == [0, 2]
    assert [row["time"] for row in shown] == pytest.approx([0, round(1e9 * GIVEN[2][0].time)], abs=1000)
    assert np.array(shown[0]["Points2D:positions"]) == pytest.approx(GIVEN[0][1].points[0])
    assert shown[0]["Points2D:keypoint_ids"] == list(range(15))
    (other,) = [row for row in entities["/image/face/7"] if row.get("Points2D:positions")]
    assert np.array(other["Points2D:positions"]) == pytest.approx(GIVEN[0][1].points[1])


def test_a_face_that_left_is_cleared(entities: dict[str, list[dict[str, Any]]]) -> None:
    cleared = {
        name: [row["frame"] for row in rows if row.get("Clear:is_recursive") is not None]
        for name, rows in entities.items()
    }
    assert cleared["/image/face/3"] == cleared["/image/face/7"] == [1]


def test_the_reader_finds_pictures_boxes_scores_and_names(entities: dict[str, list[dict[str, Any]]]) -> None:
    pictures = [row for row in entities["/image"] if row.get("EncodedImage:blob")]
    assert [row["frame"] for row in pictures] == [0, 1, 2]
    picture = cv2.imdecode(np.frombuffer(bytes(pictures[0]["EncodedImage:blob"][0]), np.uint8), cv2.IMREAD_COLOR)
    assert np.abs(picture.astype(int) - GIVEN[0][0].image).max() < 5
    assert [row["Boxes2D:labels"] for row in entities["/image/boxes"]] == [["face 3", "face 7"], [], ["face 3"]]
    assert [row["Scalars:scalars"] for row in entities["/score/7"]] == [[0.5]]
    (context,) = [row for row in entities["/image"] if row.get("AnnotationContext:context")]
    (mapping,) = context["AnnotationContext:context"][0]
    described = mapping["class_description"]["keypoint_annotations"]
    assert tuple(keypoint["label"] for keypoint in described) == KEYPOINTS


def test_a_recording_needs_its_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a\.mp4"):
        open_outputs(rerun=str(tmp_path / "a.mp4"))


def test_a_missing_package_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, "rerun")
    with pytest.raises(OutputError, match=r'pip install "fkd\[rerun\]"'):
        RerunSink(None)


def test_a_viewer_that_does_not_start_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: rerun.RecordingStream) -> None:
        raise RuntimeError("No viewer here.\nMore about that.")

    monkeypatch.setattr(rerun.RecordingStream, "spawn", fail)
    with pytest.raises(OutputError, match=r"viewer cannot be started: No viewer here\.$"):
        RerunSink(None)


def test_closing_twice_is_harmless(tmp_path: Path) -> None:
    sink = RerunSink(tmp_path / "a.rrd")
    sink.append(frame(0), faces(1))
    sink.close()
    sink.close()
    assert "/image/face/1" in entities_of(tmp_path / "a.rrd")
