"""Six networks for six groups of keypoints, each started from a joint network and trained on the rows it can use.

Nouri, "Using convolutional neural nets to detect facial keypoints tutorial", 2014.
"""

from training.data.conventions import Heads
from training.fitting.options import Options
from training.models.base import Family, Part
from training.models.baseline import build

JOINT = "joint"


def _parts(heads: Heads) -> list[Part]:
    everything = tuple(range(len(heads)))
    joint = Part(JOINT, everything, lambda: build(len(everything)), helper=True)
    return [joint, *(_part(name, outputs) for name, outputs in heads.groups().items())]


def _part(name: str, outputs: tuple[int, ...]) -> Part:
    return Part(name, outputs, lambda: build(len(outputs), name), start=JOINT, share=0.2)


FAMILY = Family(
    "specialists",
    "six baseline networks for six groups of keypoints, started from a joint one",
    Options(model="specialists", loss="mse", augment="none", epochs=50, learning_rate=1e-3, patience=12),
    _parts,
)
