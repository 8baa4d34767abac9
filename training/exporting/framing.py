"""Measures how the faces of a training set are framed, so that the tracker can cut its crops alike."""

import numpy as np
from numpy.typing import NDArray

from tracker.crop import CROP_SIZE, DEFAULT_FRAMING, Framing
from tracker.keypoints import LEFT_EYE, LIPS, MOUTH_CORNERS, RIGHT_EYE

SMALLEST = CROP_SIZE / 20
"""Distances below this, in pixels, are no measure of a face."""
RATIOS = np.arange(160, 301) / 200
"""What is tried as `eyes_in_side / mouth_in_side`: 0.8 to 1.5."""
PROPORTION = DEFAULT_FRAMING.eyes_in_side / DEFAULT_FRAMING.mouth_in_side
"""Distance from eyes to mouth in eye distances of a face seen from the front."""
_MIDDLE = (CROP_SIZE - 1) / 2


def measure_framing(points: NDArray[np.floating]) -> Framing:
    """Measures the framing with which the tracker's crops show faces as a training set does.

    The side of a crop is the larger of two distances in the face, each times a factor. Of all ratios of the factors
    that one is taken with which the sides of the training images, all 96 pixels, come out with the least mean deviation
    of their logarithms; if several are as good, the one nearest to `PROPORTION`. The factors are such that the median
    side is 96. The centre is where the middle of the image lies between the median heights of eyes and mouth.

    The mouth's place is the mean of corners and lips; rows with both corners only, or both lips only, will do. Where no
    row has them, faces are taken to have the proportions of `PROPORTION`, and where no row has both eyes either, or the
    labels are no faces, the framing is the tracker's own.

    Args:
        points: (N, 15, 2) pixels of 96x96 images, NaN where there is no label.

    Returns:
        The framing.
    """
    points = np.asarray(points, np.float64)
    left, right, mouth = points[:, LEFT_EYE], points[:, RIGHT_EYE], _mouths(points)
    known = ~np.isnan(left + right + mouth).any(axis=1)
    if not known.any():
        known = ~np.isnan(left + right).any(axis=1)
        mouth = (left + right) / 2
        mouth[:, 1] += PROPORTION * np.linalg.norm(left - right, axis=1)
    if not known.any():
        return DEFAULT_FRAMING
    left, right, mouth = left[known], right[known], mouth[known]
    middle = (left + right) / 2
    eyes, down = np.linalg.norm(left - right, axis=1), np.linalg.norm(mouth - middle, axis=1)
    top, bottom = np.median(middle[:, 1]), np.median(mouth[:, 1])
    if min(np.median(eyes), bottom - top) < SMALLEST:
        return DEFAULT_FRAMING
    sides = np.maximum(np.maximum(RATIOS[:, None] * eyes, down), SMALLEST)
    factors = CROP_SIZE / np.median(sides, axis=1)
    deviation = np.abs(np.log(sides * factors[:, None] / CROP_SIZE)).mean(axis=1)
    least = deviation <= deviation.min() + 1e-9  # several, if faces are all alike
    best = int(np.where(least, np.abs(RATIOS - PROPORTION), np.inf).argmin())
    weight = (bottom - _MIDDLE) / (bottom - top)
    return Framing(float(RATIOS[best] * factors[best]), float(factors[best]), float(weight))


def _mouths(points: NDArray[np.floating]) -> NDArray[np.float64]:
    """Returns the middles of the mouths (N, 2): of corners and lips, or of the pair that has labels; NaN without."""
    pairs = np.stack([points[:, list(pair)].mean(axis=1) for pair in (MOUTH_CORNERS, LIPS)])
    known = ~np.isnan(pairs).any(axis=2, keepdims=True)
    total, count = np.where(known, pairs, 0).sum(axis=0), known.sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
