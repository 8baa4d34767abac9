"""Fetches the competition's files with Kaggle's own client. Nothing else in the project goes online by itself."""

import errno
import importlib
import io
import shutil
import sys
import zipfile
from contextlib import ExitStack, redirect_stderr, redirect_stdout, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from tracker.errors import InputError, OutputError
from training.data.competition import LOOKUP, TEST, TRAINING, read_dataset
from training.data.dataset import Dataset

# kagglehub, not kaggle: as official, 3 new packages instead of 15, raises instead of exiting, offline when imported.
CLIENT = "kagglehub"
COMPETITION = "facial-keypoints-detection"
PAGE = f"https://www.kaggle.com/c/{COMPETITION}"
TOKENS = "https://www.kaggle.com/settings/api"
BY_HAND = f"get the files by hand at {PAGE}/data (accept the rules), put the zip anywhere and name it with --data"
HOW = (
    f'`pip install "fkd[kaggle]"` installs the client, and a token from {TOKENS} is found in ~/.kaggle/access_token or '
    f"KAGGLE_API_TOKEN (kaggle.json, or KAGGLE_USERNAME and KAGGLE_KEY, will do too); or {BY_HAND}."
)
STEMS = (TRAINING, TEST, LOOKUP, "SampleSubmission")
SUFFIXES = (".csv", ".zip")
"""The competition's files, in either packing."""


def download(folder: Path, *, overwrite: bool = False) -> tuple[Dataset, list[Path]]:
    """Fetches the competition's files and reads them. Files that are there already are read and left alone.

    The files arrive in a hidden folder beside their place, and are put into it when all are there and can be read.

    Args:
        folder: where the files shall be; made if it is not there.
        overwrite: whether to fetch and replace files that are there.

    Returns:
        What the files hold, and those that were fetched: none if they were there already.

    Raises:
        InputError: there is no client, there are no credentials, Kaggle refuses or cannot be reached, or the files are
            not as they should be.
        OutputError: the folder cannot be written, or holds something else.
    """
    if any(table.exists() for table in (folder / "faces.csv", folder / "faces" / "faces.csv")):
        raise OutputError(f"{folder} holds a face set, which would be read instead; choose another folder with --out.")
    places = [folder / f"{stem}{suffix}" for stem in STEMS for suffix in SUFFIXES]
    there = [file for file in (*places, folder / f"{COMPETITION}.zip") if file.exists()]
    if there and not overwrite:
        if not any(file.stem in (TRAINING, COMPETITION) for file in there):
            raise OutputError(f"{there[0]} exists; --overwrite replaces it, --out chooses another folder.")
        try:
            return read_dataset(folder), []
        except InputError as error:
            raise InputError(f"{_flat(error)}; --overwrite fetches the files again.") from None
    is_new = not folder.exists()
    part = folder / ".part"
    try:
        arrived = _fetch(part)
        dataset = _check(arrived)
        return replace(dataset, source=folder.resolve()), _put(arrived, part, folder)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise OutputError(f"The disk of {folder} is full; make room, or choose another with --out.") from None
        raise OutputError(f"{folder} cannot be written: {error.strerror}.") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
        if is_new:
            with suppress(OSError):  # goes only if nothing was put there
                folder.rmdir()


def _fetch(part: Path) -> Path:
    """Has the client unpack the competition into a folder; returns where the files are."""
    with ExitStack() as silence:
        silence.enter_context(redirect_stdout(io.StringIO()))
        if not sys.stderr.isatty():  # the client's progress bar is for people
            silence.enter_context(redirect_stderr(io.StringIO()))
        try:
            client, requests = importlib.import_module(CLIENT), importlib.import_module("requests")
        except ImportError:
            raise InputError(f"Kaggle's client is not installed: {HOW}") from None
        try:
            return Path(client.competition_download(COMPETITION, force_download=True, output_dir=str(part)))
        except client.exceptions.UnauthenticatedError:
            raise InputError(f"There are no Kaggle credentials: {HOW}") from None
        except requests.HTTPError as error:
            raise InputError(_refusal(error)) from None
        except (client.exceptions.DataCorruptionError, zipfile.BadZipFile):
            raise InputError(f"The files came damaged and were not kept; try again, or {BY_HAND}.") from None
        except requests.RequestException:
            begun = part.is_dir() and any(part.iterdir())
            trouble = "The download broke off and nothing was kept" if begun else "Kaggle cannot be reached"
            raise InputError(f"{trouble}; try again when this machine is online, or {BY_HAND}.") from None
        except OSError as error:
            if error.filename is None or Path(str(error.filename)).is_relative_to(part.parent):
                raise  # of the folder
            raise InputError(f"Kaggle's client failed ({error.strerror}); {BY_HAND}.") from None
        except (Exception, SystemExit) as error:  # not ours, so whatever it raises is put into a sentence
            raise InputError(f"Kaggle's client failed ({_flat(error)}); {BY_HAND}.") from error


def _refusal(error: Any) -> str:
    """The sentence for an answer that is none: `requests.HTTPError`."""
    status = getattr(error.response, "status_code", 0)
    if status == 401:
        return f"Kaggle does not accept the credentials; make a new token at {TOKENS}, or {BY_HAND}."
    if status == 403:
        return f"Kaggle refuses the files: accept the rules at {PAGE}/rules with the account of the credentials."
    if status == 429:
        return f"Kaggle was asked too often; wait some minutes, or {BY_HAND}."
    said = f"status {status}" if status >= 400 else _flat(error)  # some errors come with status 200
    return f"Kaggle does not give the files ({said}); try again later, or {BY_HAND}."


def _flat(error: BaseException) -> str:
    """What an exception says, in one line."""
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__


def _check(arrived: Path) -> Dataset:
    try:
        return read_dataset(arrived)
    except InputError as error:
        said = _flat(error).replace(str(arrived), COMPETITION)  # the folder is gone when this is read
        raise InputError(f"What came from Kaggle cannot be used: {said}.") from None


def _put(arrived: Path, part: Path, folder: Path) -> list[Path]:
    """Moves the competition's files to where they shall be; returns them there."""
    put = []
    for file in sorted(arrived.iterdir()):
        if file.stem not in STEMS or file.suffix not in SUFFIXES:
            continue
        if arrived != part:  # in Kaggle's notebooks the files are mounted, not fetched
            part.mkdir(parents=True, exist_ok=True)
            file = Path(shutil.copyfile(file, part / file.name))
        put.append(file.replace(folder / file.name))
        for suffix in SUFFIXES:
            if suffix != file.suffix:  # the same in another packing, which a reader might prefer
                put[-1].with_suffix(suffix).unlink(missing_ok=True)
    return put
