"""The plain One Euro filter, each point by itself, to compare with.

Casiez, Roussel and Vogel, "1€ Filter: A Simple Speed-based Low-pass Filter for Noisy Input in Interactive Systems",
CHI 2012.
"""

import numpy as np
from numpy.typing import NDArray

CUTOFF, SPEED_GAIN, SPEED_CUTOFF = 2.0, 40.0, 2.0
"""Hz, Hz per face size per second, Hz: about as steady on a still face as the tracker's `normal`."""


def one_euro(
    points: NDArray[np.floating], times: NDArray[np.float64], size: float, strength: float
) -> NDArray[np.float64]:
    """Filters the points of one face.

    Args:
        points: (T, 15, 2) pixels.
        times: (T,) seconds.
        size: of the face, pixels.
        strength: divides cutoff and gain.

    Returns:
        (T, 15, 2).
    """
    smoothed = np.array(points, np.float64)
    speed = np.zeros_like(smoothed[0])
    for index in range(1, len(points)):
        elapsed = times[index] - times[index - 1]
        away = points[index] - smoothed[index - 1]
        speed += _share(elapsed, SPEED_CUTOFF) * (away / size / elapsed - speed)
        pace = np.linalg.norm(speed, axis=1, keepdims=True)
        smoothed[index] = smoothed[index - 1] + _share(elapsed, (CUTOFF + SPEED_GAIN * pace) / strength) * away
    return smoothed


def _share(elapsed: float, cutoff: NDArray[np.float64] | float) -> NDArray[np.float64] | float:
    turn = 2 * np.pi * cutoff * elapsed
    return turn / (turn + 1)
