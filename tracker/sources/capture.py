"""OpenCV for sources: without its words on the terminal, for the messages are ours to give."""

import os

os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # read once, when OpenCV first opens a video

import cv2
import numpy as np

from tracker.quiet import quiet_stderr

cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


def open_capture(what: str | int, backend: int = cv2.CAP_ANY) -> cv2.VideoCapture:
    """Opens a file, an address or a camera; whether that worked the capture itself tells."""
    return cv2.VideoCapture(what, backend)


def decode_image(data: bytes) -> "cv2.typing.MatLike | None":
    """Decodes a picture to (H, W, 3) BGR; None, or an error of OpenCV, if it is none.

    The libraries behind it would write on the terminal what they think of a damaged one.
    """
    with quiet_stderr():
        return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
