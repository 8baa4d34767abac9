"""Which way up pictures are to be shown, as their container says it of a camera that was held upright or mirrored."""

from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

_BY_QUARTERS = ((False, 1, 1), (True, -1, 1), (False, -1, -1), (True, 1, -1))
"""Turns by so many quarters against the clock: whether rows become columns, and then in which steps one goes down and
across."""


class Upright:
    """Turns the pictures of one stream as they are to be shown."""

    def __init__(self) -> None:
        self._rotation: int | None = None
        self._turn = _BY_QUARTERS[0]

    def is_turned(self, picture: av.VideoFrame) -> bool:
        """Whether a picture is to be shown otherwise than it was decoded."""
        if picture.rotation != self._rotation:  # it seldom changes, and the rest takes long to ask for
            self._rotation, self._turn = picture.rotation, _turn_of(picture)
        return self._turn != _BY_QUARTERS[0]

    def bgr(self, picture: av.VideoFrame) -> NDArray[np.uint8]:
        """Returns a picture (H, W, 3) uint8 BGR as it is to be shown."""
        image = np.asarray(picture.to_ndarray(format="bgr24"), np.uint8)
        if not self.is_turned(picture):
            return image
        transposed, down, across = self._turn
        return np.ascontiguousarray((image.swapaxes(0, 1) if transposed else image)[::down, ::across])


def _turn_of(picture: av.VideoFrame) -> tuple[bool, int, int]:
    """The turn that FFmpeg's display matrix asks for; the rotation alone cannot tell a picture that is mirrored."""
    try:
        further: Any = picture.side_data
        a, b, _, c, d = np.frombuffer(bytes(further["DISPLAYMATRIX"]), np.int32, 5).astype(float)
    except (KeyError, ValueError):  # there is none, or there is more beside it than PyAV knows
        return _BY_QUARTERS[round(picture.rotation / 90) % 4]
    transposed = bool(abs(b) + abs(c) > abs(a) + abs(d))
    x, y = (c, b) if transposed else (a, d)
    return transposed, -1 if y < 0 else 1, -1 if x < 0 else 1
