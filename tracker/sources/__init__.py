"""Sources of frames: cameras, video files, pictures and the demo."""

from pathlib import Path

from tracker.errors import InputError
from tracker.sources.addresses import is_address
from tracker.sources.base import Source
from tracker.sources.images import Images, is_image_name
from tracker.sources.regular import is_folder

__all__ = ["Source", "open_source"]


def open_source(what: str | int | Path) -> Source:
    """Opens a source of frames by what it is.

    Args:
        what: the path of a video, of a picture or of a folder of pictures; the index of a camera as an int; the address
            of a stream (`rtsp://…`); or `demo`.

    Returns:
        The source; iterate over it, and close it or use it in a `with`.

    Raises:
        InputError: there is no such file, or it is neither video nor picture.
        CameraError: the camera or the stream does not open.
    """
    if isinstance(what, int) or (isinstance(what, str) and is_address(what)):
        from tracker.sources.camera import Camera

        return Camera(what)
    if what == "demo":
        from tracker.sources.demo import Demo

        return Demo()
    path = Path(what)
    if isinstance(what, str) and what.isdecimal() and not path.exists():
        raise InputError(f"There is no file {what}; the index of a camera is a number without quotes.")
    if is_image_name(path) or is_folder(path):
        return Images(path)
    from tracker.sources.video import VideoFile

    return VideoFile(path)
