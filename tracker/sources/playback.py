"""Plays files in their own time."""

from collections.abc import Callable
from time import monotonic, sleep

TICK = 0.1
"""Seconds after which who waits looks whether it is to end."""
LONGEST = 10.0
"""Seconds between two frames at most: a clock that says more has jumped, as where a broadcast was cut."""


class Playback:
    """Says when a file's frames are due, the first one at once, whenever its clock begins.

    What is lost in between, by a pause or a slow machine, is not caught up.
    """

    def __init__(self) -> None:
        self._due: float | None = None
        self._last = 0.0

    def wait(self, time: float, ended: Callable[[], bool], meanwhile: Callable[[], object] = lambda: None) -> None:
        """Waits until a frame is due.

        Args:
            time: of the frame on its source's clock, seconds.
            ended: whether to wait no longer; asked about ten times a second.
            meanwhile: called as often, while the wait goes on.
        """
        now = monotonic()
        due = now if self._due is None else self._due + min(time - self._last, LONGEST)
        self._due, self._last = max(now - TICK, due), time  # in this order, for a time that is no number
        while not ended() and (left := self._due - monotonic()) > 0:
            sleep(min(left, TICK))
            if left > TICK:
                meanwhile()
