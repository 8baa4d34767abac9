"""What is measured on the points of a clip: unrest, lag and overshoot."""

import numpy as np
from numpy.typing import NDArray

from steady.motions import Motion
from steady.scenes import RATE, Scene

SETTLING = 0.4
"""Seconds after the start and after each turn that do not count where an even motion's lag is measured."""
_SHIFTS = np.arange(-2.0, 10.01, 0.5)
"""Frames by which the true motion is shifted at first; then finer around the best of them."""
_FINE = np.arange(-0.5, 0.501, 0.05)


def unrest(points: NDArray[np.floating], eyes: float, start: float = 1.0) -> float:
    """How much the points of a still face move.

    Args:
        points: (T, K, 2) pixels.
        eyes: the distance between the outer eye corners, pixels.
        start: seconds that do not count.

    Returns:
        Root mean square distance of the points from their own means, in % of the eye distance.
    """
    settled = points[round(start * RATE) :]
    away = settled - settled.mean(axis=0)
    return float(100 * np.sqrt((away**2).sum(axis=2).mean()) / eyes)


def lag(points: NDArray[np.floating], scene: Scene, motion: Motion) -> float:
    """By how many frames points are late: the shift in time of the true motion that explains them best.

    Every shift of the true motion is tried. Under the right one the points, taken back to the picture by the true map,
    stay in place; so the one is taken under which they scatter least around their means (least squares, with a parabola
    through the best three). Where each point lies in the picture is free: a network's constant error is no lag. An even
    motion goes there and back over the same pixels, so that errors which depend on the place are no lag either.

    Args:
        points: (T, K, 2) pixels; NaN in frames without the face, which do not count.
        scene: what was rendered.
        motion: how it moved.

    Returns:
        Frames; below 0 where points run ahead.
    """
    time = np.arange(len(points)) / RATE
    counts = ~np.isnan(points).any(axis=(1, 2)) & (time > SETTLING)
    for turn in motion.turns:
        counts &= (time <= turn) | (time > turn + SETTLING)
    points, time = points[counts].astype(np.float64), time[counts]
    best = 0.0
    for shifts in (_SHIFTS, _FINE):
        shifts = best + shifts
        scatter = np.array([_scatter(points, scene.poses(motion, time - shift / RATE)) for shift in shifts])
        row = int(np.clip(scatter.argmin(), 1, len(shifts) - 2))
        best = float(shifts[row])
    before, at, after = scatter[row - 1 : row + 2]
    return best + float((_FINE[1] - _FINE[0]) * (before - after) / (2 * (before - 2 * at + after)))


def _scatter(points: NDArray[np.float64], poses: NDArray[np.float64]) -> float:
    """The mean squared distance of points (T, K, 2), taken back by maps (T, 2, 3), from their own means."""
    back = (points - poses[:, None, :, 2]) @ np.linalg.inv(poses[:, :, :2]).transpose(0, 2, 1)
    return float(((back - back.mean(axis=0)) ** 2).sum(axis=2).mean())


def overshoot(points: NDArray[np.floating], motion: Motion, eyes: float, within: float = 0.5) -> float:
    """How far a face's points, on average, run past the place where it stops suddenly.

    Args:
        points: (T, K, 2) pixels.
        motion: made of stops, with rests of twice `within`.
        eyes: the distance between the outer eye corners, pixels.
        within: seconds after a stop in which to look; where the points lie afterwards is the place.

    Returns:
        The mean over the stops of the largest way past the place, in % of the eye distance.
    """
    middle = points.mean(axis=1)
    past = []
    for turn in motion.turns:
        stop, settled = round(turn * RATE), round((turn + within) * RATE)
        place = middle[settled : settled + round(within * RATE)].mean(axis=0)
        moved = np.diff(motion.shift(np.array([turn - 0.1, turn])), axis=0)[0]
        past.append(max(float(((middle[stop:settled] - place) @ moved).max() / np.linalg.norm(moved)), 0.0))
    return 100 * float(np.mean(past)) / eyes
