"""What is said of a camera's health: each thing once."""

import math
from collections.abc import Callable

from tracker.sources.opening import Wish
from tracker.sources.pace import Pace
from tracker.sources.watchdog import Fault

_LOST = {
    Fault.FAILING: "gives no picture any more; is it still connected? Trying to open it again",
    Fault.BLOCKED: "does not answer any more; trying to open it again",
    Fault.FROZEN: "gives the same picture over and over; trying to open it again",
}

AGAIN = 60.0
"""Seconds of the usual rate after which a lower one is said again."""


class Health:
    """Puts into sentences what happens to a camera.

    A camera that comes and goes is said to do so, and then to be back only once it has held out for a while.

    Args:
        name: what the camera is called at the beginning of a sentence.
        wish: what it was asked for.
        say: takes the sentences.
        steady: for how many seconds it must hold out.
    """

    def __init__(self, name: str, wish: Wish, say: Callable[[str], object], steady: float) -> None:
        self._name, self._wish, self._say, self._steady = name, wish, say, steady
        self._slow = False
        self._slower_from = -math.inf  # a lower rate is said from then on
        self._size: tuple[int, int] | None = None
        self._lost_at: float | None = None
        self._back_at: float | None = None
        self._wavering = False

    @property
    def lost(self) -> bool:
        """Whether the camera is lost at the moment."""
        return self._lost_at is not None and self._back_at is None

    @property
    def well(self) -> bool:
        """Whether it is not lost, and did hold out since it was."""
        return self._lost_at is None

    def slow(self, seconds: float) -> None:
        """The camera has been opening for so long."""
        if not self._slow and self._lost_at is None:
            self._slow = True
            self._say(f"{self._name} has given no picture for {seconds:.0f} s since it is being opened; still waiting.")

    def fault(self, fault: Fault, since: float) -> None:
        """The camera was lost; its last good picture came at that time."""
        if self.lost:
            return
        if self._lost_at is None:
            self._lost_at = since
            self._say(f"{self._name} {_LOST[fault]}.")
        elif not self._wavering:
            self._wavering = True
            self._say(f"{self._name} comes and goes; nothing more is said until it has held for {self._steady:.0f} s.")
        self._back_at = None

    def good(self, now: float) -> None:
        """A good picture came."""
        if self._lost_at is None:
            return
        if self._back_at is None:
            self._back_at = now
            if not self._wavering:
                self._say(f"{self._name} is back after {now - self._lost_at:.0f} s.")
        elif now - self._back_at >= self._steady:
            if self._wavering:
                self._say(f"{self._name} has been back for {self._steady:.0f} s.")
            self._lost_at, self._back_at, self._wavering = None, None, False

    def size(self, width: int, height: int) -> None:
        """A picture of this size came."""
        if (width, height) == self._size:
            return
        before, self._size = self._size, (width, height)
        wanted = (self._wish.width or width, self._wish.height or height)
        if before is not None:
            self._say(f"{self._name} gives {width}x{height} now; before it gave {before[0]}x{before[1]}.")
        elif wanted != (width, height):
            self._say(
                f"{self._name} gives {width}x{height}, not {wanted[0]}x{wanted[1]} as asked for; "
                "fkd cameras lists the sizes that it has."
            )

    def pace(self, pace: Pace, now: float) -> None:
        """At what rate pictures come by now."""
        if pace.slower and now >= self._slower_from:
            self._slower_from = math.inf
            self._say(
                f"{self._name} gives {pace.rate:.0f} pictures per second, not {pace.usual:.0f}; in low light cameras "
                "expose longer, so more light helps, or a fixed exposure."
            )
        elif not pace.slower and self._slower_from == math.inf:
            self._slower_from = now + AGAIN
