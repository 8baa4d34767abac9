"""The record of an exported model, `model.json`: what the tracker reads of it. `training.exporting` writes it.

{
  "format": 1,
  "framing": {"eyes_in_side": 2.64, "mouth_in_side": 2.52, "eyes_weight": 0.69},
  "confidence": false,
  "default": "keypoints_int8.tflite",
  "files": {"keypoints_int8.tflite": {"sha256": "…", "bytes": 3718248}, …},
  …
}
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from textwrap import shorten
from typing import Any

from tracker.crop import Framing
from tracker.errors import EngineError

RECORD = "model.json"
FORMAT = 1
LARGEST = 1 << 20
"""A record of more bytes than this is none."""
SIDE = (0.5, 50.0)
"""Within these bounds a crop's side can be, in distances of the face."""
WEIGHT = (-10.0, 10.0)
"""Within these bounds the weight of the eyes in a crop's centre can be."""


@dataclass(frozen=True, slots=True)
class Record:
    """What a record says.

    Attributes:
        framing: how much of a face the model's crops show.
        confidence: whether its confidence says anything.
        default: the LiteRT file to use unless told otherwise; None if there is none.
        files: SHA-256 in hexadecimal of each file, by name.
    """

    framing: Framing
    confidence: bool
    default: str | None
    files: Mapping[str, str]

    def check(self, path: Path) -> None:
        """Compares a file with the record.

        Raises:
            EngineError: it is missing, or another one than was recorded.
        """
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise EngineError(f"{path} is listed in {RECORD} but cannot be read: {error.strerror}.") from None
        if digest != self.files[path.name]:
            raise EngineError(f"{path} is not the file that its {RECORD} describes; export the model again.")


def read_record(path: Path) -> Record:
    """Reads a record.

    Raises:
        EngineError: it cannot be read, or is not a record, or one of another version.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise ValueError("it is too large")
        return _checked(json.loads(content))
    except OSError as error:
        raise EngineError(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise EngineError(f"{path} is not the record of an exported model: {shorten(what, 100)}.") from None


def _checked(content: Any) -> Record:
    """Makes a record of parsed JSON; raises ValueError, KeyError or TypeError if it is none."""
    if not isinstance(content, dict):
        raise TypeError("it holds no object")
    if content["format"] != FORMAT:
        raise ValueError(f"its format is {content['format']!r}, and this version reads {FORMAT}")
    framing, confidence, default, files = (content[name] for name in ("framing", "confidence", "default", "files"))
    if not isinstance(framing, dict) or not isinstance(files, dict) or not isinstance(confidence, bool):
        raise TypeError("framing, files or confidence are of a wrong type")
    sides = {
        field.name: _number(framing[field.name], WEIGHT if "weight" in field.name else SIDE)
        for field in fields(Framing)
    }
    hashes = {_plain_name(name): _hash(entry) for name, entry in files.items()}
    if default is not None and (default not in hashes or not default.endswith(".tflite")):
        raise ValueError("its default is none of its LiteRT files")
    return Record(Framing(**sides), confidence, default, hashes)


def _number(value: Any, bounds: tuple[float, float]) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    if not bounds[0] <= value <= bounds[1]:
        raise ValueError(f"{value!r} is not between {bounds[0]} and {bounds[1]}")
    return float(value)


def _plain_name(name: str) -> str:
    """A file's name, which may not lead out of the record's folder."""
    if not name or name in (".", "..") or any(sign in name for sign in "/\\\0:"):
        raise ValueError(f"{name!r} is no file's name")
    return name


def _hash(entry: Any) -> str:
    if not isinstance(entry, dict) or not isinstance(entry["sha256"], str):
        raise TypeError("a file has no hash")
    return entry["sha256"]
