"""The demo: a clip made from a portrait, for machines without a camera."""

import math
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tracker.frame import Frame
from tracker.sources.base import Source
from tracker.sources.images import read_image

PORTRAIT = Path(__file__).resolve().parent.parent / "assets" / "astronaut.jpg"
WIDTH, HEIGHT = 640, 480
SECONDS = 12.0
_WALL = (1200, 900)
_LEFT, _RIGHT = (340.0, 330.0), (760.0, 410.0)
"""Where on the wall the camera looks at the one and at the other face."""


class Demo(Source):
    """A camera that moves over two portraits: one at times, both at times, near and far, straight and tilted.

    Args:
        rate: frames per second.
        seconds: how long.
    """

    def __init__(self, rate: float = 30.0, seconds: float = SECONDS) -> None:
        super().__init__()
        self.rate = rate
        self.count = round(seconds * rate)
        self._wall = _wall(read_image(PORTRAIT))

    def __iter__(self) -> Iterator[Frame]:
        for index in range(self.count or 0):
            if self._stopped.is_set():
                return
            time = index / (self.rate or 1)
            yield Frame(_view(self._wall, time), index, time)


def _wall(portrait: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A wall with the portrait on the left and its mirror image, smaller and lower, on the right."""
    wall = cv2.GaussianBlur(cv2.resize(portrait, _WALL), (0, 0), 40).astype(np.float32) * 0.6
    for picture, left, top in ((portrait, 100, 180), (cv2.resize(portrait[:, ::-1], (448, 448)), 520, 290)):
        side = len(picture)
        edge = np.minimum(np.arange(side), np.arange(side)[::-1]) / 40.0
        alpha = np.clip(np.minimum(edge[:, None], edge[None, :]), 0, 1)[:, :, None].astype(np.float32)
        part = wall[top : top + side, left : left + side]
        part[:] = alpha * picture + (1 - alpha) * part
    return wall.astype(np.uint8)


def _view(wall: NDArray[np.uint8], time: float) -> NDArray[np.uint8]:
    """What the camera sees: it swings from one portrait to the other and back once per demo."""
    phase = 2 * math.pi * time / SECONDS
    swing = (1 - math.cos(phase)) / 2
    x = _LEFT[0] + (_RIGHT[0] - _LEFT[0]) * swing + 15 * math.sin(5 * phase)
    y = _LEFT[1] + (_RIGHT[1] - _LEFT[1]) * swing + 15 * math.cos(4 * phase)
    zoom = 1.7 - 0.75 * math.sin(phase) ** 2 + 0.1 * math.sin(3 * phase)
    matrix = cv2.getRotationMatrix2D((x, y), 12 * math.sin(3 * phase), zoom)
    matrix[:, 2] += np.array([WIDTH / 2 - x, HEIGHT / 2 - y])
    return np.asarray(
        cv2.warpAffine(wall, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT), np.uint8
    )
