"""Keeps what took long to parse, in the user's cache folder, under a name made from the content that was parsed."""

import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.cache import folder

Arrays = dict[str, NDArray[Any]]


def get(name: str, make: Callable[[], Arrays]) -> Arrays:
    """Returns the arrays kept under a name, or makes and keeps them. A cache that cannot be used is done without."""
    path = folder() / f"{name}.npz"
    try:
        with np.load(path, allow_pickle=False) as kept:
            return dict(kept)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        arrays = make()
    _keep(path, arrays)
    return arrays


def _keep(path: Path, arrays: Arrays) -> None:
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as place:  # goes with what a full disk left of the file
            part = Path(place) / path.name
            np.savez(part, **arrays)  # type: ignore[arg-type] # the names are ours
            part.replace(path)
