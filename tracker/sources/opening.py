"""Opens cameras and streams by what the user calls them."""

from dataclasses import dataclass
from typing import TypeAlias

import av
import cv2

from tracker.errors import CameraError
from tracker.sources.addresses import check_address, is_address, without_secrets
from tracker.sources.cameras import find_camera, list_cameras, say_cameras
from tracker.sources.capture import open_capture
from tracker.sources.stream import StreamCapture

Capture: TypeAlias = cv2.VideoCapture | StreamCapture


@dataclass(frozen=True, slots=True)
class Wish:
    """What a camera is asked for; None is the camera's own choice.

    Attributes:
        width: pixels.
        height: pixels.
        rate: frames per second.
    """

    width: int | None = None
    height: int | None = None
    rate: float | None = None


def name_of(which: int | str) -> str:
    """What a camera or a stream is called in messages: never with the password of its address, nor its query."""
    if isinstance(which, int) or not is_address(which):
        return f"Camera {which}"
    return f"The stream {without_secrets(which)}"


def open_camera(which: int | str, wish: Wish) -> Capture:
    """Opens a camera or a stream, which may take many seconds.

    Args:
        which: an index, also as text, a name or a part of one, a path, or an address.
        wish: what it is asked for; a stream is as it is sent.

    Raises:
        CameraError: it is not there or does not open.
    """
    if isinstance(which, str) and is_address(which):
        return _open_stream(which)
    capture = _open_device(int(which) if isinstance(which, str) and which.isdecimal() else which)
    for setting, value in (
        (cv2.CAP_PROP_FRAME_WIDTH, wish.width),
        (cv2.CAP_PROP_FRAME_HEIGHT, wish.height),
        (cv2.CAP_PROP_FPS, wish.rate),
        (cv2.CAP_PROP_BUFFERSIZE, 1),
    ):
        if value is not None:
            capture.set(setting, value)
    return capture


def _open_stream(address: str) -> StreamCapture:
    check_address(address)
    try:
        return StreamCapture(address)
    except (av.FFmpegError, OSError, ValueError):
        raise CameraError(f"{name_of(address)} does not open; check the address, or try --demo.") from None


def _open_device(which: int | str) -> cv2.VideoCapture:
    cameras = list_cameras()
    if isinstance(which, str):
        info = find_camera(which, cameras)
        ways = [(info.index, info.backend)]
    else:
        ways = [(camera.index, camera.backend) for camera in cameras if camera.index == which][:1]
        ways.append((which, cv2.CAP_ANY))
    for index, backend in ways:
        capture = open_capture(index, backend)
        if capture.isOpened():
            return capture
    raise CameraError(f"{name_of(which)} does not open; {say_cameras(cameras)}.")
