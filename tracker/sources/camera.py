"""Live cameras and streams."""

import threading
from collections.abc import Iterator
from time import monotonic

import cv2
import numpy as np

from tracker.errors import CameraError
from tracker.frame import Frame
from tracker.sources.addresses import check_address, is_address
from tracker.sources.base import Source
from tracker.sources.cameras import find_camera, list_cameras, say_cameras
from tracker.sources.capture import open_capture, open_stream

SILENCE = 2.0
"""A camera that has given no picture for this many seconds has failed."""


class Camera(Source):
    """Reads a camera or a network stream; a thread takes every picture at once and keeps only the newest.

    The time of a frame is when its picture was taken from the camera, in seconds since the camera was opened.

    Args:
        which: an index, a name or a part of one, a path, or an address (`rtsp://…`, `udp://…`, `http://…`).
        width: wanted width in pixels; the camera's own if None, as with the following.
        height: wanted height in pixels.
        rate: wanted frames per second.

    Raises:
        CameraError: the camera is not there or does not open.
    """

    live = True

    def __init__(
        self, which: int | str = 0, *, width: int | None = None, height: int | None = None, rate: float | None = None
    ) -> None:
        super().__init__()
        self._name, self._capture = _open(which)
        for setting, value in (
            (cv2.CAP_PROP_FRAME_WIDTH, width),
            (cv2.CAP_PROP_FRAME_HEIGHT, height),
            (cv2.CAP_PROP_FPS, rate),
            (cv2.CAP_PROP_BUFFERSIZE, 1),
        ):
            if value is not None:
                self._capture.set(setting, value)
        self.rate = self._capture.get(cv2.CAP_PROP_FPS) or None
        self.dropped = 0
        self.opened = monotonic()
        self._newest: Frame | None = None
        self._ended = False
        self._changed = threading.Condition()
        self._grabber = threading.Thread(target=self._grab, name="camera grabber", daemon=True)

    def __iter__(self) -> Iterator[Frame]:
        self._grabber.start()
        while not self._stopped.is_set():
            frame = self._take()
            if frame is None:
                return
            yield frame

    def close(self) -> None:
        """Stops the grabber and frees the camera; may be called twice. A read that never returns is left behind."""
        self.stop()
        if self._grabber.is_alive():
            self._grabber.join(timeout=0.5)
        if not self._grabber.is_alive():
            self._capture.release()

    def _take(self) -> Frame | None:
        """Waits for a frame that was not taken yet; None at the end."""
        waiting_since = monotonic()
        with self._changed:
            while self._newest is None and not self._ended and not self._stopped.is_set():
                self._changed.wait(timeout=0.1)
                if monotonic() - waiting_since > SILENCE:
                    raise CameraError(f"{self._name} has given no picture for {SILENCE:.0f} s; is it still connected?")
            frame, self._newest = self._newest, None
            return frame

    def _grab(self) -> None:
        index, failing_since = 0, None
        while not self._stopped.is_set():
            read, image = self._capture.read()
            now = monotonic()
            if read:
                failing_since = None
                self._offer(Frame(np.asarray(image, np.uint8), index, now - self.opened))
                index += 1
                continue
            failing_since = failing_since or now
            if now - failing_since > SILENCE / 2:
                break
            self._stopped.wait(0.01)
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _offer(self, frame: Frame) -> None:
        with self._changed:
            if self._newest is not None:
                self.dropped += 1
            self._newest = frame
            self._changed.notify_all()


def _open(which: int | str) -> tuple[str, cv2.VideoCapture]:
    """Returns what the camera is called, and the opened capture."""
    if isinstance(which, str) and which.isdecimal():
        which = int(which)
    if isinstance(which, str) and is_address(which):
        check_address(which)
        capture = open_stream(which)
        if not capture.isOpened():
            raise CameraError(f"The stream {which} does not open; check the address, or try --demo.")
        return f"The stream {which}", capture
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
            return f"Camera {which}", capture
    raise CameraError(f"Camera {which} does not open; {say_cameras(cameras)}.")
