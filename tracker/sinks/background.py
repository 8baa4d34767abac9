"""Lets a sink work beside the loop, in a thread of its own."""

import queue
import threading

from tracker.errors import StageError
from tracker.faces import Faces
from tracker.frame import Frame
from tracker.sinks.base import BaseSink, Sink

WAITING = 8
"""How many frames may wait for a sink."""


class Background(BaseSink):
    """Gives frames to a sink in a thread, through a bounded queue.

    Args:
        sink: what takes the frames in the end; it is closed with this.
        drop: what happens when the sink cannot keep up: a live loop drops the frame and counts it, a loop over a file
            waits.

    The sink gets no more frames once it has raised something. The next `append` raises that, and every later one; if
    there is none, `close` does.
    """

    def __init__(self, sink: Sink, *, drop: bool) -> None:
        self._lost = 0
        self._sink, self._drop = sink, drop
        self._waiting: queue.Queue[tuple[Frame, Faces] | None] = queue.Queue(WAITING)
        self._error: Exception | None = None
        self._told = False
        self._closed = False
        self._thread = threading.Thread(target=self._work, name=f"sink {type(sink).__name__}", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """How many frames did not arrive: dropped here, or by the sink itself."""
        return self._lost + self._sink.dropped

    def append(self, frame: Frame, faces: Faces) -> None:
        """Queues the frame and its faces."""
        if self._error is not None:
            self._told = True
            raise self._error
        if self._drop and self._waiting.full():
            self._lost += 1
            return
        self._put((frame, faces))

    def close(self) -> None:
        """Waits until all that was queued is written, and closes the sink; may be called twice."""
        if self._closed:
            return
        self._closed = True
        self._put(None)
        self._thread.join()
        try:
            self._sink.close()
        finally:
            if self._error is not None and not self._told:
                raise self._error

    def _put(self, item: tuple[Frame, Faces] | None) -> None:
        """Waits for a place in the queue, but not for a thread that has ended."""
        while self._thread.is_alive():
            try:
                self._waiting.put(item, timeout=0.1)
            except queue.Full:
                continue
            return

    def _work(self) -> None:
        try:
            while (item := self._waiting.get()) is not None:
                self._sink.append(*item)
        except Exception as error:  # noqa: BLE001 - raised again in the loop's thread
            self._error = error
        except BaseException as error:  # noqa: BLE001 - what ends a thread must not end the loop's too
            self._error = StageError(f"The thread of {type(self._sink).__name__} ended ({error!r}).")
