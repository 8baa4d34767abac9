"""Reads the files of Kaggle's "Facial Keypoints Detection" competition, loose or in the zip as downloaded.

https://www.kaggle.com/c/facial-keypoints-detection
"""

import hashlib
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

import numpy as np

from tracker.crop import CROP_SIZE
from tracker.errors import InputError
from training.data import cache
from training.data.csv_files import parse_lookup, parse_test, parse_training
from training.data.dataset import Asked, Dataset, Faces96
from training.data.face_set import read_as_dataset

TRAINING, TEST, LOOKUP = "training", "test", "IdLookupTable"
FORMAT = 1
"""Part of a cached file's name; goes up when what is cached changes."""
LARGEST = 1 << 30
"""Bytes of the largest table that is unpacked; the competition's largest has 240 MB."""


def read_dataset(path: Path, *, use_cache: bool = True) -> Dataset:
    """Reads training rows, test images and the table of what is asked for.

    Args:
        path: a folder with `training.csv` (or `training.zip`), and perhaps `test.csv` and `IdLookupTable.csv`; the zip
            that the competition offers, with these inside; `training.csv` itself; or a folder with the `faces.csv` of
            a face set, whose faces are then cut to the competition's form.
        use_cache: whether what was parsed may be kept for the next time.

    Raises:
        InputError: nothing of that kind is there, or a file is not as it should be. The message names file and row.
    """
    if not path.exists():
        raise InputError(f"There is nothing at {path}; `fkd train download` says where to get the competition's files.")
    for table in (path, path / "faces.csv", path / "faces" / "faces.csv"):
        if table.name == "faces.csv" and table.is_file():
            return read_as_dataset(table)
    contents = _contents(path)
    training, training_hash = _parsed(contents.get(TRAINING), parse_training, use_cache)
    if training is None:
        raise InputError(f"{path} holds no training.csv; name the competition's folder or zip with --data.")
    test, test_hash = _parsed(contents.get(TEST), parse_test, use_cache)
    ids = np.empty(0, np.int64) if test is None else test["ids"]
    images = np.empty((0, CROP_SIZE, CROP_SIZE), np.uint8) if test is None else test["images"]
    lookup, lookup_hash = _parsed(contents.get(LOOKUP), parse_lookup, use_cache)
    asked = None if lookup is None or test is None else _asked(lookup, ids, path)
    digest = hashlib.sha256(f"{training_hash} {test_hash} {lookup_hash}".encode()).hexdigest()
    return Dataset(path.resolve(), digest, Faces96(training["images"], training["points"]), images, ids, asked)


def _asked(lookup: cache.Arrays, ids: np.ndarray, path: Path) -> Asked:
    order = np.argsort(ids)
    place = np.searchsorted(ids, lookup["image_ids"], sorter=order)
    found = order[np.minimum(place, len(ids) - 1)] if len(ids) else np.zeros(len(place), np.int64)
    wrong = np.flatnonzero(ids[found] != lookup["image_ids"]) if len(ids) else np.arange(len(place))
    if len(wrong):
        row, image = lookup["row_ids"][wrong[0]], lookup["image_ids"][wrong[0]]
        raise InputError(f"{path}: IdLookupTable.csv asks in RowId {row} for image {image}, which test.csv lacks.")
    return Asked(lookup["row_ids"], found, lookup["cells"])


def _parsed(
    file: tuple[str, bytes] | None, parse: Callable[[str, bytes], cache.Arrays], use_cache: bool
) -> tuple[cache.Arrays | None, str]:
    """Parses a file, or takes what was kept of it; returns the arrays and the SHA-256 of its content."""
    if file is None:
        return None, ""
    name, content = file
    digest = hashlib.sha256(content).hexdigest()
    if not use_cache:
        return parse(name, content), digest
    return cache.get(f"{parse.__name__}-{FORMAT}-{digest[:32]}", lambda: parse(name, content)), digest


def _contents(path: Path) -> dict[str, tuple[str, bytes]]:
    """Finds the competition's tables; returns name for messages and content of each by its name without ending."""
    found: dict[str, tuple[str, bytes]] = {}
    if path.is_dir():
        for stem in (TRAINING, TEST, LOOKUP):
            for file in (path / f"{stem}.csv", path / f"{stem}.zip"):
                if file.is_file() and stem not in found:
                    found |= _contents_of_file(file) if file.suffix == ".zip" else {stem: _read(file)}
        packed = path / "facial-keypoints-detection.zip"
        if TRAINING not in found and packed.is_file():
            found = _contents_of_file(packed)
        return found
    return _contents_of_file(path)


def _contents_of_file(path: Path) -> dict[str, tuple[str, bytes]]:
    if path.suffix != ".zip":
        beside = _contents(path.parent) if path.name == "training.csv" else {}
        return beside | {TRAINING: _read(path)}
    try:
        with path.open("rb") as file:
            return _unzipped(str(path), file)
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 - zipfile and the three libraries that unpack raise whatever they like
        raise InputError(f"{path} is not a zip that can be read: {error}.") from None


def _unzipped(name: str, file: IO[bytes], *, within: bool = False) -> dict[str, tuple[str, bytes]]:
    """Unpacks tables into memory. `within`: whether this is a zip in a zip, in which further ones are left alone."""
    found: dict[str, tuple[str, bytes]] = {}
    with zipfile.ZipFile(file) as packed:
        for member in packed.namelist():
            leaf = Path(member)
            if leaf.stem not in (TRAINING, TEST, LOOKUP) or member.startswith("__MACOSX"):
                continue
            label = f"{name}: {member}"
            if leaf.suffix not in (".csv", ".zip") or (within and leaf.suffix == ".zip"):
                continue
            if packed.getinfo(member).file_size > LARGEST:  # no more than it says is ever unpacked
                raise InputError(f"{label} declares more than {LARGEST >> 20} MB, as no file of the competition.")
            content = packed.read(member)
            if leaf.suffix == ".csv":
                found[leaf.stem] = (label, content)
            else:  # the competition's zip holds training.zip and test.zip
                found = _unzipped(label, io.BytesIO(content), within=True) | found
    return found


def _read(path: Path) -> tuple[str, bytes]:
    try:
        return str(path), path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
