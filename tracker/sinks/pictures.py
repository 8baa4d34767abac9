"""Annotated pictures."""

from pathlib import Path

import cv2

from tracker.drawing import draw_faces
from tracker.errors import OutputError
from tracker.faces import Faces
from tracker.frame import Frame
from tracker.sinks.base import Closing, claim
from tracker.sources.images import SUFFIXES


class PictureSink(Closing):
    """Writes each frame with its faces drawn as a picture.

    Args:
        path: a picture's name, for a single frame; or a folder, whose pictures are named as those of the source.
        overwrite: whether pictures that exist are replaced.
    """

    def __init__(self, path: Path, *, overwrite: bool = False) -> None:
        self._path, self._overwrite = path, overwrite

    def append(self, frame: Frame, faces: Faces) -> None:
        """Writes the picture.

        Raises:
            OutputError: it exists and may not be replaced, or cannot be written.
        """
        path = self._path
        if path.suffix.lower() not in SUFFIXES:
            path = path / (frame.name or f"{frame.index:06d}.png")
        claim(path, overwrite=self._overwrite)
        written, data = cv2.imencode(path.suffix, draw_faces(frame.image, faces))
        if not written:
            raise OutputError(f"A picture cannot be written as {path.name}.")
        try:
            path.write_bytes(data.tobytes())
        except OSError as error:
            path.unlink()  # a part of a picture is none
            raise OutputError(f"{path} cannot be written: {error.strerror}.") from None

    def close(self) -> None:
        """Every picture is complete once written."""
