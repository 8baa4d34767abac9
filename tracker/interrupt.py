"""Signals that end the program: the first asks the loop to end and keeps everything, the second ends at once."""

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
"""Ctrl-C, the system's wish, a terminal that is gone; not every system has all of them."""
_SHOW_CURSOR = b"\x1b[?25h"
"""Progress bars hide it."""


class Interrupt:
    """While entered, such signals ask for an end instead of breaking into whatever runs; a second one ends at once.

    What a second one leaves behind is what a kill leaves: videos that can be played, tables that can be recovered. A
    signal that is ignored when this is entered stays ignored, as `nohup` and background jobs of shells want it.

    Args:
        stop: must return at once and not raise. None while there is nothing to stop: then the first one raises
            SystemExit.

    Attributes:
        signal: the number of the first signal that came, or None.
        stop: as above; may be set later.
    """

    def __init__(self, stop: Callable[[], object] | None = None) -> None:
        self.signal: int | None = None
        self.stop = stop
        self._before: dict[int, Any] = {}

    @property
    def exit_code(self) -> int:
        """128 and the signal's number, as shells have it: 130, 143 or 129; 0 without a signal."""
        return 0 if self.signal is None else 128 + self.signal

    def __enter__(self) -> Self:
        for name in _NAMES:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._caught)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _caught(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the signature of a handler
        if self.signal is not None:
            _end(128 + number)
        self.signal = number
        if self.stop is None:
            sys.exit(128 + number)
        self.stop()


def _end(code: int) -> None:
    """Ends the process without waiting for anything in it."""
    if os.isatty(2):
        os.write(2, _SHOW_CURSOR)
    os._exit(code)
