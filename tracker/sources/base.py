"""What a source of frames is."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator

from tracker.closing import Closing
from tracker.frame import Frame


class Source(Closing, ABC):
    """Frames, in order, from a camera, a file or anywhere else.

    Iterate over it once; close it, or use it in a `with`.

    Attributes:
        live: whether frames that are not taken in time are dropped.
        opened: `time.monotonic()` at the frames' time 0, for a live source.
        rate: frames per second where known, else None.
        count: how many frames there will be where known, else None.
        dropped: how many frames were dropped so far because newer ones had come.
        idle: called about ten times a second while no picture comes, by the thread that waits for one; yours to set.
        warning: a sentence for the user once the frames have ended, if they ended as they should not.
    """

    live: bool = False
    opened: float = 0.0
    rate: float | None = None
    count: int | None = None
    dropped: int = 0
    warning: str | None = None

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self.idle: Callable[[], object] = lambda: None

    @abstractmethod
    def __iter__(self) -> Iterator[Frame]:
        """Yields the frames."""

    @property
    def stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stopped.is_set()

    def stop(self) -> None:
        """Makes the frames end soon; may be called from any thread and from a signal handler."""
        self._stopped.set()

    def close(self) -> None:
        """Frees what the source holds; may be called twice."""
        self.stop()
