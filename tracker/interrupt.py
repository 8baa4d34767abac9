"""Ctrl-C: the first asks the loop to end and keeps everything, the second ends at once."""

import signal
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self


class Interrupt:
    """While entered, SIGINT and SIGTERM call `stop` instead of breaking into whatever runs; a second one breaks in.

    Args:
        stop: must return at once and not raise. None while there is nothing to stop: then the first one breaks in.

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
        """128 and the signal's number, as shells have it; 0 without a signal."""
        return 0 if self.signal is None else 128 + self.signal

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._caught)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _caught(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the signature of a handler
        again = self.signal is not None
        self.signal = self.signal or number
        if again or self.stop is None:
            raise KeyboardInterrupt
        self.stop()
