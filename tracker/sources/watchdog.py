"""Tells from what a capture does whether something is wrong with it."""

from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray

STRIDE = 8
"""Pictures are the same if every so manyth row is. Every live picture waits for its rows to be copied; single pixels,
half as much, took ten times as long."""
FEWEST_SAME = 3
"""So many pictures at least must be the same before they count as frozen: a slow camera has few of them."""
SLOW_RATE = 3.0
"""A camera that tells a low rate may be silent for so many of its frames."""


class Fault(Enum):
    """What can be wrong with a capture."""

    FAILING = auto()
    """Reads return at once, without a picture."""
    BLOCKED = auto()
    """A read does not return."""
    FROZEN = auto()
    """The same picture comes over and over."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long what may last before something is done about it, in seconds.

    Attributes:
        silence: without a picture, once there was one.
        first: without the first picture of a capture that was opened.
        frozen: with the same picture. Real cameras have noise, and never give the same one twice.
        opening: before it is said that the camera is slow.
        pauses: before the first and at most before a further try to open a camera that was lost.
        still: as `pauses`, for a camera that is frozen: its picture is shown meanwhile, for it may be meant to stand.
        growth: by how much each pause is longer than the one before.
        leaving: how long a new capture waits for the one that blocks to end, for most cameras serve one at a time.
        steady: with pictures, until a camera that came and went counts as well.
    """

    silence: float = 1.5
    first: float = 10.0
    frozen: float = 1.5
    opening: float = 2.0
    pauses: tuple[float, float] = (0.5, 5.0)
    still: tuple[float, float] = (0.5, 60.0)
    growth: float = 1.6
    leaving: float = 3.0
    steady: float = 10.0


class Watchdog:
    """Watches one capture. All times are those of one clock, in seconds.

    Args:
        patience: how long what may last.
        now: when the capture was opened.
        rate: frames per second that the camera tells, if it does.
        frozen: the sample of the picture that the capture before was frozen on.

    Attributes:
        since: when the last picture came that was another than the one before; at first, when the capture was opened.
        sample: what is compared of the last picture.
        alive: whether a picture came that is another than the one that the capture before was frozen on.
    """

    def __init__(
        self,
        patience: Patience,
        now: float,
        rate: float | None = None,
        frozen: NDArray[np.uint8] | None = None,
    ) -> None:
        self._patience = patience
        self._silence = max(patience.silence, SLOW_RATE / rate if rate else 0.0)
        self._last = self.since = now
        self._pictures = self._same = 0
        self._failed = -np.inf
        self.sample = frozen
        self.alive = False

    def picture(self, image: NDArray[np.uint8], now: float) -> None:
        """Takes a picture (H, W, 3) that came."""
        sample = image[::STRIDE].copy()  # the picture itself is the user's to change
        if self.sample is not None and np.array_equal(sample, self.sample):
            self._same += 1
        else:
            self._same, self.since, self.alive = 0, now, True
        self.sample, self._last = sample, now
        self._pictures += 1

    def failed(self, now: float) -> None:
        """Takes that a read returned without a picture."""
        self._failed = now

    def fault(self, now: float) -> Fault | None:
        """Returns what is wrong by now."""
        silence = self._silence if self._pictures else self._patience.first
        if now - self._last > silence:
            return Fault.FAILING if now - self._failed < silence / 2 else Fault.BLOCKED
        if self._same >= FEWEST_SAME and now - self.since > self._patience.frozen:
            return Fault.FROZEN
        return None
