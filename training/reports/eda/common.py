"""What the sections share: names and colours of the two kinds of rows, faces, ellipses."""

from collections.abc import Iterable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Ellipse
from numpy.typing import NDArray

from tracker.keypoints import COUNT, KEYPOINTS
from training.data.dataset import SPARSE, Faces96
from training.reports.style import COLOURS, show_face, spoken

KIND_NAMES = ("first kind (up to 15 points)", "second kind (4 points)")
KIND_WORDS = ("first", "second")
KIND_COLOURS = (COLOURS[0], COLOURS[1])
ORDER = (*SPARSE, *(index for index in range(COUNT) if index not in SPARSE))
"""Keypoints as figures list them: those that both kinds have come first."""


def names_of(keypoints: Iterable[int]) -> list[str]:
    """Names of keypoints for people."""
    return [spoken(KEYPOINTS[keypoint]) for keypoint in keypoints]


def show_row(axes: Axes, faces: Faces96, row: int, title: str) -> None:
    """Shows a face with its labels, in the colour of its kind."""
    show_face(axes, faces.images[row], (faces.points[row], KIND_COLOURS[faces[row : row + 1].kinds[0]], "o"))
    axes.set_title(title, fontsize=9)


def add_ellipses(axes: Axes, mean: NDArray[np.float64], covariance: NDArray[np.float64], colour: str) -> None:
    """Draws where one and two standard deviations end.

    Args:
        axes: where.
        mean: (2,) the centre.
        covariance: (2, 2).
        colour: of the line.
    """
    values, vectors = np.linalg.eigh(covariance)
    angle = float(np.degrees(np.arctan2(vectors[1, 1], vectors[0, 1])))
    small, large = np.sqrt(np.maximum(values, 0))
    for deviations in (1, 2):
        across, down = 2 * deviations * large, 2 * deviations * small
        line = Ellipse((mean[0], mean[1]), across, down, angle=angle, fill=False, ec=colour, lw=1.6 / deviations)
        axes.add_patch(line)


def percent(part: float, whole: float) -> float:
    """A share in per cent; 0 of nothing."""
    return 100 * part / whole if whole else 0.0
