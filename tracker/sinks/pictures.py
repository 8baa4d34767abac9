"""Annotated pictures."""

from pathlib import Path

import cv2

from tracker.drawing import draw_faces
from tracker.errors import OutputError
from tracker.faces import Faces
from tracker.frame import Frame
from tracker.sinks.base import BaseSink, claim, replace_whole, writing
from tracker.sources.images import is_image_name
from tracker.sources.regular import is_folder

WRITTEN = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"})
"""What colour pictures are written as, everywhere; the others that are read become .png."""


_NO_FOLDERS = frozenset({".avi", ".avif", ".gif", ".heic", ".m4v", ".mkv", ".mov", ".mp4", ".pdf", ".svg", ".webm"})
"""Whoever types such a name does not mean a folder, unless there is one."""


def check_name(path: Path) -> None:
    """Makes sure that a name is one of a picture that can be written, or of a folder.

    Raises:
        OutputError: it is not.
    """
    suffix = path.suffix.lower()
    if (is_image_name(path) and suffix not in WRITTEN) or (suffix in _NO_FOLDERS and not is_folder(path)):
        kinds = ", ".join(sorted(WRITTEN))
        raise OutputError(f"A picture cannot be written as {path.name}; name it {kinds}, or name a folder.")


class PictureSink(BaseSink):
    """Writes each frame with its faces drawn as a picture.

    A picture is replaced as a whole: never is there a half one, and a link is replaced and not what it leads to.

    Args:
        path: a picture's name, for a single frame; or a folder, whose pictures are named as those of the source.
        overwrite: whether pictures that exist are replaced.

    Raises:
        OutputError: the name is one of a kind that is not written.
    """

    def __init__(self, path: Path, *, overwrite: bool = False) -> None:
        check_name(path)
        self._path, self._overwrite = path, overwrite

    def append(self, frame: Frame, faces: Faces) -> None:
        """Writes the picture.

        Raises:
            OutputError: it exists and may not be replaced, or cannot be written.
        """
        path = self._path
        if not is_image_name(path):
            path = path / (frame.name or f"{frame.index:06d}.png")
            if path.suffix.lower() not in WRITTEN:
                path = path.with_name(f"{path.name}.png")
        try:
            written, data = cv2.imencode(path.suffix, draw_faces(frame.image, faces))
        except cv2.error:  # WebP holds no picture of more than 16383 pixels a side
            written = False
        if not written:
            raise OutputError(f"A picture of {frame.size[0]}x{frame.size[1]} cannot be written as {path.name}.")
        claim(path, overwrite=self._overwrite)
        with writing(path):
            try:
                replace_whole(path, data.tobytes())
            except OSError:
                if not self._overwrite:
                    path.unlink()  # it was claimed, and is empty
                raise

    def close(self) -> None:
        """Every picture is complete once written."""
