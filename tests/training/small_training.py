"""A training of seconds without chance in it.

The network has convolutions, batch normalisation and maps as the one that ships. It has no dropout, which no two
devices draw alike.
"""

from dataclasses import replace
from pathlib import Path

import keras
from keras import layers

from training.data.competition import read_dataset
from training.data.conventions import Heads
from training.fitting.devices import Devices
from training.fitting.train import train_part
from training.models import Part, find_family
from training.models.layers import coordinates, pixels


def build() -> keras.Model:
    """A normalised convolution, from which come coordinates and maps."""
    image, x = pixels()
    x = layers.AveragePooling2D(4)(x)
    x = layers.Conv2D(4, 3, padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization(momentum=0.8)(x))
    maps = layers.Permute((2, 1))(layers.Reshape((24 * 24, 15))(layers.Conv2D(15, 1)(x)))
    points = coordinates(layers.Flatten()(layers.MaxPooling2D(2)(x)), 15)
    return keras.Model(image, {"points": points, "maps": maps})


def train(data: str, run: str, choice: str) -> None:
    """Trains for three epochs, all rows but six."""
    devices = Devices(choice)
    faces = read_dataset(Path(data)).training
    options = replace(find_family("baseline").options, epochs=3, batch=8, averaging=0.5, augment="moderate")
    part = Part("joint", tuple(range(15)), build)
    train_part(part, Path(run), faces[6:], faces[:6], Heads(), options, devices, verbose=0)
