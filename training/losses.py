"""Losses and metrics. All leave out what has no label before they compute with it: 0 times NaN is NaN.

Targets are (N, K, 3): x, y in crop pixels and a weight; a weight of 0 says that there is no label, and a weight below 0
that there is no face in the crop.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops

from tracker.keypoints import COUNT, LEFT_OUTER_CORNER, RIGHT_OUTER_CORNER
from tracker.network import MAP_SIZE, cell_centres

Tensor = Any


class WingLoss(keras.losses.Loss):
    """Wing loss on the points (Feng et al., "Wing Loss for Robust Facial Landmark Localisation", CVPR 2018).

    Logarithmic for errors below `width` crop pixels, so that small errors still pull, linear above.
    """

    def __init__(self, width: float = 4.0, curvature: float = 1.0, name: str = "wing") -> None:
        super().__init__(name=name)
        self.width, self.curvature = width, curvature

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Returns the loss of each sample (N,)."""
        error, weight = _error(y_true, y_pred)
        error = ops.abs(error)
        offset = self.width - self.width * np.log1p(self.width / self.curvature)
        wing = ops.where(error < self.width, self.width * ops.log1p(error / self.curvature), error - offset)
        return ops.mean(wing * weight, axis=(1, 2))


class MaskedSquaredError(keras.losses.Loss):
    """Mean squared error of the coordinates in square pixels; what has no label counts as no error."""

    def __init__(self, name: str = "masked_squared_error") -> None:
        super().__init__(name=name)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Returns the loss of each sample (N,)."""
        error, weight = _error(y_true, y_pred)
        return ops.mean(weight * ops.square(error), axis=(1, 2))


class MaskedHuber(keras.losses.Loss):
    """Huber loss of the coordinates: quadratic up to `delta` pixels, linear above."""

    def __init__(self, delta: float = 2.0, name: str = "masked_huber") -> None:
        super().__init__(name=name)
        self.delta = delta

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Returns the loss of each sample (N,)."""
        error, weight = _error(y_true, y_pred)
        size = ops.abs(error)
        huber = ops.where(size < self.delta, ops.square(error) / 2, self.delta * (size - self.delta / 2))
        return ops.mean(weight * huber, axis=(1, 2))


@dataclass(frozen=True, slots=True)
class Score:
    """A score of points over many batches, computed from two sums over their rows.

    Attributes:
        name: what it is called in histories.
        sums: from targets (N, K, 3) and points (N, K, 2) to the two numbers that are added up over batches and devices.
        value: from the two sums to the score.
    """

    name: str
    sums: Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
    value: Callable[[float, float], float]


def squared_errors(y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
    """Returns the sum of the squared errors of all labelled coordinates, in square pixels, and their number."""
    error, weight = _error(y_true, y_pred)
    known = ops.cast(weight > 0, "float32")
    return ops.sum(ops.square(error) * known), 2 * ops.sum(known)


def _error(y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
    """Returns errors (N, K, 2), 0 where there is no label, and weights (N, K, 1)."""
    weight = ops.maximum(y_true[..., 2:], 0.0)
    known = weight > 0
    return ops.where(known, ops.where(known, y_true[..., :2], 0.0) - y_pred, 0.0), weight


class MapLoss(keras.losses.Loss):
    """Cross-entropy between the maps and a Gaussian around the point; an even map where there is no face.

    It makes a map what its softmax looks like, a distribution over where the point is, so that its spread says how
    sure the network is.
    """

    def __init__(self, sigma: float = 3.0, name: str = "map_cross_entropy") -> None:
        super().__init__(name=name)
        self.sigma = sigma
        self.grid_x, self.grid_y = cell_centres().T

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """Returns the loss of each sample (N,)."""
        weight = y_true[..., 2:]
        place = ops.where(weight > 0, y_true[..., :2], 0.0)  # what is masked may be anything, even no number
        squares = (self.grid_x - place[..., 0:1]) ** 2 + (self.grid_y - place[..., 1:2]) ** 2
        gaussian = ops.softmax(-squares / (2 * self.sigma**2), axis=-1)
        wanted = ops.where(weight < 0, 1.0 / MAP_SIZE**2, gaussian)
        entropy = -ops.sum(wanted * ops.log_softmax(y_pred, axis=-1), axis=-1)
        return ops.mean(entropy * ops.abs(weight[..., 0]), axis=-1)


def error_percent(y_true: Tensor, y_pred: Tensor) -> Tensor:
    """Mean distance of the 15 keypoints from the labels in % of the distance between the outer eye corners, (N,).

    0 where there is no face in the crop.
    """
    distance = ops.norm(y_true[:, :COUNT, :2] - y_pred[:, :COUNT], axis=-1)
    eyes = ops.norm(y_true[:, LEFT_OUTER_CORNER, :2] - y_true[:, RIGHT_OUTER_CORNER, :2], axis=-1)
    return 100 * ops.where(_is_face(y_true), ops.mean(distance, axis=-1), 0.0) / ops.maximum(eyes, 1.0)


def _is_face(y_true: Tensor) -> Tensor:
    """Whether there is a face in the crop, (N,)."""
    return y_true[:, 0, 2] >= 0


def _errors_percent(y_true: Tensor, y_pred: Tensor) -> tuple[Tensor, Tensor]:
    errors = error_percent(y_true, y_pred)
    return ops.sum(errors), ops.sum(ops.cast(_is_face(y_true), errors.dtype))


RMSE = Score("rmse", squared_errors, lambda total, count: float(np.sqrt(total / max(count, 1.0))))
"""The competition's score: root of the mean squared error of all coordinates that have a label, in pixels."""
ERROR_PERCENT = Score("error_percent", _errors_percent, lambda total, count: total / max(count, 1.0))
"""The mean of `error_percent` over the rows that show a face."""
