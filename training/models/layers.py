"""What the coordinate networks share. Stock Keras layers only, so that a saved model loads anywhere."""

from typing import Any

import keras
from keras import layers

from tracker.crop import CROP_SIZE

Tensor = Any


def pixels() -> tuple[Tensor, Tensor]:
    """Returns the input, gray levels 0 to 255, and the same normalised to [0, 1]."""
    image = keras.Input((CROP_SIZE, CROP_SIZE, 1), name="crop")
    return image, layers.Rescaling(1 / 255, name="normalise")(image)


def stage(x: Tensor, filters: int, size: int, name: str) -> Tensor:
    """One convolution and one pooling stage."""
    x = layers.Conv2D(filters, size, activation="relu", name=f"{name}_convolution")(x)
    return layers.MaxPooling2D(2, name=f"{name}_pooling")(x)


def dense(x: Tensor, units: int, dropout: float, name: str) -> Tensor:
    """A dense layer with dropout."""
    x = layers.Dense(units, activation="relu", name=f"{name}_dense")(x)
    return layers.Dropout(dropout, name=f"{name}_dropout")(x)


def coordinates(x: Tensor, count: int, name: str = "coordinates") -> Tensor:
    """2 * count linear outputs as points (N, count, 2) in pixels; 0 is the image's centre, 1 its half width away."""
    half = CROP_SIZE / 2
    x = layers.Dense(2 * count, name=f"{name}_{count}", dtype="float32")(x)
    x = layers.Reshape((count, 2), name=f"{name}_pairs")(x)
    return layers.Rescaling(half, offset=half - 0.5, name=f"{name}_pixels", dtype="float32")(x)
