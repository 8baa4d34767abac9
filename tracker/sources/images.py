"""Pictures: one, or all of a folder, each on its own."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tracker import MOST_PIXELS
from tracker.errors import InputError
from tracker.frame import Frame
from tracker.sources.base import Source
from tracker.sources.capture import decode_image
from tracker.sources.regular import check_file, is_folder

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".jp2", ".ppm", ".pgm"})


class Images(Source):
    """Reads pictures.

    Args:
        path: a picture, or a folder whose pictures are read in the order of their names.

    Raises:
        InputError: there is no such picture, or the folder holds none.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        if is_folder(path):
            self._paths = _pictures_in(path)
        else:
            self._paths = [path]
            read_image(path)
        self.count = len(self._paths)
        self.unreadable: list[Path] = []

    def __iter__(self) -> Iterator[Frame]:
        for index, path in enumerate(self._paths):
            if self._stopped.is_set():
                return
            try:
                image = read_image(path)
            except InputError:
                self._skip(path)
                continue
            yield Frame(image, index, float(index), path.name)

    def _skip(self, path: Path) -> None:
        self.unreadable.append(path)
        names = ", ".join(file.name for file in self.unreadable[:3])
        more = ", …" if len(self.unreadable) > 3 else ""
        self.warning = f"{len(self.unreadable)} of {self.count} pictures could not be read: {names}{more}."


def is_image_name(path: Path) -> bool:
    """Whether a path's name is one of a picture."""
    return path.suffix.lower() in SUFFIXES


def is_image(path: Path) -> bool:
    """Whether a path is that of a file with the name of a picture."""
    return is_image_name(path) and path.is_file()


def _pictures_in(folder: Path) -> list[Path]:
    try:
        paths = sorted(file for file in folder.iterdir() if is_image(file))
    except OSError as error:
        raise InputError(f"The folder {folder} cannot be read: {error.strerror}.") from None
    if not paths:
        raise InputError(f"The folder {folder} holds no pictures; a folder of videos is for fkd batch.")
    return paths


def read_image(path: Path) -> NDArray[np.uint8]:
    """Reads a picture as (H, W, 3) uint8 BGR, turned upright as its camera noted.

    Raises:
        InputError: it is not there, is empty, or is not a picture.
    """
    check_file(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
    try:
        image = decode_image(data)
    except cv2.error as error:
        too_large = "CV_IO_MAX_IMAGE" in str(error)
        reason = f"has more than {MOST_PIXELS / 1e6:.0f} million pixels" if too_large else "cannot be read as a picture"
        raise InputError(f"{path} {reason}.") from None
    if image is None:
        raise InputError(f"{path} cannot be read as a picture.")
    return np.asarray(image, np.uint8)
