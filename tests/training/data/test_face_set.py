"""A face set in the competition's form."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fakes import upright_points
from tests.training.face_set_files import write_face_set
from tracker.errors import InputError
from tracker.keypoints import INDEX
from training.data.competition import read_dataset
from training.data.dataset import FIRST
from training.data.face_set import read_face_set


def turned(degrees: float) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """A picture of 300x240 with a dot at each point of a turned face."""
    turn = cv2.getRotationMatrix2D((47.5, 47.5), degrees, 1.2)
    points = upright_points().astype(np.float64)
    points[:, 0] += np.linspace(-3, 3, 15) - np.linspace(-3, 3, 15).mean()
    points = points @ turn[:, :2].T + turn[:, 2] + [100, 70]
    picture = np.zeros((240, 300), np.uint8)
    for place in points:
        cv2.circle(picture, tuple(np.round(place * 16).astype(int).tolist()), 40, 255, -1, cv2.LINE_AA, 4)
    return picture, points


def test_faces_are_cut_upright_and_afw_is_the_test_set(tmp_path: Path) -> None:
    faces = [("lfpw", "a", *turned(20)), ("helen", "a", *turned(-30)), ("lfpw", "a", *turned(0))]
    folder = write_face_set(tmp_path, [*faces, ("afw", "b", *turned(5))])
    for path in (folder, folder / "faces", folder / "faces" / "faces.csv"):
        dataset = read_dataset(path)
        assert dataset.groups is not None
        assert dataset.groups.tolist() == [0, 1, 0]  # a group's name counts within its collection
        assert (len(dataset.test), dataset.test_ids.tolist(), dataset.asked) == (1, [1], None)
        assert dataset.training.kinds.tolist() == [FIRST] * 3
    for image, points in zip(dataset.training.images, dataset.training.points, strict=True):
        left, right = points[INDEX["left_eye_center"]], points[INDEX["right_eye_center"]]
        assert left[1] == pytest.approx(right[1], abs=3)
        assert left[0] > right[0]
        for x, y in points:
            assert image[round(float(y)), round(float(x))] > 200


def test_without_a_face_to_train_on_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"faces\.csv holds no face to train on"):
        read_dataset(write_face_set(tmp_path, [("afw", "b", *turned(5))]))


def test_a_table_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_face_set(tmp_path, [("lfpw", "b", *turned(5))])

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputError, match=r"faces\.csv cannot be read: Permission denied\.$"):
        read_face_set(folder)
