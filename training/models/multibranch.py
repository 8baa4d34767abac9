"""One input, a shared first stage, a branch per region, merged into all coordinates."""

from typing import TYPE_CHECKING

import numpy as np

from training.data.conventions import Heads
from training.fitting.options import Options
from training.models.base import Family, Part

if TYPE_CHECKING:
    import keras

    from training.models.layers import Tensor


def build(heads: Heads) -> "keras.Model":
    """Builds the network for the outputs of `heads`."""
    import keras  # takes seconds, and wrong options should be told before
    from keras import layers

    from training.models.layers import coordinates, dense, pixels, stage

    image, x = pixels()
    x = stage(x, 16, 5, "shared")
    branches: list[Tensor] = []
    order: list[int] = []
    for region, outputs in heads.regions().items():
        y = stage(x, 32, 5, region)
        y = layers.Flatten(name=f"{region}_flatten")(y)
        y = dense(y, 256, 0.3, f"{region}_first")
        y = dense(y, 256, 0.3, f"{region}_second")
        branches.append(coordinates(y, len(outputs), region))
        order += outputs
    merged = layers.Concatenate(axis=1, name="merge")(branches)
    return keras.Model(image, {"points": keras.ops.take(merged, np.argsort(order), axis=1)}, name="multibranch")


def _parts(heads: Heads) -> list[Part]:
    return [Part("joint", tuple(range(len(heads))), lambda: build(heads))]


FAMILY = Family(
    "multibranch",
    "one input, a branch per region, merged into 30 outputs",
    Options(model="multibranch", loss="mse", augment="none", epochs=50, learning_rate=1e-3, patience=12),
    _parts,
)
