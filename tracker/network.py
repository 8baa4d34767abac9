"""The keypoint network: a multi-branch CNN that turns 96x96 gray crops into 15 points with a confidence each.

One encoder of residual blocks (He et al., "Deep Residual Learning for Image Recognition", CVPR 2016) is shared. Each
region of the face (see `tracker.keypoints.REGIONS`) has a decoder branch of its own, which goes back up to 24x24 cells
and predicts one map per keypoint. A point is the mean position of its map after a softmax (soft-argmax; Sun et al.,
"Integral Human Pose Regression", ECCV 2018), computed by a fixed linear layer that holds the grid's coordinates. The
same layer gives the map's spread, and the spread gives the confidence.

Full 3x3 convolutions are used rather than depthwise ones: in 8-bit arithmetic they are the faster of the two on a CPU,
and they train in half the time.

Importing this module loads Keras, and with it TensorFlow; the tracker does so only for the Keras engine.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers

from tracker.crop import CROP_SIZE
from tracker.keypoints import COUNT, REGIONS

MAP_SIZE = 24
CELL = CROP_SIZE / MAP_SIZE
Tensor = Any


def build_network(name: str = "multibranch", regions: Mapping[str, Sequence[int]] = REGIONS) -> keras.Model:
    """Builds the network, with random weights.

    Args:
        name: what the model is called.
        regions: the points that each branch predicts, by their places in the output, which together are 0 to K - 1;
            K is 15 for the network that ships.

    Returns:
        A model from crops (N, 96, 96, 1) float32, gray levels 0 to 255, to a dictionary of
        `points` (N, K, 2) float32, crop pixels with (0, 0) at the centre of the top-left one;
        `confidence` (N, K) float32, 0 to 1;
        `maps` (N, K, 576) float32, logarithms of the maps up to a constant, row by row of 24x24 cells.
    """
    merged_order = [index for members in regions.values() for index in members]
    count = len(merged_order)
    pixels = keras.Input((CROP_SIZE, CROP_SIZE, 1), name="crop")
    fine, middle, coarse = _encoder(layers.Rescaling(1 / 127.5, offset=-1.0, name="normalise")(pixels))
    branches = [_branch(fine, middle, coarse, len(members), region) for region, members in regions.items()]
    merged = layers.Concatenate(name="merge")(branches)
    maps = layers.Permute((2, 1))(layers.Reshape((MAP_SIZE * MAP_SIZE, count))(merged))
    maps = keras.ops.take(maps, np.argsort(merged_order), axis=1)
    moments = _moments(maps)
    points, mean, mean_square = moments[..., :2], moments[..., 2:4], moments[..., 4:]
    spread = mean_square - keras.ops.sum(mean * mean, axis=-1, keepdims=True)
    confidence = _confidence(spread, count)
    return keras.Model(pixels, {"points": points, "confidence": confidence, "maps": maps}, name=name)


def inference_model(network: keras.Model) -> keras.Model:
    """Returns the part of the network that the tracker runs.

    Returns:
        A model from crops (N, 96, 96, 1) float32 to (N, 15, 3) float32: x, y and confidence of each keypoint. It shares
        its weights with `network`.
    """
    points, confidence = network.output["points"], network.output["confidence"]
    if points.shape[1] > COUNT:
        points, confidence = points[:, :COUNT], confidence[:, :COUNT]
    confidence = layers.Reshape((COUNT, 1), name="column")(confidence)
    merged = layers.Concatenate(name="points_confidence")([points, confidence])
    return keras.Model(network.input, merged, name=f"{network.name}_inference")


def _encoder(pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Returns features at 24x24, 12x12 and 6x6."""
    half = _convolution(pixels, 16, stride=2)
    fine = _residual(_convolution(half, 32, stride=2), 32)
    middle = _residual(_convolution(fine, 64, stride=2), 64)
    coarse = _residual(_residual(_convolution(middle, 96, stride=2), 96), 96)
    return fine, middle, coarse


def _branch(fine: Tensor, middle: Tensor, coarse: Tensor, keypoints: int, region: str) -> Tensor:
    """Returns one map per keypoint of a region, (N, 24, 24, keypoints), from features coarse to fine."""
    x = _join(coarse, middle, 48)
    x = _convolution(x, 48)
    x = _join(x, fine, 32)
    x = _convolution(x, 32)
    return layers.Conv2D(keypoints, 1, name=f"{region}_maps")(x)


def _join(coarse: Tensor, fine: Tensor, channels: int) -> Tensor:
    """Adds features of one level to those of the level twice as fine."""
    up = layers.UpSampling2D(2, interpolation="bilinear")(_convolution(coarse, channels, size=1, activation=False))
    return layers.ReLU()(layers.Add()([up, _convolution(fine, channels, size=1, activation=False)]))


def _residual(x: Tensor, channels: int) -> Tensor:
    y = _convolution(x, channels)
    y = _convolution(y, channels, activation=False)
    return layers.ReLU()(layers.Add()([x, y]))


def _convolution(x: Tensor, channels: int, *, size: int = 3, stride: int = 1, activation: bool = True) -> Tensor:
    x = layers.Conv2D(channels, size, stride, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.98)(x)
    return layers.ReLU()(x) if activation else x


def _moments(maps: Tensor) -> Tensor:
    """Returns means over maps (N, K, 576): (N, K, 5).

    The first two are of x and y in crop pixels, the next two the same in half crops from the crop's centre, the last of
    the square of their distance from the centre. That the points need no arithmetic after this layer matters to the
    8-bit model, which does such arithmetic in 256 steps.
    """
    pixels = np.arange(MAP_SIZE) * CELL + (CELL - 1) / 2
    y, x = np.meshgrid(pixels, pixels, indexing="ij")
    across, down = ((axis - (CROP_SIZE - 1) / 2) / (CROP_SIZE / 2) for axis in (x, y))
    grid = np.stack([x, y, across, down, across**2 + down**2], axis=-1).reshape(-1, 5)
    layer = layers.Dense(5, use_bias=False, trainable=False, name="grid")
    moments = layer(layers.Softmax(name="softmax")(maps))
    layer.set_weights([grid.astype(np.float32)])
    return moments


def _confidence(spread: Tensor, count: int) -> Tensor:
    """Returns the confidence (N, K) of maps with the given spread (N, K, 1): a logistic curve of its logarithm.

    The curve's two numbers are fitted after training (see `training.calibrate`); they are weights like all others.
    """
    layer = layers.Dense(1, activation="sigmoid", trainable=False, name="confidence_curve")
    curve = layer(keras.ops.log(keras.ops.maximum(spread, 1e-4)))
    return layers.Reshape((count,), name="confidence")(curve)
