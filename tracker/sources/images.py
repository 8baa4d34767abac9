"""Pictures: one, or all of a folder, each on its own."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.errors import InputError
from tracker.frame import Frame
from tracker.sources.base import Source
from tracker.sources.capture import decode_image

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
        if path.is_dir():
            self._paths = sorted(file for file in path.iterdir() if is_image(file))
            if not self._paths:
                raise InputError(f"The folder {path} holds no pictures.")
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


def is_image(path: Path) -> bool:
    """Whether a file's name is one of a picture."""
    return path.suffix.lower() in SUFFIXES and path.is_file()


def read_image(path: Path) -> NDArray[np.uint8]:
    """Reads a picture as (H, W, 3) uint8 BGR, turned upright as its camera noted.

    Raises:
        InputError: it is not there, is empty, or is not a picture.
    """
    if not path.exists():
        raise InputError(f"There is no file {path}.")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
    if not data:
        raise InputError(f"{path} is empty.")
    image = decode_image(data)
    if image is None:
        raise InputError(f"{path} cannot be read as a picture.")
    return np.asarray(image, np.uint8)
