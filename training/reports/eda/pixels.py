"""Gray levels before and after normalisation, and how light differs from image to image."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from training.data.dataset import Dataset, Faces96
from training.reports.eda.common import percent
from training.reports.page import Page
from training.reports.style import COLOURS, figure

LEVELS = 256
_BLOCK = 512
_ABOVE_ONE = float(np.nextafter(np.float32(1), np.float32(2)))
"""OpenCV leaves out the upper end of a histogram, which white pixels are at."""
_TRAINING, _TEST = COLOURS[7], COLOURS[2]


@dataclass(frozen=True, slots=True)
class Levels:
    """The gray levels of a set of images.

    Attributes:
        raw: (256,) share of pixels at each level 0 to 255.
        normalised: (256,) share of pixels in each of 256 equal steps from 0 to 1, after normalisation.
        means: (N,) mean gray level of each image, 0 to 255.
        normalised_mean, normalised_deviation: of all pixels after normalisation.
    """

    raw: NDArray[np.float64]
    normalised: NDArray[np.float64]
    means: NDArray[np.float64]
    normalised_mean: float
    normalised_deviation: float


def add(page: Page, dataset: Dataset) -> dict[str, Any]:
    """Adds the section; returns its numbers."""
    training = measure(dataset.training)
    test = _measure_test(dataset)
    low, high = (float(value) for value in np.percentile(training.means, (5, 95)))
    page.section("Gray levels", *_text(training, test, low, high))
    made, ((before, after, light),) = figure(3.2, 1, 3)
    for levels, colour, name in ((training, _TRAINING, "training"), (test, _TEST, "test")):
        if levels is not None:
            _draw(before, levels.raw, LEVELS, colour, name)
            _draw(after, levels.normalised, 1, colour, name)
            shares = np.histogram(levels.means, 32, (0, LEVELS))[0] / len(levels.means)
            _draw(light, shares, LEVELS, colour, name)
    for axes, title, label in (
        (before, "as in the file", "gray level, 0 to 255"),
        (after, "normalised", "gray level, 0 to 1"),
        (light, "light of the images", "mean gray level of an image"),
    ):
        axes.set_title(title, fontsize=10)
        axes.set_xlabel(label, fontsize=9)
        axes.set_ylim(0)
    before.set_ylabel("share of pixels, %", fontsize=9)
    light.set_ylabel("share of images, %", fontsize=9)
    light.legend(fontsize=9, frameon=False)
    page.figure("pixels", made, "Gray levels of all pixels before and after normalisation, and of whole images.")
    return {
        "pixels": {
            "share_of_black_percent": 100 * float(training.raw[0]),
            "share_of_white_percent": 100 * float(training.raw[-1]),
            "normalised_mean": training.normalised_mean,
            "normalised_deviation": training.normalised_deviation,
            "image_mean_5_to_95_percentile": [low, high],
            "test_normalised_mean": None if test is None else test.normalised_mean,
        }
    }


def measure(faces: Faces96) -> Levels:
    """Measures the gray levels of at least one image."""
    raw, normalised = np.zeros(LEVELS), np.zeros(LEVELS)
    total = squares = 0.0
    means = []
    for start in range(0, len(faces), _BLOCK):  # the whole set as floats would take four times the memory
        block = faces[slice(start, start + _BLOCK)]
        raw += np.bincount(block.images.ravel(), minlength=LEVELS)
        means.append(block.images.mean(axis=(1, 2)))
        values = block.normalised().reshape(-1, 1)
        normalised += cv2.calcHist([values], [0], None, [LEVELS], [0, _ABOVE_ONE]).ravel()
        total += float(values.sum(dtype=np.float64))
        squares += float(np.square(values, dtype=np.float64).sum())
    count = raw.sum()
    mean = total / count
    deviation = np.sqrt(max(squares / count - mean**2, 0))
    return Levels(raw / count, normalised / count, np.concatenate(means), mean, float(deviation))


def _measure_test(dataset: Dataset) -> Levels | None:
    unlabelled = np.full((len(dataset.test), *dataset.training.points.shape[1:]), np.nan, np.float32)
    return measure(Faces96(dataset.test, unlabelled)) if len(dataset.test) else None


def _draw(axes: Axes, shares: NDArray[np.float64], top: float, colour: str, name: str) -> None:
    edges = np.linspace(0, top, len(shares) + 1)
    axes.stairs(100 * shares, edges, color=colour, label=name, fill=name == "training", alpha=0.8, lw=1.2)


def _text(training: Levels, test: Levels | None, low: float, high: float) -> list[str]:
    ends = training.raw[0] + training.raw[-1]
    first = (
        f"Normalisation divides by 255 and leaves the shape of the distribution as it is; afterwards the mean is "
        f"{training.normalised_mean:.3f} and the standard deviation {training.normalised_deviation:.3f}. "
        f"{percent(ends, 1):.1f} % of the pixels are fully black or white."
    )
    second = (
        f"Nine in ten images have a mean gray level between {low:.0f} and {high:.0f}. The place of a point does not "
        "depend on light, so training varies brightness and contrast at least as much."
    )
    if test is not None:
        apart = abs(float(test.means.mean()) - float(training.means.mean()))
        second += f" The test images and the training images differ by {apart:.1f} gray levels in the mean."
    return [first, second]
