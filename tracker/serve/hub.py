"""Hands each viewer the newest frame when it is ready for it, and nothing in between.

A viewer says when it is ready, so nothing piles up for one that is slow or has stopped reading: not here, and not in
the system's buffers, where it would be sent late. The tracker's side never waits for the viewers' side.
"""

import asyncio
import math
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from statistics import median
from time import monotonic
from typing import NamedTuple

from tracker.serve.message import Message

IN_FLIGHT = 2
"""So many frames may be on their way to a viewer: one that it draws, one that the network carries meanwhile."""
MOST_VIEWERS = 32
_LATENCIES = 15


class Wanted(NamedTuple):
    """What viewers wait for: a frame at all, and one with its picture."""

    frame: bool
    picture: bool


class Viewer:
    """One viewer; all but `wants` belongs to the event loop's thread.

    Attributes:
        pictures: whether it wants pictures.
        latency: seconds from a picture's being taken until the viewer had drawn it and said so, which came back here:
            the median of the last 15; NaN while unknown. Taken on the clock of the tracker's machine alone.
    """

    def __init__(self, wake: Callable[[], None], *, pictures: bool) -> None:
        self.pictures = pictures
        self.latency = math.nan
        self._may_have_pictures = pictures
        self._wake = wake
        self._ready = self._seen = 0
        self._idle = self._ended = False
        self._offered: Message | None = None
        self._changed = asyncio.Event()
        self._on_the_way: dict[int, float] = {}
        self._latencies: deque[float] = deque(maxlen=_LATENCIES)

    def wants(self) -> Wanted:
        """What it waits for just now; may be asked from any thread."""
        waits = self._idle and self._ready > 0
        return Wanted(waits, waits and self.pictures)

    def hear(self, text: str) -> bool:
        """Takes `picture N` or `points N`: the viewer has drawn frame N (0: none) and is ready for another.

        Returns:
            False if it said anything else.
        """
        kind, _, number = text.partition(" ")
        if kind not in ("picture", "points") or not (number.isascii() and number.isdecimal() and len(number) < 16):
            return False
        grabbed = self._on_the_way.pop(int(number), None)
        if grabbed is not None:
            self._latencies.append(monotonic() - grabbed)
            self.latency = median(self._latencies)
        self.pictures = kind == "picture" and self._may_have_pictures
        self._ready = min(self._ready + 1, IN_FLIGHT)
        self._changed.set()
        return True

    def offer(self, message: Message) -> None:
        """Gives it a frame, if it waits for it; a newer one takes the place of one that was not sent yet."""
        wants = self.wants()
        if wants.frame and message.serial > self._seen and (message.picture is not None or not wants.picture):
            self._offered = message
            self._changed.set()

    async def next(self) -> Message | None:
        """Waits until the viewer is ready and there is a frame that it has not seen; None at the end."""
        self._idle = True
        try:
            while not self._ended:
                if self._offered is not None:
                    return self._take(self._offered)
                if self._ready:
                    self._wake()
                await self._changed.wait()
                self._changed.clear()
            return None
        finally:
            self._idle = False

    def end(self) -> None:
        """Makes `next` return None."""
        self._ended = True
        self._changed.set()

    def _take(self, message: Message) -> Message:
        self._offered = None
        self._ready -= 1
        self._seen = message.serial
        self._on_the_way[message.serial] = message.grabbed
        while len(self._on_the_way) > IN_FLIGHT:
            del self._on_the_way[next(iter(self._on_the_way))]
        return message


class Hub:
    """The viewers, and what they are handed.

    Args:
        wake: called from the event loop's thread when a viewer is ready for a frame; must return at once.
        pictures: whether viewers may have pictures at all.
    """

    def __init__(self, wake: Callable[[], None], *, pictures: bool) -> None:
        self.pictures = pictures
        self._wake = wake
        self._viewers: tuple[Viewer, ...] = ()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()
        self._newest: Message | None = None
        self._pending = self._ended = False

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Says which event loop the viewers live in."""
        self._loop = loop

    def wanted(self) -> Wanted:
        """What viewers wait for just now; may be asked from any thread."""
        wants = [viewer.wants() for viewer in self._viewers]
        return Wanted(any(each.frame for each in wants), any(each.picture for each in wants))

    def publish(self, message: Message) -> None:
        """Hands a frame to the viewers that wait for one; from any thread. Returns at once."""
        with self._lock:
            self._newest = message
            if self._pending or self._loop is None:
                return
            self._pending = True
        with suppress(RuntimeError):  # the loop has been closed meanwhile
            self._loop.call_soon_threadsafe(self._hand_out)

    @contextmanager
    def viewer(self) -> Iterator[Viewer | None]:
        """Takes a viewer in while entered, in the loop's thread; None if there are too many or the end has come."""
        if self._ended or len(self._viewers) >= MOST_VIEWERS:
            yield None
            return
        viewer = Viewer(self._wake, pictures=self.pictures)
        self._viewers += (viewer,)
        try:
            yield viewer
        finally:
            self._viewers = tuple(other for other in self._viewers if other is not viewer)

    def end(self) -> None:
        """Sends the viewers away; in the loop's thread."""
        self._ended = True
        for viewer in self._viewers:
            viewer.end()

    def _hand_out(self) -> None:
        with self._lock:
            message, self._pending = self._newest, False
        if message is not None:
            for viewer in self._viewers:
                viewer.offer(message)
