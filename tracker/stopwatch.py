"""Where the time of a frame goes: the benchmark and the window's display ask this."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

STAGES = ("detector", "crops", "network", "tracks")
"""The stages of the tracker, in the order in which a frame passes them."""


class Stopwatch:
    """Adds up the seconds that each stage takes, until asked."""

    def __init__(self) -> None:
        self._seconds = dict.fromkeys(STAGES, 0.0)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Times what runs inside."""
        start = perf_counter()
        try:
            yield
        finally:
            self._seconds[name] += perf_counter() - start

    def add(self, name: str, seconds: float) -> None:
        """Adds what a stage took that ran elsewhere."""
        self._seconds[name] += seconds

    def lap(self) -> dict[str, float]:
        """Returns the seconds of each stage since the last lap, and starts the next."""
        seconds = self._seconds
        self._seconds = dict.fromkeys(seconds, 0.0)
        return seconds
