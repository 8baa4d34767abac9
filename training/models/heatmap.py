"""The family that ships: a map per keypoint from a branch per region, and soft-argmax (see `tracker.network`)."""

from typing import TYPE_CHECKING

from training.data.conventions import Heads
from training.fitting.options import Options
from training.models.base import Family, Part

if TYPE_CHECKING:
    import keras


def build(heads: Heads) -> "keras.Model":
    """Builds the network for the outputs of `heads`."""
    from tracker.network import build_network  # takes seconds, and wrong options should be told before

    return build_network("heatmap", heads.regions())


def _parts(heads: Heads) -> list[Part]:
    return [Part("joint", tuple(range(len(heads))), lambda: build(heads))]


FAMILY = Family(
    "heatmap",
    "a 24x24 map per keypoint from a branch per region, and soft-argmax",
    Options(model="heatmap", loss="wing", augment="strong", epochs=60, learning_rate=3e-3, averaging=0.998),
    _parts,
)
