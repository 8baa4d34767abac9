"""Smoothing of points over time: steady where a face is still, without lag where it moves.

From one frame to the next most of a face's motion is common to all of its points: a shift, a turn and a change of
size. A least squares fit to 15 points knows this motion far better than any point by itself, so it needs little
smoothing. What is left is each point's own: expressions and noise. So there are two filters:

- The common motion goes through a g-h filter with fading memory, which carries the face on at its last velocity and so
  does not lag behind even motion (Brookner, "Tracking and Kalman Filtering Made Easy", Wiley 1998, chapter 1).
- What is left goes through an exponential average, in the face's own frame.

The cutoffs of both follow the idea of the One Euro filter (Casiez, Roussel and Vogel, "1€ Filter: A Simple Speed-based
Low-pass Filter for Noisy Input in Interactive Systems", CHI 2012): the low-passed speed sets the cutoff. Here it is the
speed at which points run away from where they were expected: noise averages out of it, but a face that starts, stops
or opens its mouth does not. Speeds are in sizes of the face per second, so that a face behaves alike near and far, and
time is in seconds, so that it behaves alike at any frame rate. `docs/steadiness.md` has what was measured.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.keypoints import COUNT, REGIONS

Complex = NDArray[np.complex128]
"""Places in the picture as x + iy, with which a turn and a change of size are one product."""

_WEIGHTS = np.full(COUNT, 0.1)
_WEIGHTS[list(REGIONS["eyes_nose"])] = 1.0
_WEIGHTS /= _WEIGHTS.sum()
"""In the fit of the common motion: mouth and eyebrows move by themselves and are found less exactly."""
_LARGEST_CHANGE = np.log(2.0)
"""Of a face's size between two frames, as a logarithm: beyond it, it is no longer taken for a common motion."""


@dataclass(frozen=True, slots=True)
class Smoothing:
    """How strongly points are smoothed.

    Attributes:
        cutoff: while all is as expected, Hz; lower is steadier.
        gain: how much the cutoff rises, Hz per face size per second away from what was expected; higher lags less.
        speed_cutoff: for that speed itself, Hz.
    """

    cutoff: float = 0.33
    gain: float = 53.0
    speed_cutoff: float = 2.0


LEVELS: dict[str, Smoothing | None] = {
    "off": None,
    "low": Smoothing(cutoff=1.5, gain=160.0),
    "normal": Smoothing(),
    "high": Smoothing(cutoff=0.2, gain=30.0),
}
"""What `--smooth` can be."""


