"""Frame rate, latency and what was seen, as a live loop goes."""

from dataclasses import dataclass, field
from time import monotonic

import numpy as np

from tracker.faces import Faces

AVERAGE = 0.1
"""Weight of the newest frame in the rate and the latency shown."""


class Rate:
    """Frames per second: the inverse of the mean time between them; the mean of rates is too high for uneven times."""

    def __init__(self) -> None:
        self._last: float | None = None
        self._between = 0.0

    def count(self) -> float:
        """Takes note of a frame; returns the rate, 0 while unknown."""
        now = monotonic()
        if self._last is not None:
            self._between += (AVERAGE if self._between else 1.0) * (now - self._last - self._between)
        self._last = now
        return 1 / self._between if self._between else 0.0


@dataclass(slots=True)
class Meter:
    """Frame rate, latency and what was seen, as the loop goes.

    Attributes:
        frames: how many frames were processed.
        faces: in how many frames each number of faces was seen.
        ids: how many ids were seen. A new id is higher than all before it, in the first frame that has it.
        rate: frames per second, by a running average of the time between frames; 0 while unknown.
        latency: seconds from a frame's arrival to its result, a running average.
    """

    frames: int = 0
    faces: dict[int, int] = field(default_factory=dict)
    ids: int = 0
    rate: float = 0.0
    latency: float = 0.0
    _started: float = field(default_factory=monotonic)
    _rate: Rate = field(default_factory=Rate)
    _highest: int = -1

    def count(self, faces: Faces, latency: float) -> None:
        """Takes note of a frame."""
        self.rate = self._rate.count()
        self.latency += (AVERAGE if self.frames else 1.0) * (latency - self.latency)
        self.frames += 1
        self.faces[len(faces)] = self.faces.get(len(faces), 0) + 1
        self.ids += int(np.count_nonzero(faces.ids > self._highest))
        self._highest = max(self._highest, int(faces.ids.max(initial=-1)))

    def summary(self) -> str:
        """What was seen, in one sentence."""
        seen = ", ".join(f"{count} with {faces}" for faces, count in sorted(self.faces.items()))
        mean = self.frames / max(monotonic() - self._started, 1e-6)
        counted = f"{number_of(self.frames, 'frame')} ({seen} faces), {number_of(self.ids, 'id')}"
        return f"{counted}, {mean:.0f} frames per second"


def number_of(count: int, what: str) -> str:
    """Returns a number of things in words: 1 frame, 2 frames."""
    return f"{count} {what}{'' if count == 1 else 's'}"
