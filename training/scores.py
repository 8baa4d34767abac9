"""How far predictions are from labels, in the ways in which people compare: per kind, region and keypoint."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.keypoints import KEYPOINTS, LEFT_EYE, REGIONS, RIGHT_EYE
from training.data.dataset import FIRST, SECOND

TEST_MIX = (0.649, 0.351)
"""Shares of the two kinds of rows in the values that the competition scores."""


def scores(points: NDArray[np.floating], labels: NDArray[np.floating], kinds: NDArray[np.int64]) -> dict[str, Any]:
    """Root mean squared errors of the labelled coordinates, in pixels.

    Args:
        points: (N, 15, 2) predictions.
        labels: (N, 15, 2), NaN where there is none.
        kinds: (N,) kinds of the rows, `FIRST` or `SECOND`.

    Returns:
        `rmse` of all labelled cells; `rmse_first` and `rmse_second` of the rows of a kind; `rmse_test_mix`, which
        weighs the two as the competition's test set does (that of the one kind where there is no other);
        `rmse_regions` and `rmse_keypoints` by name; `error_percent`, the mean distance of the points in % of the
        distance between the eye centres. None where there is nothing to score.
    """
    first, second = (rmse(points[kinds == kind], labels[kinds == kind]) for kind in (FIRST, SECOND))
    mix = first if second is None else second
    if first is not None and second is not None:
        mix = float(np.sqrt(TEST_MIX[0] * first**2 + TEST_MIX[1] * second**2))
    regions = {name: rmse(points[:, list(part)], labels[:, list(part)]) for name, part in REGIONS.items()}
    return {
        "rmse": rmse(points, labels),
        "rmse_first": first,
        "rmse_second": second,
        "rmse_test_mix": mix,
        "rmse_regions": regions,
        "rmse_keypoints": {name: rmse(points[:, i], labels[:, i]) for i, name in enumerate(KEYPOINTS)},
        "error_percent": error_percent(points, labels),
    }


def rmse(points: NDArray[np.floating], labels: NDArray[np.floating]) -> float | None:
    """Root mean squared error of the coordinates that have a label; None if none has."""
    errors = (points - labels)[~np.isnan(labels)].astype(np.float64)
    return float(np.sqrt((errors**2).mean())) if errors.size else None


def error_percent(points: NDArray[np.floating], labels: NDArray[np.floating]) -> float | None:
    """Mean distance of points from labels in % of the distance between the labelled eye centres; None without any."""
    eyes = np.linalg.norm(labels[:, LEFT_EYE] - labels[:, RIGHT_EYE], axis=1)
    distance = np.linalg.norm(points - labels, axis=2) / np.where(eyes > 0, eyes, np.nan)[:, None]
    known = distance[~np.isnan(distance)]
    return 100 * float(known.mean()) if known.size else None


def face_errors(points: NDArray[np.floating], labels: NDArray[np.floating]) -> NDArray[np.float64]:
    """Root mean squared error of each face (N,) in pixels; NaN where a face has no label."""
    squares = (np.asarray(points, np.float64) - labels) ** 2
    known = ~np.isnan(squares)
    total, count = np.where(known, squares, 0).sum(axis=(1, 2)), known.sum(axis=(1, 2))
    return np.asarray(np.sqrt(np.where(count > 0, total / np.maximum(count, 1), np.nan)))
