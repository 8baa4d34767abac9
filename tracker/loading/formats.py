"""Tells what a model file is by its first bytes, and why the kinds that can do more than arithmetic are refused."""

from pathlib import Path
from typing import Literal

from tracker.errors import EngineError
from tracker.loading.hdf5 import SIGNATURE

Kind = Literal["litert", "keras"]
"""What is taken: a LiteRT graph, or the arrays of a `.weights.h5`."""

_TAKEN = "the tracker takes LiteRT files (.tflite) and Keras weights (.weights.h5) of the network that ships"
_EXPORT = "a model of your own comes in by fkd train fit and fkd train export"
_PICKLED = (".pkl", ".pickle", ".pt", ".pth", ".joblib", ".npy", ".npz")
_PROGRAMS = "saved_model.pb", "saved_model.pbtxt", "keras_metadata.pb"


def kind_of(path: Path) -> Kind:
    """Tells what a model file is, from at most eight of its bytes.

    Raises:
        EngineError: it is of a kind that is not taken, or cannot be read.
    """
    if path.is_dir():
        raise EngineError(refused_folder(path) or f"{path} is a folder; {_TAKEN}.")
    if not path.is_file():
        raise EngineError(f"{path} is no file; {_TAKEN}.")
    try:
        with path.open("rb") as file:
            start = file.read(len(SIGNATURE))
    except OSError as error:
        raise EngineError(f"{path} cannot be read: {error.strerror}.") from None
    if start[4:] == b"TFL3":
        return "litert"
    if start == SIGNATURE:
        return "keras"
    raise EngineError(f"{path} is refused: {_reason(path, start)}; {_EXPORT}.")


def refused_folder(path: Path) -> str | None:
    """Says why a folder is refused that holds a model of a kind that is not taken; None if it holds none."""
    if any((path / name).is_file() for name in _PROGRAMS):
        return f"{path} is refused: it is a SavedModel, which is a program that could read and write files; {_EXPORT}."
    return None


def _reason(path: Path, start: bytes) -> str:
    suffix = path.suffix.lower()
    if start[:2] == b"PK" or suffix == ".keras":
        return "it is an archive (.keras, .zip, .pt), whose description of a model can name any code to be run"
    if suffix in _PICKLED or (start[:1] == b"\x80" and start[1:2] in bytes(range(2, 6))):
        return "it can hold pickled objects, which run code as they are opened"
    if suffix == ".onnx":
        return "it is an ONNX file, for other programs; the LiteRT file is exported with it"
    return f"it is no model that is known here; {_TAKEN}"
