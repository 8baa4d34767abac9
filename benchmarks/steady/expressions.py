"""How an expression comes through: the mouth's opening on a real clip, filtered against unfiltered."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from steady.tracking import track
from tracker.keypoints import LEFT_OUTER_CORNER, LIPS, RIGHT_OUTER_CORNER
from tracker.smoothing import LEVELS
from tracker.sources import open_source

CLIP = "cap13_edit2.mp4"
_SHIFTS = np.arange(-1.0, 3.001, 0.05)


def mouth_opening(points: NDArray[np.floating]) -> NDArray[np.floating]:
    """Returns the distance (T,) between the lips of points (T, 15, 2), in % of the eye distance."""
    eyes = np.linalg.norm(points[:, LEFT_OUTER_CORNER] - points[:, RIGHT_OUTER_CORNER], axis=1)
    return np.asarray(100 * np.linalg.norm(points[:, LIPS[0]] - points[:, LIPS[1]], axis=1) / eyes)


def compare(filtered: NDArray[np.floating], unfiltered: NDArray[np.floating]) -> dict[str, float]:
    """Compares two signals (T,) of one clip.

    Returns:
        The delay in frames at which the correlation of the filtered with the unfiltered one is largest, the amplitude
        (slope of the one over the other, so delayed) and the root mean square difference without any delay.
    """
    index = np.arange(len(unfiltered))
    delayed = [np.interp(index - shift, index, unfiltered) for shift in _SHIFTS]
    best = int(np.argmax([np.corrcoef(filtered, each)[0, 1] for each in delayed]))
    return {
        "delay": float(_SHIFTS[best]),
        "amplitude": float(np.polyfit(delayed[best], filtered, 1)[0]),
        "difference": float(np.sqrt(np.mean((filtered - unfiltered) ** 2))),
    }


def measure(folder: Path) -> dict[str, dict[str, float]]:
    """Runs the tracker on the clip in a folder with every level of smoothing; returns `compare` by level."""
    with open_source(folder / CLIP) as source:
        frames = list(source)
    found = {level: mouth_opening(track(frames, level)) for level in LEVELS}
    return {level: compare(signal, found["off"]) for level, signal in found.items()}
