"""The whole way on real faces: accuracy on labelled pictures, ids on clips."""

from pathlib import Path

import pytest

from tracker import Faces, Frame, Tracker, open_source
from training.data.face_set import data_folder, read_face_set
from training.evaluate import evaluate

CLIPS = data_folder() / "clips"
pytestmark = pytest.mark.skipif(not CLIPS.is_dir(), reason=f"The clips are not in {CLIPS}; FKD_DATA can name a folder.")


def follow(path: Path) -> list[tuple[Frame, Faces]]:
    with Tracker() as tracker, open_source(path) as source:
        return list(tracker.track(source))


@pytest.mark.parametrize("name", ["intel_head-pose-face-detection-female.mp4", "cap13_edit2.mp4"])
def test_one_face_keeps_one_id(name: str) -> None:
    seen = follow(CLIPS / name)
    alone = [faces.ids[0] for _, faces in seen if len(faces) == 1]
    assert len(alone) >= 0.99 * len(seen)
    assert set(alone) == {0}


def test_three_people_keep_their_ids() -> None:
    seen = follow(CLIPS / "intel_face-demographics-walking-and-pause.mp4")
    assert {face for _, faces in seen for face in faces.ids.tolist()} == {0, 1, 2}
    for _, faces in seen:
        middles = faces.points[:, :, 0].mean(axis=1)
        assert len(set(faces.ids.tolist())) == len(faces) == len(set(middles.round()))
    first, last = seen[0][1], seen[-1][1]
    order = [faces.ids[faces.points[:, 10, 0].argsort()].tolist() for faces in (first, last)]
    assert order[0] == order[1]  # nobody passes anybody in this clip


def test_a_face_that_goes_leaves_nothing_behind() -> None:
    gone = 72  # the picture is cut to a cartoon here
    seen = follow(CLIPS / "face_noface.mov")
    assert all(len(faces) == 1 for _, faces in seen[:gone])
    end = seen[gone][0].time + 0.5
    afterwards = [faces for frame, faces in seen if frame.time > end]
    assert len(afterwards) > 60
    assert sum(len(faces) > 0 for faces in afterwards) <= 0.02 * len(afterwards)


@pytest.mark.parametrize("weights", ["keypoints_int8.tflite", "keypoints_float32.tflite"])
def test_accuracy_on_faces_in_the_wild(weights: str) -> None:
    faces = read_face_set(data_folder(), ["afw"])
    with Tracker(weights=Path(__file__).parents[1] / "weights" / weights) as tracker:
        summary = evaluate(tracker.detect, faces).summary()
    assert summary["found_percent"] >= 99.5
    assert summary["mean_error_percent"] <= 3.6
    assert summary["failures_percent"] <= 1.2
    assert summary["rank_correlation_of_confidence_and_error"] <= -0.4
