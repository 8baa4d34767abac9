"""At what rate pictures come, and whether a camera has become slower, as most do in low light.

In low light a camera exposes longer, and when a frame's time is not enough it gives fewer: half as many, usually.
The pictures then come as evenly as before. A busy machine or network makes them come unevenly, and is not meant here.
"""

from collections import deque

import numpy as np

SPAN = 1.5
"""Seconds of pictures that a rate is measured over."""
FEWEST = 6
"""So many pictures at least make a rate."""
EVEN = 0.75
"""This share of the times between pictures must be near their median, for the rate to count."""
NEAR = 0.3
"""As near as this share of it."""
SLOWER = 0.6
"""A rate below this share of the usual one is a lower one."""


class Pace:
    """Measures the rate of a camera.

    Args:
        rate: frames per second that the camera tells or was asked for, if known.

    Attributes:
        usual: the highest even rate so far, or that one; None while there is none.
        rate: that of the last pictures, if they came evenly, else None.
    """

    def __init__(self, rate: float | None = None) -> None:
        self.usual = rate
        self.rate: float | None = None
        self._times: deque[float] = deque()

    def picture(self, time: float) -> None:
        """Takes when a picture came, seconds."""
        self._times.append(time)
        if time - self._times[0] < SPAN:
            return
        steps = np.diff(np.array(self._times))
        self._times.clear()
        self._times.append(time)
        middle = float(np.median(steps))
        even = len(steps) >= FEWEST and np.mean(np.abs(steps - middle) <= NEAR * middle) >= EVEN
        self.rate = 1 / middle if even and middle > 0 else None
        if self.rate is not None:
            self.usual = max(self.usual or 0.0, self.rate)

    @property
    def slower(self) -> bool:
        """Whether the pictures come evenly, but at a lower rate than usual."""
        return self.rate is not None and self.usual is not None and self.rate < SLOWER * self.usual
