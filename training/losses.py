"""Losses and metrics of the map network.

Targets are (N, 15, 3): x, y in crop pixels and a weight; a weight below 0 marks a crop without a face.
"""

from typing import Any

import keras
import numpy as np
from keras import ops

from tracker.keypoints import LEFT_OUTER_CORNER, RIGHT_OUTER_CORNER
from tracker.network import CELL, MAP_SIZE

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
        weight = ops.maximum(y_true[..., 2:], 0.0)
        error = ops.abs(ops.where(weight > 0, y_true[..., :2] - y_pred, 0.0))
        offset = self.width - self.width * np.log1p(self.width / self.curvature)
        wing = ops.where(error < self.width, self.width * ops.log1p(error / self.curvature), error - offset)
        return ops.mean(wing * weight, axis=(1, 2))


class MapLoss(keras.losses.Loss):
    """Cross-entropy between the maps and a Gaussian around the point; an even map where there is no face.

    It makes a map what its softmax looks like, a distribution over where the point is, so that its spread says how
    sure the network is.
    """

    def __init__(self, sigma: float = 3.0, name: str = "map_cross_entropy") -> None:
        super().__init__(name=name)
        self.sigma = sigma
        centres = (np.arange(MAP_SIZE) * CELL + (CELL - 1) / 2).astype(np.float32)
        self.grid_y, self.grid_x = (axis.reshape(-1) for axis in np.meshgrid(centres, centres, indexing="ij"))

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
    """Mean distance of the points from the labels in % of the distance between the outer eye corners, (N,)."""
    distance = ops.norm(y_true[..., :2] - y_pred, axis=-1)
    eyes = ops.norm(y_true[:, LEFT_OUTER_CORNER, :2] - y_true[:, RIGHT_OUTER_CORNER, :2], axis=-1)
    face = ops.cast(y_true[:, 0, 2] >= 0, distance.dtype)
    return 100 * face * ops.mean(distance, axis=-1) / ops.maximum(eyes, 1.0)
