"""OpenCV for sources: without its words on the terminal, for the messages are ours to give."""

import os
import threading

from tracker.sources.addresses import REACHED

os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # read once, when OpenCV first opens a video

import cv2
import numpy as np

_NAME = "OPENCV_FFMPEG_CAPTURE_OPTIONS"
"""From this variable OpenCV takes options for FFmpeg at each opening; its own default is put in again below."""
_OPTIONS = threading.Lock()

cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)

OPENING, READING = 10_000, 2_000
"""Milliseconds after which FFmpeg gives up to open an address and to read from it; OpenCV's own 30 s are far too long.
The watchdog gives up earlier: these end the threads that it leaves behind."""
_LIMITS = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPENING, cv2.CAP_PROP_READ_TIMEOUT_MSEC, READING]


def open_capture(what: str | int, backend: int = cv2.CAP_ANY) -> cv2.VideoCapture:
    """Opens a file, an address or a camera; whether that worked the capture itself tells."""
    return cv2.VideoCapture(what, backend)


def open_stream(address: str) -> cv2.VideoCapture:
    """Opens the address of a stream, through which no file of this machine is reached; see `open_capture`."""
    with _OPTIONS:
        given = os.environ.get(_NAME)
        os.environ[_NAME] = f"{given or 'rtsp_transport;tcp'}|protocol_whitelist;{','.join(REACHED)}"
        try:
            return cv2.VideoCapture(address, cv2.CAP_FFMPEG, _LIMITS)
        finally:
            if given is None:
                del os.environ[_NAME]
            else:
                os.environ[_NAME] = given


def decode_image(data: bytes) -> "cv2.typing.MatLike | None":
    """Decodes a picture to (H, W, 3) BGR; None if it is none."""
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