class PointFilter:
    """The filter's state for N faces, all of whose points are given at every step.

    Faces come with `add` and go with `keep`; the state's rows are in the order of the tracks'.
    """

    def __init__(self, settings: Smoothing) -> None:
        self.settings = settings
        self._points = np.empty((0, COUNT), np.complex128)
        self._velocity = np.empty((0, 2), np.complex128)  # of the shift, pixels per second; of the turn, log per second
        self._surprise = np.empty((0, 2 + COUNT), np.complex128)  # of shift, turn and points, face sizes per second
        self._time = np.empty(0)

    def __len__(self) -> int:
        return len(self._points)

    def add(self, points: NDArray[np.floating], time: float) -> None:
        """Adds faces whose first points (N, 15, 2) are taken as they are, at rest."""
        count = len(points)
        self._points = np.concatenate([self._points, _to_complex(points)])
        self._velocity = np.concatenate([self._velocity, np.zeros((count, 2))])
        self._surprise = np.concatenate([self._surprise, np.zeros((count, 2 + COUNT))])
        self._time = np.concatenate([self._time, np.full(count, time)])

    def keep(self, which: NDArray[np.bool_]) -> None:
        """Forgets the faces not in the mask (N,)."""
        self._points, self._velocity = self._points[which], self._velocity[which]
        self._surprise, self._time = self._surprise[which], self._time[which]

    def reset(self, which: NDArray[np.bool_], points: NDArray[np.floating], time: float) -> None:
        """Starts faces of the mask (N,) anew at their points (N, 15, 2): they were lost and came back elsewhere."""
        self._points[which] = _to_complex(points[which])
        self._velocity[which] = self._surprise[which] = 0.0
        self._time[which] = time

    def update(
        self, which: NDArray[np.bool_], points: NDArray[np.floating], size: NDArray[np.floating], time: float
    ) -> NDArray[np.float64]:
        """Takes the next points of some faces.

        Args:
            which: (N,) bool, the faces that were seen; the others' rows are passed through.
            points: (N, 15, 2) the points as measured.
            size: (N,) how large each face is, in pixels.
            time: seconds; where it has not moved on since a face's last update, that face is passed through.

        Returns:
            (N, 15, 2) float64, the smoothed points.
        """
        smoothed = np.array(points, np.float64)
        going = which & (time > self._time)
        if going.any():
            rows = slice(None) if going.all() else going  # the usual case without a copy
            elapsed = (time - self._time[rows])[:, None]
            unit = np.maximum(size[rows], 1.0)[:, None]
            filtered = self._step(rows, _to_complex(smoothed[rows]), unit, elapsed)
            smoothed[rows] = filtered.view(np.float64).reshape(-1, COUNT, 2)
            self._points[rows] = filtered
            self._time[rows] = time
        return smoothed

    def _step(
        self,
        rows: NDArray[np.bool_] | slice,
        measured: Complex,
        unit: NDArray[np.float64],
        elapsed: NDArray[np.float64],
    ) -> Complex:
        """Filters the points (M, 15) of the faces at some rows; their sizes and seconds since are (M, 1)."""
        settings = self.settings
        velocity = self._velocity[rows]
        centre, shape = _split(self._points[rows])
        centre = centre + velocity[:, :1] * elapsed
        shape = shape * np.exp(velocity[:, 1:] * elapsed)

        found, found_shape = _split(measured)
        square = _mean_square(shape)
        shift, turn = found - centre, _turn_between(shape, found_shape, square)
        rest = found_shape - np.exp(turn) * shape

        speed = np.concatenate([shift, turn * np.sqrt(square), rest], axis=1) / (unit * elapsed)
        surprise = self._surprise[rows]
        surprise += (1 - _memory(elapsed, settings.speed_cutoff)) * (speed - surprise)
        pace = np.abs(surprise)
        common = _memory(elapsed, settings.cutoff + settings.gain * np.hypot(pace[:, :1], pace[:, 1:2]))
        own = _memory(elapsed, settings.cutoff + settings.gain * pace[:, 2:])

        self._surprise[rows] = surprise
        self._velocity[rows] = velocity + (1 - common) ** 2 * np.concatenate([shift, turn], axis=1) / elapsed
        follow = 1 - common**2
        return np.asarray(centre + follow * shift + np.exp(follow * turn) * shape + (1 - own) * rest)


def _to_complex(points: NDArray[np.floating]) -> Complex:
    return np.ascontiguousarray(points, np.float64).view(np.complex128)[..., 0]


def _split(points: Complex) -> tuple[Complex, Complex]:
    """Returns the weighted centres (N, 1) of points (N, 15), and the points seen from there."""
    centre = (points @ _WEIGHTS)[:, None]
    return centre, points - centre


def _mean_square(shape: Complex) -> NDArray[np.float64]:
    """Returns the weighted mean square of the points' distances from the centre, (N, 1), of shapes (N, 15)."""
    return np.asarray((shape.real**2 + shape.imag**2) @ _WEIGHTS)[:, None]


def _turn_between(before: Complex, after: Complex, square: NDArray[np.float64]) -> Complex:
    """Returns what turns and scales shapes (N, 15) best into others: (N, 1), log of the scale + i times the angle.

    Weighted least squares; in the plane, with complex numbers, what Umeyama (PAMI 1991) solves in any dimension.
    `square` is the mean square of the shapes before, (N, 1).
    """
    factor = ((before.conj() * after) @ _WEIGHTS)[:, None] / np.maximum(square, 1e-9)
    turn = np.log(np.maximum(np.abs(factor), 1e-9)).clip(-_LARGEST_CHANGE, _LARGEST_CHANGE) + 1j * np.angle(factor)
    return np.asarray(turn)


def _memory(elapsed: NDArray[np.float64], cutoff: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """The share of the old value, 0 to 1, in an exponential average with this cutoff in Hz."""
    return np.asarray(1 / (1 + 2 * np.pi * cutoff * elapsed))
