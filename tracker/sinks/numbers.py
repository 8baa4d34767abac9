"""The numbers of a frame's faces as one table, from which every sink of points takes them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tracker.faces import Faces
from tracker.frame import Frame
from tracker.keypoints import COUNT, KEYPOINTS

BOX_COLUMNS = ("x0", "y0", "x1", "y1")
POINT_COLUMNS = tuple(f"{name}_{value}" for name in KEYPOINTS for value in ("x", "y", "confidence"))
NUMBERS = (*BOX_COLUMNS, "score", *POINT_COLUMNS)
"""What the columns of `numbers` hold."""

_FIRST = len(BOX_COLUMNS) + 1
_SCALE = np.array([100.0] * 4 + [1000.0] + [100.0, 100.0, 1000.0] * COUNT)


def numbers(faces: Faces) -> NDArray[np.float64]:
    """Returns the columns of `NUMBERS` (N, 50) float64: coordinates in pixels, scores and confidence from 0 to 1."""
    count = len(faces)
    table = np.empty((count, len(NUMBERS)))
    table[:, : _FIRST - 1], table[:, _FIRST - 1] = faces.boxes, faces.scores
    points = points_of(table)
    points[:, :, :2], points[:, :, 2] = faces.points, faces.confidence
    return table


def rounded(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns the table with coordinates to a hundredth of a pixel, scores and confidence to a thousandth."""
    return np.asarray(np.rint(table * _SCALE) / _SCALE)


def name_of(frame: Frame) -> str | None:
    """Returns a picture's file name as text; bytes in it that are no text, as old disks have, become `\\udcff`."""
    return None if frame.name is None else frame.name.encode("utf-8", "backslashreplace").decode()


def points_of(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns the points of a table as a view (N, 15, 3): x, y and confidence."""
    return table[:, _FIRST:].reshape(len(table), COUNT, 3)


def measures_of(faces: Faces, names: Sequence[str]) -> list[list[float | None]]:
    """Returns these measures of every face to a ten-thousandth, None where there is none."""
    table = np.stack([faces.measures[name] for name in names], axis=1).astype(np.float64).round(4)
    rows: list[list[float | None]] = np.where(np.isfinite(table), table, np.array(None)).tolist()
    return rows
