"""Frames of several sources side by side in one."""

import math
from collections.abc import Mapping
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from tracker.drawing import draw_lines
from tracker.faces import Faces
from tracker.frame import Frame

WIDEST = 1920
"""Pixels; the whole is not wider."""


class Mosaic:
    """Puts the newest frames of several sources side by side, each with its name.

    The places are of one size, that of the first frames; others are fitted into them.

    Args:
        names: of the sources.
    """

    def __init__(self, names: list[str]) -> None:
        self._names = names
        self._columns = math.ceil(math.sqrt(len(names)))
        self._rows = math.ceil(len(names) / self._columns)
        self._place = (0, 0)
        self._index = -1

    def of(
        self, newest: Mapping[int, tuple[Frame, Faces]], time: float, notes: Mapping[int, str]
    ) -> tuple[Frame, Faces]:
        """Makes the whole.

        Args:
            newest: a frame with its faces, by the number of the source; of the others the place stays black.
            time: of the whole frame, seconds.
            notes: what is written into places, by the number of the source.

        Returns:
            The whole, and all faces, in its pixels.
        """
        if self._place == (0, 0):
            self._place = self._size_of([frame.size for frame, _ in newest.values()])
        width, height = self._place
        canvas = np.zeros((self._rows * height, self._columns * width, 3), np.uint8)
        shown = []
        for number, name in enumerate(self._names):
            row, column = divmod(number, self._columns)
            place = canvas[row * height : (row + 1) * height, column * width : (column + 1) * width]
            if number in newest:
                scale, corner = _fit(newest[number][0].image, place)
                shown.append(_moved(newest[number][1], scale, np.add(corner, (column * width, row * height))))
            label = f"{number}  {name}" + (f"   {notes[number]}" if number in notes else "")
            draw_lines(place, [label])
        self._index += 1
        return Frame(canvas, self._index, time), Faces.joined(shown)

    def _size_of(self, sizes: list[tuple[int, int]]) -> tuple[int, int]:
        width, height = (max(each) for each in zip(*sizes, strict=True))
        scale = min(1.0, WIDEST / (width * self._columns))
        return max(2, round(width * scale) // 2 * 2), max(2, round(height * scale) // 2 * 2)


def _fit(image: NDArray[np.uint8], place: NDArray[np.uint8]) -> tuple[float, NDArray[np.int64]]:
    """Puts an image into the middle of a place; returns its scale there and its corner (x, y)."""
    (height, width), (most_height, most_width) = image.shape[:2], place.shape[:2]
    scale = min(most_width / width, most_height / height)
    size = (min(most_width, max(1, round(width * scale))), min(most_height, max(1, round(height * scale))))
    x, y = (most_width - size[0]) // 2, (most_height - size[1]) // 2
    part = place[y : y + size[1], x : x + size[0]]
    part[:] = image if size == (width, height) else cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return scale, np.array([x, y])


def _moved(faces: Faces, scale: float, corner: NDArray[np.int64]) -> Faces:
    points = ((faces.points + 0.5) * scale - 0.5 + corner).astype(np.float32)
    boxes = ((faces.boxes + 0.5) * scale - 0.5 + np.tile(corner, 2)).astype(np.float32)
    return replace(faces, points=points, boxes=boxes)
