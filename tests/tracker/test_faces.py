from dataclasses import replace

import numpy as np
import pytest

from tests.tracker.sinks.test_streams import hide
from tracker import KEYPOINTS, Faces, OutputError
from tracker.drawing import draw_faces
from tracker.keypoints import MIRROR, REGIONS

THREE = Faces(
    np.arange(90).reshape(3, 15, 2),
    np.full((3, 15), 0.5),
    np.zeros((3, 4)),
    np.array([0.9, 0.8, 0.7]),
    np.array([4, 6, 9]),
)


def test_arrays_have_their_types_and_shapes() -> None:
    assert THREE.points.dtype == THREE.boxes.dtype == np.float32
    assert THREE.ids.dtype == np.int64
    assert len(Faces.empty()) == 0


@pytest.mark.parametrize("name", ["confidence", "boxes", "scores", "ids"])
def test_a_wrong_shape_is_refused(name: str) -> None:
    arrays = {field: getattr(THREE, field) for field in ("points", "confidence", "boxes", "scores", "ids")}
    with pytest.raises(ValueError, match=name):
        Faces(**(arrays | {name: arrays[name][:2]}))


def test_faces_are_chosen_by_slice_mask_and_index() -> None:
    assert THREE[1:].ids.tolist() == [6, 9]
    assert THREE[THREE.scores > 0.75].ids.tolist() == [4, 6]
    assert THREE[-1].ids.tolist() == [9]


def test_measures_are_chosen_along_and_checked() -> None:
    faces = replace(THREE, measures={"yaw": [1, 2, 3]})
    assert faces[1:].measures["yaw"].tolist() == [2, 3]
    assert faces[faces.scores > 0.75].measures["yaw"].dtype == np.float32
    with pytest.raises(ValueError, match="yaw"):
        replace(THREE, measures={"yaw": [1, 2]})


def test_faces_are_iterated_one_by_one() -> None:
    assert [face.id for face in THREE] == [4, 6, 9]
    assert [face.points.shape for face in THREE] == [(15, 2)] * 3


def test_mirroring_keypoints_swaps_left_and_right() -> None:
    assert [MIRROR[MIRROR[index]] for index in range(15)] == list(range(15))
    assert KEYPOINTS[MIRROR[KEYPOINTS.index("left_eyebrow_outer_end")]] == "right_eyebrow_outer_end"
    assert KEYPOINTS[MIRROR[KEYPOINTS.index("mouth_left_corner")]] == "mouth_right_corner"
    assert KEYPOINTS[MIRROR[KEYPOINTS.index("nose_tip")]] == "nose_tip"


def test_regions_share_out_the_keypoints() -> None:
    assert {name: len(members) for name, members in REGIONS.items()} == {"eyes_nose": 7, "mouth_brows": 8}
    assert sorted(index for members in REGIONS.values() for index in members) == list(range(15))


@pytest.mark.parametrize("shift", [0, -5000, 1e9])
def test_drawing_changes_a_copy_only(shift: float) -> None:
    image = np.zeros((100, 100, 3), np.uint8)
    faces = Faces(THREE.points + shift, THREE.confidence, THREE.boxes, THREE.scores, THREE.ids)
    drawn = draw_faces(image, faces)
    assert not image.any()
    assert drawn.any() == (shift == 0)


def test_supervision_takes_the_faces() -> None:
    supervision = pytest.importorskip("supervision", reason="supervision is not installed.")
    points = THREE.to_supervision()
    assert isinstance(points, supervision.KeyPoints)
    assert len(points) == 3
    assert (points.xy == THREE.points).all()
    assert (points.keypoint_confidence == THREE.confidence).all()
    assert (points.detection_confidence == THREE.scores).all()
    chosen = points[points.detection_confidence > 0.75]
    assert chosen.data["ids"].tolist() == [4, 6]
    points.xy += 1
    assert (points.xy != THREE.points).all()
    assert len(Faces.empty().to_supervision()) == 0
    canvas = np.zeros((100, 100, 3), np.uint8)
    assert supervision.VertexAnnotator(radius=2).annotate(canvas, points).any()


def test_without_supervision_its_command_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, "supervision")
    with pytest.raises(OutputError, match=r'pip install "fkd\[supervision\]"'):
        THREE.to_supervision()


def test_joined_faces_come_one_after_the_other_with_the_measures_that_all_have() -> None:
    first = replace(THREE, measures={"yaw": np.arange(3), "pitch": np.ones(3)})
    second = replace(THREE[1:], measures={"pitch": np.zeros(2), "roll": np.zeros(2)})
    whole = Faces.joined([first, Faces.empty(), second])
    assert whole.ids.tolist() == [4, 6, 9, 6, 9]
    assert {name: values.tolist() for name, values in whole.measures.items()} == {"pitch": [1, 1, 1, 0, 0]}
    np.testing.assert_array_equal(whole[3:].points, THREE.points[1:])
    assert len(Faces.joined([])) == 0
