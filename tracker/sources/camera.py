"""Live cameras and streams, which are opened again whenever they are lost."""

import logging
from collections.abc import Callable, Iterator
from functools import partial
from time import monotonic, sleep

import cv2
import numpy as np
from numpy.typing import NDArray

from tracker.errors import CameraError
from tracker.frame import Frame
from tracker.sources.base import Source
from tracker.sources.grabber import Grabber
from tracker.sources.health import Health
from tracker.sources.opening import Wish, name_of, open_camera
from tracker.sources.watchdog import Fault, Patience

_LOG = logging.getLogger(__name__)
TICK = 0.1
"""Seconds between two looks at how a camera does, while no picture comes."""
MOST_LEFT = 4
"""So many captures that block may be left behind; then one of them must end before another is opened."""


class Camera(Source):
    """Reads a camera or a network stream; a thread takes every picture at once and keeps only the newest.

    The time of a frame is when its picture was taken from the camera, in seconds since the camera was opened. A camera
    that is lost (reads fail or do not return, or the same picture comes over and over) is opened again, with growing
    pauses, until `stop`: the frames go on as soon as there are pictures again, and their times have a gap. Only a
    stream of known length ends by itself.

    A camera is to be used by one thread; `stop` may be called by any.

    Args:
        which: an index, a name or a part of one, a path, or an address (`rtsp://…`, `udp://…`, `http://…`).
        width: wanted width in pixels; the camera's own if None, as with the following.
        height: wanted height in pixels.
        rate: wanted frames per second.
        say: takes sentences on how the camera does, while frames are taken; by default they are logged as warnings.
        patience: how long what may last.

    Raises:
        CameraError: the camera is not there or does not open.
    """

    live = True

    def __init__(
        self,
        which: int | str = 0,
        *,
        width: int | None = None,
        height: int | None = None,
        rate: float | None = None,
        say: Callable[[str], object] = _LOG.warning,
        patience: Patience | None = None,
    ) -> None:
        super().__init__()
        wish = Wish(width, height, rate)
        self._open_it = partial(open_camera, which, wish)
        self._patience = patience or Patience()
        self._health = Health(name_of(which), wish, say, self._patience.steady)
        self._left: list[Grabber] = []
        self._left_at = 0.0
        self._retry_at: float | None = None
        self._tries = 0
        self._ended = False
        self._frozen: NDArray[np.uint8] | None = None  # a sample of the picture that it was frozen on
        self._index = -1
        self.dropped = 0
        self._grabber: Grabber | None = self._open_first()
        self.opened, self.rate = self._grabber.opened or monotonic(), self._grabber.rate

    def __iter__(self) -> Iterator[Frame]:
        while not self._stopped.is_set():
            frame = self.take(TICK)
            if frame is not None:
                yield frame
            elif self._ended:
                return
            elif not self._stopped.is_set():
                self.idle()

    def take(self, timeout: float) -> Frame | None:
        """Waits for a frame that was not taken yet, and looks after the camera.

        It is to be called again and again, for it is here that a lost camera is noticed and opened again.

        Args:
            timeout: seconds, at most.

        Returns:
            The newest frame, or None if none came, or will ever come.
        """
        until = monotonic() + timeout
        while not self._stopped.is_set():
            self._look_after()
            wait = min(TICK, max(until - monotonic(), 0.0))
            if self._grabber is None:
                sleep(wait)
            else:
                ended = self._grabber.ended  # asked before: the last picture may come as the wait is over
                found = self._grabber.take(wait)
                if found is not None:
                    return self._frame(self._grabber, *found)
                if ended:
                    self._ended = True
                    return None
            if monotonic() >= until:
                return None
        return None

    def close(self) -> None:
        """Frees the camera; may be called twice. A read that does not return is left behind."""
        self.stop()
        if self._grabber is not None:
            self._grabber.close()
            self._grabber = None

    def _open_first(self) -> Grabber:
        """Opens the camera for the first time, and says if that is slow."""
        grabber = Grabber(self._open_it, self._patience)
        try:
            while grabber.opened is None:
                if grabber.error is not None:
                    raise grabber.error
                grabber.take(TICK)
                self._say_if_slow(grabber)
        except BaseException:
            grabber.leave()
            raise
        return grabber

    def _say_if_slow(self, grabber: Grabber) -> None:
        waited = monotonic() - grabber.started
        if not grabber.moving and waited > self._patience.opening:
            self._health.slow(waited)

    def _frame(self, grabber: Grabber, image: NDArray[np.uint8], time: float, grabbed: int) -> Frame:
        if grabber.moving and grabber.fault() is None:
            self._health.good(time)
            self._frozen = self._retry_at = None
            if self._health.well:
                self._tries = 0
        self._health.size(image.shape[1], image.shape[0])
        self._health.pace(grabber.pace, time)
        late = grabbed - 1 if self._index >= 0 else 0  # what came before anybody took frames was not dropped
        self._index += 1 + late
        self.dropped += late
        return Frame(image, self._index, time - self.opened)

    def _look_after(self) -> None:
        """Leaves a capture in which something is wrong, and opens another one when it is time to."""
        grabber, now = self._grabber, monotonic()
        if grabber is None:
            if self._may_open(now):
                self._grabber, self._retry_at = Grabber(self._open_it, self._patience, self._frozen), None
        elif grabber.error is not None:
            if not isinstance(grabber.error, (CameraError, OSError, cv2.error)):
                raise grabber.error
            self._leave(grabber, now + self._pause(self._patience.pauses))
        elif not grabber.ended:
            self._judge(grabber, now)

    def _judge(self, grabber: Grabber, now: float) -> None:
        fault = grabber.fault()
        if fault is None:
            self._say_if_slow(grabber)
            return
        self._health.fault(fault, grabber.since)
        if fault is not Fault.FROZEN:
            self._leave(grabber, now + self._pause(self._patience.pauses))
        elif self._retry_at is None:
            self._retry_at = now + self._pause(self._patience.still)
        elif now >= self._retry_at:
            self._frozen = grabber.sample
            self._leave(grabber, now)

    def _leave(self, grabber: Grabber, retry_at: float) -> None:
        """Gives up a capture; another one is opened at that time."""
        grabber.leave()
        self._left.append(grabber)
        self._left_at = monotonic()
        self._grabber, self._retry_at = None, retry_at

    def _may_open(self, now: float) -> bool:
        """Whether it is time to, and the captures left behind have ended, or are not worth waiting for."""
        self._left = [left for left in self._left if left.alive]
        waited = len(self._left) < MOST_LEFT and now >= self._left_at + self._patience.leaving
        return now >= (self._retry_at or 0.0) and (not self._left or waited)

    def _pause(self, limits: tuple[float, float]) -> float:
        """Returns how long to wait before the next try; each time longer."""
        first, longest = limits
        self._tries += 1
        return min(first * self._patience.growth ** min(self._tries - 1, 99), longest)
