"""The one form in which every training and every report sees its data."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.crop import CROP_SIZE
from tracker.keypoints import COUNT, INDEX, KEYPOINTS

FIRST, SECOND = 0, 1
"""The two kinds of rows: labelled with (nearly) all points, and with no more than the four of `SPARSE`."""
SPARSE = tuple(INDEX[name] for name in ("left_eye_center", "right_eye_center", "nose_tip", "mouth_center_bottom_lip"))
"""The keypoints that rows of the second kind carry."""
_DENSE = np.setdiff1d(np.arange(COUNT), SPARSE)


@dataclass(frozen=True, slots=True)
class Faces96:
    """Labelled faces in the competition's form.

    Attributes:
        images: (N, 96, 96) uint8 gray levels.
        points: (N, 15, 2) float32 pixels; a missing cell is NaN.
    """

    images: NDArray[np.uint8]
    points: NDArray[np.float32]

    def __post_init__(self) -> None:
        count = len(self.images)
        if self.images.shape != (count, CROP_SIZE, CROP_SIZE) or self.images.dtype != np.uint8:
            raise ValueError(f"images must be (N, 96, 96) uint8, not {self.images.shape} {self.images.dtype}")
        if self.points.shape != (count, COUNT, 2) or self.points.dtype != np.float32:
            raise ValueError(f"points must be ({count}, 15, 2) float32, not {self.points.shape} {self.points.dtype}")

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, rows: NDArray[np.integer] | NDArray[np.bool_] | slice) -> "Faces96":
        return Faces96(self.images[rows], self.points[rows])

    @property
    def labelled(self) -> NDArray[np.bool_]:
        """Which keypoints have a label, (N, 15): both of its cells are there."""
        return np.asarray(~np.isnan(self.points).any(axis=2))

    @property
    def kinds(self) -> NDArray[np.int64]:
        """The kind of each row (N,): `SECOND` where none but the four sparse keypoints has a label."""
        return np.where(self.labelled[:, _DENSE].any(axis=1), FIRST, SECOND)

    def normalised(self) -> NDArray[np.float32]:
        """The images as (N, 96, 96) float32 between 0 and 1."""
        return np.asarray(self.images / np.float32(255), np.float32)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the competition asks for: one coordinate of one keypoint of one image per row.

    Attributes:
        row_ids: (M,) int64, the RowId of the submission.
        images: (M,) int64, index into the test images.
        cells: (M,) int64, 0 to 29: twice the keypoint's index, plus one for y.
    """

    row_ids: NDArray[np.int64]
    images: NDArray[np.int64]
    cells: NDArray[np.int64]

    def kinds(self, count: int) -> NDArray[np.int64]:
        """The kind of each of `count` test images (N,): `FIRST` where more than the four sparse keypoints is asked."""
        kinds = np.full(count, SECOND, np.int64)
        kinds[self.images[np.isin(self.cells // 2, _DENSE)]] = FIRST
        return kinds


@dataclass(frozen=True, slots=True)
class Dataset:
    """Everything that was read from one place.

    Attributes:
        source: where it was read.
        digest: SHA-256 of the files' contents, in hexadecimal.
        training: the labelled faces.
        test: the test images (M, 96, 96) uint8; empty if there are none.
        test_ids: (M,) int64, their ImageIds.
        asked: what is asked for, if a table says so.
        groups: (N,) int64; rows of one group show the same person or photograph. None where nothing is known.
    """

    source: Path
    digest: str
    training: Faces96
    test: NDArray[np.uint8] = field(default_factory=lambda: np.empty((0, CROP_SIZE, CROP_SIZE), np.uint8))
    test_ids: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    asked: Asked | None = None
    groups: NDArray[np.int64] | None = None

    def test_kinds(self) -> NDArray[np.int64]:
        """The kind of each test image (M,); `FIRST` where no table says what is asked for."""
        if self.asked is None:
            return np.full(len(self.test), FIRST, np.int64)
        return self.asked.kinds(len(self.test))


CELLS = tuple(f"{name}_{axis}" for name in KEYPOINTS for axis in "xy")
"""Names of the 30 coordinates, in order."""
