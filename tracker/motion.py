"""Where faces are going and what they look like: what tells apart two faces that meet.

A face is expected where it was, moved on at its last speed. Speeds fade, for nobody walks straight on for long: a face
that is out of sight is expected to come to a halt, and a network that sees a face wherever it is told to look does not
drive its crop across the frame. What a face looks like is a coarse picture of its crop. Both are learned only while a
face is alone and plainly seen, so that another face, or a thing, that covers it leaves no trace in them.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from tracker.crop import CROP_SIZE
from tracker.ticks import ticked

FADING = 2.0
"""Seconds in which a speed that is not seen any more falls to 1/e."""
LEARN_SPEED = 0.25
"""Seconds over which speeds are averaged."""
LEARN_LOOKS = 1.0
"""Seconds over which looks are averaged."""
LOOK_EVERY = 0.1
"""Seconds between two looks at a face that are learned from."""
LOOKS_SIDE = 12
"""Looks are crops shrunk to this many pixels a side."""


class Motion:
    """Speeds and looks of N faces; rows come with `add` and go with `keep`, as those of the tracks.

    Attributes:
        speeds: (N, 2) float64, pixels per second.
        looks: (N, 144) float32, see `looks_of`.
    """

    def __init__(self) -> None:
        self.speeds = np.empty((0, 2))
        self.looks = np.empty((0, LOOKS_SIDE**2), np.float32)
        self._looked = 0.0

    def add(self, looks: NDArray[np.float32], time: float) -> None:
        """Adds faces that stand still, with looks (N, 144), at a time in seconds."""
        if len(self.looks) == 0:
            self._looked = time
        self.speeds = np.concatenate([self.speeds, np.zeros((len(looks), 2))])
        self.looks = np.concatenate([self.looks, looks])

    def keep(self, which: NDArray[np.bool_]) -> None:
        """Forgets the faces not in the mask (N,)."""
        self.speeds, self.looks = self.speeds[which], self.looks[which]

    def shifts(self, elapsed: NDArray[np.float64]) -> NDArray[np.float64]:
        """Returns how far faces have moved (N, 2), pixels, in the seconds (N,) since they were seen."""
        return np.asarray(self.speeds * (FADING * -np.expm1(-elapsed / FADING))[:, None])

    def unlike(self, looks: NDArray[np.float32]) -> NDArray[np.float32]:
        """Returns how little faces look as before (N,), 0 to 2, by their looks (N, 144)."""
        return np.asarray(1 - np.einsum("ij,ij->i", looks, self.looks))

    def learn_speeds(self, which: NDArray[np.bool_], moved: NDArray[np.float64], elapsed: NDArray[np.float64]) -> None:
        """Takes where faces were seen.

        Args:
            which: (N,) bool, the faces to learn; of the others nothing is used.
            moved: (N, 2) pixels since they were last seen.
            elapsed: (N,) seconds since then; where it is 0 nothing is learned.
        """
        elapsed = np.where(which, np.maximum(elapsed, 0), 0)[:, None]
        speeds = moved / np.maximum(elapsed, 1e-6)
        speeds = (speeds + np.exp(-elapsed / LEARN_SPEED) * (self.speeds - speeds)) * np.exp(-elapsed / FADING)
        self.speeds = np.where(elapsed > 0, speeds, self.speeds)

    def looks_are_due(self, time: float) -> bool:
        """Whether looks should be learned again: they change slowly, so not every frame is worth it."""
        return ticked(self._looked, time, LOOK_EVERY)

    def learn_looks(self, which: NDArray[np.bool_], looks: NDArray[np.float32], time: float) -> None:
        """Takes the looks (N, 144) of the faces of the mask (N,) at a time in seconds; the others wait for the next."""
        kept = np.float32(np.exp(-max(time - self._looked, 0.0) / LEARN_LOOKS))
        self.looks[which] = _normal(looks[which] + kept * (self.looks[which] - looks[which]))
        self._looked = time


def looks_of(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Returns what faces look like, from their crops (N, 96, 96).

    Returns:
        (N, 144) float32, the crops shrunk to 12x12 gray values, of mean 0 and length 1: their scalar product is the
        correlation of two pictures, -1 to 1, whatever their light and contrast.
    """
    if len(crops) == 0:
        return np.empty((0, LOOKS_SIDE**2), np.float32)
    column = crops.reshape(-1, CROP_SIZE)  # one above the other they are one picture for OpenCV
    small = cv2.resize(column, (LOOKS_SIDE, len(crops) * LOOKS_SIDE), interpolation=cv2.INTER_AREA)
    looks = small.reshape(len(crops), -1).astype(np.float32)
    return _normal(looks - looks.mean(axis=1, keepdims=True))


def _normal(looks: NDArray[np.float32]) -> NDArray[np.float32]:
    length = np.sqrt(np.einsum("ij,ij->i", looks, looks))[:, None]
    return np.asarray(looks / np.maximum(length, np.float32(1e-6)), np.float32)
