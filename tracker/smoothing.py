"""Smoothing of points over time: the One Euro filter, for all points of all faces at once.

Casiez, Roussel and Vogel, "1€ Filter: A Simple Speed-based Low-pass Filter for Noisy Input in Interactive Systems",
CHI 2012: a low-pass filter whose cutoff rises with the speed, so that a still point is steady and a moving one does
not lag. Speeds are in sizes of the face per second, so that a face behaves alike near and far, and time is in seconds,
so that it behaves alike at any frame rate.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Smoothing:
    """How strongly points are smoothed.

    Attributes:
        cutoff: of a still point, Hz; lower is steadier.
        speed_gain: how much the cutoff rises, Hz per face size per second; higher lags less.
        speed_cutoff: for the speed itself, Hz.
    """

    cutoff: float = 2.0
    speed_gain: float = 40.0
    speed_cutoff: float = 2.0


LEVELS: dict[str, Smoothing | None] = {
    "off": None,
    "low": Smoothing(cutoff=4.0, speed_gain=60.0),
    "normal": Smoothing(),
    "high": Smoothing(cutoff=1.0, speed_gain=15.0),
}
"""What `--smooth` can be."""


class OneEuroFilter:
    """The filter's state for N faces, all of whose points are given at every step.

    Faces come with `add` and go with `keep`; the state's rows are in the order of the tracks'.
    """

    def __init__(self, settings: Smoothing, points: int) -> None:
        self.settings = settings
        self._points = np.empty((0, points, 2))
        self._speed = np.empty((0, points, 2))
        self._time = np.empty(0)

    def __len__(self) -> int:
        return len(self._points)

    def add(self, points: NDArray[np.floating], time: float) -> None:
        """Adds faces whose first points (N, K, 2) are taken as they are."""
        self._points = np.concatenate([self._points, points])
        self._speed = np.concatenate([self._speed, np.zeros_like(points, dtype=np.float64)])
        self._time = np.concatenate([self._time, np.full(len(points), time)])

    def keep(self, which: NDArray[np.bool_]) -> None:
        """Forgets the faces not in the mask (N,)."""
        self._points, self._speed, self._time = self._points[which], self._speed[which], self._time[which]

    def reset(self, which: NDArray[np.bool_], points: NDArray[np.floating], time: float) -> None:
        """Starts faces of the mask (N,) anew at their points (N, K, 2): they were lost and came back elsewhere."""
        self._points[which], self._speed[which], self._time[which] = points[which], 0.0, time

    def update(
        self, which: NDArray[np.bool_], points: NDArray[np.floating], size: NDArray[np.floating], time: float
    ) -> NDArray[np.float64]:
        """Takes the next points of some faces.

        Args:
            which: (N,) bool, the faces that were seen; the others' rows are passed through.
            points: (N, K, 2) the points as measured.
            size: (N,) how large each face is, in pixels.
            time: seconds; where it has not moved on since a face's last update, that face is passed through.

        Returns:
            (N, K, 2) float64, the smoothed points.
        """
        step = time - self._time
        going = which & (step > 0)
        elapsed = np.where(going, step, 1.0)[:, None, None]
        unit = np.maximum(size, 1.0)[:, None, None]
        speed = (points - self._points) / unit / elapsed
        speed = self._speed + _weight(elapsed, self.settings.speed_cutoff) * (speed - self._speed)
        pace = np.linalg.norm(speed, axis=2, keepdims=True)
        weight = _weight(elapsed, self.settings.cutoff + self.settings.speed_gain * pace)
        smoothed = self._points + weight * (points - self._points)
        rows = going[:, None, None]
        self._points = np.where(rows, smoothed, self._points)
        self._speed = np.where(rows, speed, self._speed)
        self._time = np.where(going, time, self._time)
        return np.where(rows, smoothed, points)


def _weight(elapsed: NDArray[np.float64], cutoff: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """The share of the new value in an exponential average with this cutoff in Hz, 0 to 1."""
    turn = 2 * np.pi * cutoff * elapsed
    return np.asarray(turn / (turn + 1))
