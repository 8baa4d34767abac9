"""Files of trainings and reports: written whole or not at all, and read or refused in a sentence."""

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.errors import InputError
from tracker.sinks.base import writing


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Gives a path to write to, which takes the place of `path` in the end; nothing of it is left if that fails.

    Raises:
        OutputError: the disk is full, writing is not permitted, or anything else. What was there is still there.
    """
    part = path.with_name(f".part-{path.name}")  # the ending stays, for Keras and numpy go by it
    with writing(path):
        try:
            yield part
            part.replace(path)
        except BaseException:
            with suppress(OSError):
                part.unlink()
            raise


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Writes JSON at once.

    Raises:
        OutputError: it cannot be written.
    """
    with replacing(path) as part:
        part.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def write_arrays(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Writes arrays to an .npz at once.

    Raises:
        OutputError: it cannot be written.
    """
    with replacing(path) as part:
        np.savez_compressed(part, **arrays)  # type: ignore[arg-type] # the names are ours


def read_json(path: Path) -> dict[str, Any]:
    """Reads what `write_json` wrote.

    Raises:
        InputError: it is not there, or is something else.
    """
    with _reading(path):
        return dict(json.loads(path.read_text(encoding="utf-8")))


def read_arrays(path: Path, *names: str) -> list[NDArray[Any]]:
    """Reads arrays of an .npz, in the order of the names.

    Raises:
        InputError: it is not there, is something else, or lacks one of them.
    """
    with _reading(path), path.open("rb") as file, np.load(file) as arrays:  # numpy leaves what it opens itself open
        return [arrays[name] for name in names]


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from None
    except (ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise InputError(f"{path} is damaged, or not what a training writes: {error}.") from None
