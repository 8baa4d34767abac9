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

_FACE = (172, 66, 280, 190)
"""The face in the portrait: left, top, right, bottom."""
LARGEST = 1.3
"""Faces are this much larger than in the portrait, 160 pixels tall, where there is room for it."""


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
        left, top, right, bottom = _FACE
        self._face = portrait[top:bottom, left:right].astype(np.float32)
        self._columns = max(1, math.ceil(math.sqrt(faces)))
        self._rows = math.ceil(faces / self._columns)
        self._wall = cv2.GaussianBlur(cv2.resize(portrait, self._size), (0, 0), 25).astype(np.float32) * 0.7
        self._alpha = _ellipse(self._face.shape[0], self._face.shape[1])

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
        face_height, face_width = self._alpha.shape
        scale = min(LARGEST, cell[0] / face_width, cell[1] / face_height)
        for face in range(self.faces):
            phase = 2 * math.pi * (time / 3 + face * 0.37)
            place = (np.array([face % self._columns, face // self._columns]) + 0.5) * cell
            room = np.maximum((cell - np.array([face_width, face_height]) * scale) / 2, 2)
            centre = place + np.minimum(room, 60) * [math.sin(phase), math.cos(1.3 * phase)]
            matrix = cv2.getRotationMatrix2D(
                (face_width / 2, face_height / 2), 12 * math.sin(0.7 * phase), scale * (1 + 0.04 * math.sin(phase))
            )
            matrix[:, 2] += centre - [face_width / 2, face_height / 2]
            alpha = cv2.warpAffine(self._alpha, matrix, self._size)[:, :, None]
            image = image * (1 - alpha) + alpha * cv2.warpAffine(self._face, matrix, self._size)
        return np.asarray(image, np.uint8)


def _ellipse(height: int, width: int) -> NDArray[np.float32]:
    """An ellipse (H, W) float32 that fills the picture, 1 inside and 0 outside with a soft edge."""
    y, x = np.mgrid[:height, :width]
    radius = np.hypot((x - width / 2) / (width / 2), (y - height / 2) / (height / 2))
    return np.asarray(np.clip((1 - radius) / 0.12, 0, 1), np.float32)
