"""Keeps packages from importing others that are not needed."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def hidden(*names: str) -> Iterator[None]:
    """Makes packages that are not imported yet look as if they were not installed, for a moment."""
    absent = [name for name in names if name not in sys.modules]
    for name in absent:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


def import_tensorflow() -> None:
    """Imports TensorFlow and Keras without pandas and matplotlib, which Keras would load and only our reports use.

    It takes two thirds of the time, for Python does not look through a million new objects either, again and again, for
    some that could go. For our own programs only: in a process where this was called Keras neither takes tables of
    pandas nor draws.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        with hidden("pandas", "matplotlib"):
            import keras  # noqa: F401
            import tensorflow  # noqa: F401
    finally:
        gc.freeze()
        if collects:
            gc.enable()
