"""Two networks, one for the eyes and the nose (14 outputs), one for the mouth and the eyebrows (16 outputs)."""

from training.data.conventions import Heads
from training.fitting.options import Options
from training.models.base import Family, Part
from training.models.baseline import build


def _parts(heads: Heads) -> list[Part]:
    return [_part(name, outputs) for name, outputs in heads.regions().items()]


def _part(name: str, outputs: tuple[int, ...]) -> Part:
    return Part(name, outputs, lambda: build(len(outputs), name))


FAMILY = Family(
    "regions",
    "two baseline networks: eyes and nose, mouth and eyebrows",
    Options(model="regions", loss="mse", augment="none", epochs=50, learning_rate=1e-3, patience=12),
    _parts,
)
