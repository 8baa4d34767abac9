"""What can be read as a file at all."""

import re
import stat
from pathlib import Path

from tracker.errors import InputError

_ADDRESS = re.compile(r"[a-z][a-z0-9]+:/", re.IGNORECASE)
"""How an address begins, of which a path keeps one slash."""


def is_folder(path: Path) -> bool:
    """Whether a path is that of a folder; what cannot be looked at is none."""
    try:
        return path.is_dir()
    except OSError:
        return False


def check_file(path: Path) -> None:
    """Makes sure that a path is that of a file with something in it.

    A pipe or a device is none: to open one may wait for ever.

    Raises:
        InputError: it is not.
    """
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        if _ADDRESS.match(str(path)):  # it may hold a password, and is not repeated
            raise InputError(
                "An address is no file; fkd-live --camera takes streams, fkd batch fetches files."
            ) from None
        raise InputError(f"There is no file {path}.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{path} is no file; a camera is followed by fkd-live --camera.")
    if status.st_size == 0:
        raise InputError(f"{path} is empty.")
