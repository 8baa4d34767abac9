"""Keeps packages from importing others that are not needed."""

import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType


@contextmanager
def hidden(*names: str, empty: Sequence[str] = ()) -> Iterator[None]:
    """Makes packages that are not imported yet look, for a moment, as if they were not installed, or held nothing."""
    stand_ins: dict[str, ModuleType | None] = dict.fromkeys(names) | {name: ModuleType(name) for name in empty}
    unused = {name: module for name, module in stand_ins.items() if name not in sys.modules}
    sys.modules.update(unused)  # type: ignore[arg-type]  # None is how Python notes that there is none
    try:
        yield
    finally:
        for name in unused:
            sys.modules.pop(name, None)


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
