"""The 68 landmarks that training may learn beside the keypoints."""

from pathlib import Path

import numpy as np
import pytest

from tests.fakes import upright_points
from tracker.errors import InputError
from tracker.keypoints import COUNT, MIRROR
from training.data.face_set import LabelledFace, data_folder, read_face_set
from training.data.landmarks68 import FURTHER, LANDMARKS, MIRROR_ALL, REGIONS_ALL, with_landmarks

ALL = COUNT + len(FURTHER)


def table(folder: Path, *rows: str) -> None:
    (folder / "faces").mkdir()
    head = ",".join(["file", *(f"{axis}{index}" for index in range(LANDMARKS) for axis in "xy")])
    (folder / "faces" / "landmarks68.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")


def face(folder: Path, name: str) -> LabelledFace:
    return LabelledFace(folder / "faces" / name, "lfpw", name, True, upright_points())


def test_mirrored_twice_every_point_is_itself_and_keypoints_stay_keypoints() -> None:
    assert [MIRROR_ALL[index] for index in MIRROR_ALL] == list(range(ALL))
    assert MIRROR_ALL[:COUNT] == MIRROR


def test_every_point_belongs_to_one_branch_whose_keypoints_come_first() -> None:
    assert sorted(index for members in REGIONS_ALL.values() for index in members) == list(range(ALL))
    for members in REGIONS_ALL.values():
        further = [index >= COUNT for index in members]
        assert further == sorted(further)


def test_landmarks_are_added_where_a_face_has_them(tmp_path: Path) -> None:
    table(tmp_path, "lfpw/a.jpg," + ",".join(f"{index}.5,{100 + index}" for index in range(LANDMARKS)))
    known, unknown = with_landmarks([face(tmp_path, "lfpw/a.jpg"), face(tmp_path, "lfpw/b.jpg")], tmp_path)
    assert (known.points[:COUNT] == upright_points()).all()
    assert known.points[COUNT:].tolist() == [[index + 0.5, 100 + index] for index in FURTHER]
    assert np.isnan(unknown.points[COUNT:]).all()


@pytest.mark.parametrize("row", ["lfpw/a.jpg,1,2,3", "lfpw/a.jpg," + ",".join(["x"] * 2 * LANDMARKS)])
def test_a_wrong_row_is_named(tmp_path: Path, row: str) -> None:
    table(tmp_path, row)
    with pytest.raises(InputError, match="row 2"):
        with_landmarks([], tmp_path)


def test_pairs_lie_opposite_each_other_on_real_faces() -> None:
    folder = data_folder()
    if not (folder / "faces" / "landmarks68.csv").is_file():
        pytest.skip("The face set is not there; set FKD_DATA to its folder.")
    faces = with_landmarks(read_face_set(folder, ["lfpw"]), folder)
    shapes = np.stack([each.points - each.points[:COUNT].mean(axis=0) for each in faces])
    mean = shapes.mean(axis=0)
    width = mean[:, 0].max() - mean[:, 0].min()
    assert np.abs(mean[list(MIRROR_ALL)] * [-1, 1] - mean).max() < 0.05 * width
