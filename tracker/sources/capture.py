"""Opening what OpenCV calls a capture, without its words on the terminal."""

import os

os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # read once, when OpenCV first opens a video

import cv2  # noqa: E402


def open_capture(what: str | int, backend: int = cv2.CAP_ANY) -> cv2.VideoCapture:
    """Opens a file, an address or a camera; whether that worked the capture itself tells."""
    cv2.setLogLevel(0)
    return cv2.VideoCapture(what, backend)
