"""What a model is to the training: parts that are trained one after the other and together give all outputs."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tracker.errors import InputError
from training.data.conventions import Heads
from training.fitting.options import Options

FAMILIES = ("baseline", "regions", "multibranch", "specialists", "heatmap")


@dataclass(frozen=True, slots=True)
class Part:
    """One network of a model.

    Attributes:
        name: what its files are called.
        outputs: which of the outputs (see `Heads`) it gives, in its own order.
        build: makes the network with random weights: from images (N, 96, 96, 1) float32, 0 to 255, to a dictionary
            with `points` (N, len(outputs), 2) in pixels, and perhaps `maps`.
        start: the part whose trained weights it starts from: built alike, but with more outputs.
        helper: whether it only serves those that come after it.
        share: for how much of the epochs it is trained.
    """

    name: str
    outputs: tuple[int, ...]
    build: Callable[[], Any]
    start: str | None = None
    helper: bool = False
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of model.

    Attributes:
        name: how the command line calls it.
        title: what it is, in one line.
        options: how it is trained unless told otherwise.
        parts: its networks, for given outputs, in the order in which they are trained.
    """

    name: str
    title: str
    options: Options
    parts: Callable[[Heads], list[Part]]


def find_family(name: str) -> Family:
    """Returns the family of a name.

    Raises:
        InputError: there is none.
    """
    if name not in FAMILIES:
        raise InputError(f"There is no model called {name!r}; there are {', '.join(FAMILIES)}.")
    family: Family = importlib.import_module(f"training.models.{name}").FAMILY
    return family
