"""Lets a sink work beside the loop, in a thread of its own."""

import queue
import threading

from tracker.faces import Faces
from tracker.frame import Frame
from tracker.sinks.base import Closing, Sink

WAITING = 8
"""How many frames may wait for a sink."""


class Background(Closing):
    """Gives frames to a sink in a thread, through a bounded queue.

    Args:
        sink: what takes the frames in the end; it is closed with this.
        drop: what happens when the sink cannot keep up: a live loop drops the frame and counts it, a loop over a file
            waits.

    What the sink raises is raised by the next `append`, or by `close`.
    """

    def __init__(self, sink: Sink, *, drop: bool) -> None:
        self._lost = 0
        self._sink, self._drop = sink, drop
        self._waiting: queue.Queue[tuple[Frame, Faces] | None] = queue.Queue(WAITING)
        self._error: BaseException | None = None
        self._failed = False
        self._closed = False
        self._thread = threading.Thread(target=self._work, name=f"sink {type(sink).__name__}", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """How many frames did not arrive: dropped here, or by the sink itself."""
        return self._lost + self._sink.dropped

    def append(self, frame: Frame, faces: Faces) -> None:
        """Queues the frame and its faces."""
        self._raise()
        if self._drop and self._waiting.full():
            self._lost += 1
            return
        self._waiting.put((frame, faces))

    def close(self) -> None:
        """Waits until all that was queued is written, and closes the sink; may be called twice."""
        if not self._closed:
            self._closed = True
            self._waiting.put(None)
            self._thread.join()
            self._sink.close()
            self._raise()

    def _work(self) -> None:
        while (item := self._waiting.get()) is not None:
            if not self._failed:
                try:
                    self._sink.append(*item)
                except BaseException as error:  # noqa: BLE001 - raised again in the loop's thread
                    self._error, self._failed = error, True

    def _raise(self) -> None:
        if self._error is not None:
            error, self._error = self._error, None
            raise error
