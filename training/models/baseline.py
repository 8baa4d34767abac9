"""The baseline: two convolution and pooling stages, dense layers with dropout, all coordinates from one vector.

It, `regions` and `multibranch` are trained as plainly as they are built, on the images as they are: what more a model
or its training does should show in a comparison with them.
"""

from typing import TYPE_CHECKING

from training.data.conventions import Heads
from training.fitting.options import Options
from training.models.base import Family, Part

if TYPE_CHECKING:
    import keras


def build(count: int, name: str = "baseline") -> "keras.Model":
    """Builds the network for `count` points."""
    import keras  # takes seconds, and wrong options should be told before
    from keras import layers

    from training.models.layers import coordinates, dense, pixels, stage

    image, x = pixels()
    x = stage(x, 16, 5, "first")
    x = stage(x, 32, 5, "second")
    x = layers.Flatten(name="flatten")(x)
    x = dense(x, 256, 0.3, "first")
    x = dense(x, 256, 0.3, "second")
    return keras.Model(image, {"points": coordinates(x, count)}, name=name)


def _parts(heads: Heads) -> list[Part]:
    outputs = tuple(range(len(heads)))
    return [Part("joint", outputs, lambda: build(len(outputs)))]


FAMILY = Family(
    "baseline",
    "two convolution and pooling stages, two dense layers with dropout, 30 outputs",
    Options(model="baseline", loss="mse", augment="none", epochs=50, learning_rate=1e-3, patience=12),
    _parts,
)
