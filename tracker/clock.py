"""The tracker's own time: that of the frames, as long as it makes sense.

A source's clock can stand still (a camera that gives no time stamps), run backwards (a stream that begins anew, a
damaged file) or jump (a file again, or a machine that slept). Motion and smoothing divide by the time between frames,
and faces are forgotten after a while, so a wrong time would do more than a wrong frame.
"""

import math

USUAL = 1 / 30
"""Seconds between frames as long as nothing is known of the source."""
SHORTEST = 1e-6
"""Seconds: no source has frames that follow each other so closely; a clock that says so stands still."""
LONGEST = 3600.0
"""Seconds: a longer gap is no different from this one; after both, all that was known of faces is long forgotten."""
LATEST = 1e7
"""Seconds, some months: a first time beyond it is none, or too far from 0 to be added up exactly."""
PLAUSIBLE = 1.0
"""Seconds between two frames that can be usual for a source."""


class Clock:
    """Turns the times of frames into time that always moves on.

    Attributes:
        now: the time of the last frame, seconds; before the first one minus infinity.
    """

    def __init__(self) -> None:
        self.now = -math.inf
        self._last = math.nan
        self._usual = USUAL

    def at(self, time: float) -> float:
        """Returns when a frame is, by the time in seconds that it says.

        That is the frame's own time as long as that moves on. Where it does not, the frame is taken to follow the last
        one as usual, and time goes on from there.
        """
        if math.isinf(self.now):
            self.now = time if abs(time) < LATEST else 0.0
        else:
            step = time - self._last
            if step > SHORTEST:  # not so if it is no number
                self.now += min(step, LONGEST)
                if step <= PLAUSIBLE:
                    self._usual = step
            else:
                self.now += self._usual
        if math.isfinite(time):
            self._last = time
        return self.now
