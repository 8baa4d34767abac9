"""A clip of many moving faces of known number, for the benchmark."""

import math
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from tracker.frame import Frame
from tracker.sources.base import Source
from tracker.sources.demo import PORTRAIT
from tracker.sources.images import read_image

_HEAD = (124, 8, 328, 248)
"""The head in the portrait: left, top, right, bottom."""
FACE_PIXELS = 100
"""How tall a face is, from brows to chin, where there is room for it."""


class Crowd(Source):
    """Faces that move about their places in a grid, upright to tilted, all of them always in sight.

    Args:
        faces: how many.
        frames: how many frames.
        width: of a frame, pixels.
        height: of a frame, pixels.
        rate: frames per second.
    """

    def __init__(self, faces: int, frames: int = 300, width: int = 640, height: int = 480, rate: float = 30.0) -> None:
        super().__init__()
        self.rate, self.count, self.faces = rate, frames, faces
        self._size = (width, height)
        portrait = read_image(PORTRAIT)
        left, top, right, bottom = _HEAD
        self._head = portrait[top:bottom, left:right].astype(np.float32)
        self._columns = max(1, math.ceil(math.sqrt(faces)))
        self._rows = math.ceil(faces / self._columns)
        self._wall = cv2.GaussianBlur(cv2.resize(portrait, self._size), (0, 0), 25).astype(np.float32) * 0.7
        self._alpha = _ellipse(self._head.shape[0], self._head.shape[1])

    def __iter__(self) -> Iterator[Frame]:
        for index in range(self.count or 0):
            if self._stopped.is_set():
                return
            time = index / (self.rate or 1)
            yield Frame(self._draw(time), index, time)

    def _draw(self, time: float) -> NDArray[np.uint8]:
        image = self._wall.copy()
        width, height = self._size
        cell = np.array([width / self._columns, height / self._rows])
        head_height, head_width = self._alpha.shape
        scale = min(FACE_PIXELS / 120, 0.92 * cell[0] / head_width, 0.92 * cell[1] / head_height)
        for face in range(self.faces):
            phase = 2 * math.pi * (time / 3 + face * 0.37)
            place = (np.array([face % self._columns, face // self._columns]) + 0.5) * cell
            room = np.maximum((cell - np.array([head_width, head_height]) * scale) / 2, 2)
            centre = place + np.minimum(room, 60) * [math.sin(phase), math.cos(1.3 * phase)]
            matrix = cv2.getRotationMatrix2D(
                (head_width / 2, head_height / 2), 12 * math.sin(0.7 * phase), scale * (1 + 0.04 * math.sin(phase))
            )
            matrix[:, 2] += centre - [head_width / 2, head_height / 2]
            alpha = cv2.warpAffine(self._alpha, matrix, self._size)[:, :, None]
            image = image * (1 - alpha) + alpha * cv2.warpAffine(self._head, matrix, self._size)
        return np.asarray(image, np.uint8)


def _ellipse(height: int, width: int) -> NDArray[np.float32]:
    """An ellipse (H, W) float32 that fills the picture, 1 inside and 0 outside with a soft edge."""
    y, x = np.mgrid[:height, :width]
    radius = np.hypot((x - width / 2) / (width / 2), (y - height / 2) / (height / 2))
    return np.asarray(np.clip((1 - radius) / 0.12, 0, 1), np.float32)
