"""The mean image, the mean face, and how far each point spreads around its mean."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from tracker.keypoints import KEYPOINTS
from training.data.dataset import FIRST, SECOND, Dataset, Faces96
from training.reports.eda.common import KIND_COLOURS, KIND_NAMES, KIND_WORDS, ORDER, add_ellipses, names_of
from training.reports.page import Page
from training.reports.style import figure, show_face
from training.scores import rmse

GRAYS = (60, 225)
"""Gray levels between which mean images are shown."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spread:
    """Where labels lie, in pixels.

    Attributes:
        rows: (15,) how many rows have the keypoint.
        mean: (15, 2), NaN where no row has it.
        covariance: (15, 2, 2), NaN where fewer than two rows have it.
    """

    rows: NDArray[np.int64]
    mean: Floats
    covariance: Floats

    @property
    def deviation(self) -> Floats:
        """Standard deviation of x and y (15, 2) in pixels."""
        return np.asarray(np.sqrt(np.diagonal(self.covariance, axis1=1, axis2=2)))


def spread_of(points: NDArray[np.floating]) -> Spread:
    """Measures mean and spread of labels (N, 15, 2); a point counts where both of its cells are there."""
    points = np.asarray(points, np.float64)
    known = ~np.isnan(points).any(axis=2, keepdims=True)
    rows = known.sum(axis=0)
    mean = np.where(rows > 0, np.where(known, points, 0).sum(axis=0) / np.maximum(rows, 1), np.nan)
    apart = np.where(known, points - mean, 0)
    products = np.einsum("nki,nkj->kij", apart, apart) / np.maximum(rows - 1, 1)[:, :, None]
    return Spread(rows[:, 0], mean, np.where(rows[:, :, None] > 1, products, np.nan))


def mean_image(images: NDArray[np.uint8]) -> Floats:
    """The mean (96, 96) of at least one image, 0 to 255."""
    return np.asarray(images.sum(axis=0, dtype=np.uint32) / len(images))


def add(page: Page, dataset: Dataset) -> dict[str, Any]:
    """Adds the section; returns its numbers."""
    faces = dataset.training
    kinds = [kind for kind in (FIRST, SECOND) if (faces.kinds == kind).any()]
    spreads = {kind: spread_of(faces.points[faces.kinds == kind]) for kind in kinds}
    errors = {kind: _error_of_mean(faces[faces.kinds == kind], spreads[kind]) for kind in kinds}
    page.section("Mean face and spread", _text(spreads, errors))
    made, (row,) = figure(3.5, 1, 3)
    show_face(row[0], _as_levels(mean_image(faces.images)))
    row[0].set_title("mean image", fontsize=10)
    for axes, kind in zip(row[1:], kinds, strict=False):
        _draw(axes, mean_image(faces.images[faces.kinds == kind]), spreads[kind], kind)
    for axes in row[1 + len(kinds) :]:
        axes.set_visible(False)
    page.figure(
        "mean_face",
        made,
        "The mean of all images; the mean image and the mean face of each kind of row, all with contrast stretched. "
        "The ellipses end at one and two standard deviations of each point.",
    )
    for kind in kinds:
        _table(page, spreads[kind], kind)
    return {
        "rmse_of_mean_face": {KIND_WORDS[kind]: errors[kind] for kind in kinds},
        "points": {KIND_WORDS[kind]: _as_facts(spreads[kind]) for kind in kinds},
    }


def _error_of_mean(faces: Faces96, spread: Spread) -> float | None:
    """What a prediction of the mean face has as error, in pixels."""
    return rmse(np.broadcast_to(spread.mean, faces.points.shape), faces.points)


def _as_levels(image: Floats) -> NDArray[np.uint8]:
    """Stretches an image to most of the range of gray, so that the points on it stand out."""
    darkest, brightest = GRAYS
    scaled = (image - image.min()) / max(np.ptp(image), 1)
    return np.asarray(np.round(darkest + (brightest - darkest) * scaled), np.uint8)


def _draw(axes: Axes, image: Floats, spread: Spread, kind: int) -> None:
    show_face(axes, _as_levels(image), (spread.mean, KIND_COLOURS[kind], "."))
    axes.set_title(KIND_NAMES[kind], fontsize=10)
    for mean, covariance in zip(spread.mean, spread.covariance, strict=True):
        if not np.isnan(covariance).any():
            add_ellipses(axes, mean, covariance, KIND_COLOURS[kind])


def _table(page: Page, spread: Spread, kind: int) -> None:
    order = list(ORDER)
    entries = zip(names_of(order), spread.rows[order], spread.mean[order], spread.deviation[order], strict=True)
    rows = [
        (name, int(count), *(f"{value:.2f}" for value in (*mean, *deviation)))
        for name, count, mean, deviation in entries
        if count > 1
    ]
    header = ("keypoint", "rows", "mean x", "mean y", "deviation x", "deviation y")
    if rows:
        page.table(header, rows, f"Pixels; {KIND_NAMES[kind]}. Left and right are the subject's.")


def _as_facts(spread: Spread) -> dict[str, Any]:
    return {
        name: {"rows": int(spread.rows[i]), "mean": spread.mean[i].tolist(), "deviation": spread.deviation[i].tolist()}
        for i, name in enumerate(KEYPOINTS)
        if spread.rows[i] > 1
    }


def _text(spreads: dict[int, Spread], errors: dict[int, float | None]) -> str:
    kind = min(spreads)
    sizes = np.hypot(*spreads[kind].deviation.T)
    known = np.flatnonzero(~np.isnan(sizes))
    if not len(known):
        return "Fewer than two rows have a label of the same keypoint, so that no spread can be measured."
    least, most = (int(known[choose(sizes[known])]) for choose in (np.argmin, np.argmax))
    said = [f"{error:.2f} px on rows of the {KIND_WORDS[kind]} kind" for kind, error in errors.items() if error]
    return (
        f"On rows of the {KIND_WORDS[kind]} kind, {names_of((least,))[0]} lies most steadily (standard deviation "
        f"{sizes[least]:.1f} px over both axes) and {names_of((most,))[0]} spreads most ({sizes[most]:.1f} px). "
        f"Whoever answers with the mean face alone is off by a root mean square of {' and '.join(said)}: "
        "what a network learns is what it is better than that."
    )
