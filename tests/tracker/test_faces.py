import numpy as np
import pytest

from tracker import KEYPOINTS, Faces
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
