"""The keypoint network: a multi-branch CNN that turns 96x96 gray crops into 15 points with a confidence each.

One encoder of residual blocks (He et al., "Deep Residual Learning for Image Recognition", CVPR 2016) is shared. Each
region of the face (see `tracker.keypoints.REGIONS`) has a decoder branch of its own, which goes back up to 12x12
places and predicts the 2x2 cells of each of them, for one map of 24x24 cells per keypoint (sub-pixel convolution; Shi
et al., "Real-Time Single Image and Video Super-Resolution", CVPR 2016). A point is the mean position of its map after a
softmax (soft-argmax; Sun et al., "Integral Human Pose Regression", ECCV 2018), computed by a fixed linear layer that
holds the cells' places. The same layer gives the map's spread, and the spread gives the confidence.

Most multiplications are spent where the picture is coarse: what convolutions at 24x24 cost in time they hardly gain in
accuracy (see `docs/network.md`). Full 3x3 convolutions are used rather than depthwise ones: in 8-bit arithmetic they
are the faster of the two on a CPU, and they train in half the time.

Importing this module loads Keras, and with it TensorFlow; the tracker does so only for the Keras engine.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from tracker.crop import CROP_SIZE
from tracker.keypoints import COUNT, REGIONS

MAP_SIZE = 24
CELL = CROP_SIZE / MAP_SIZE
_BLOCK = 2
"""Cells per place of a branch, along each axis."""
_PLACES = (MAP_SIZE // _BLOCK) ** 2
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
        `maps` (N, K, 576) float32, logarithms of the maps up to a constant, cells in the order of `cell_centres`.
    """
    merged_order = [index for members in regions.values() for index in members]
    count = len(merged_order)
    pixels = keras.Input((CROP_SIZE, CROP_SIZE, 1), name="crop")
    middle, coarse = _encoder(layers.Rescaling(1 / 127.5, offset=-1.0, name="normalise")(pixels))
    branches = [_branch(middle, coarse, len(members), region) for region, members in regions.items()]
    merged = layers.Permute((2, 1, 3))(layers.Concatenate(axis=2, name="merge")(branches))
    maps = layers.Reshape((count, MAP_SIZE * MAP_SIZE))(merged)
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


def cell_centres() -> NDArray[np.float32]:
    """Returns where the cells of a map are: the x and y of their centres in crop pixels, (576, 2).

    They come in blocks of 2x2, the blocks row by row, and the cells of each block row by row.
    """
    row, column = np.divmod(np.arange(_PLACES), MAP_SIZE // _BLOCK)
    down, across = np.divmod(np.arange(_BLOCK**2), _BLOCK)
    cells = np.stack([_BLOCK * column[:, None] + across, _BLOCK * row[:, None] + down], axis=-1)
    return (cells.reshape(-1, 2) * CELL + (CELL - 1) / 2).astype(np.float32)


def _encoder(pixels: Tensor) -> tuple[Tensor, Tensor]:
    """Returns features at 12x12 and 6x6."""
    fine = _convolution(_convolution(pixels, 16, stride=2), 24, stride=2)
    middle = _residual(_convolution(fine, 48, stride=2), 48)
    coarse = _residual(_residual(_convolution(middle, 96, stride=2), 96), 96)
    return middle, coarse


def _branch(middle: Tensor, coarse: Tensor, keypoints: int, region: str) -> Tensor:
    """Returns the maps of a region's keypoints, (N, 144, keypoints, 4), from features coarse to fine."""
    x = _convolution(_join(coarse, middle, 32), 32)
    x = layers.Conv2D(keypoints * _BLOCK**2, 1, name=f"{region}_maps")(x)
    return layers.Reshape((_PLACES, keypoints, _BLOCK**2))(x)


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
    x, y = cell_centres().T
    across, down = ((axis - (CROP_SIZE - 1) / 2) / (CROP_SIZE / 2) for axis in (x, y))
    grid = np.stack([x, y, across, down, across**2 + down**2], axis=-1)
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
