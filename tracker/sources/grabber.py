"""A thread around one capture, which takes every picture at once and keeps only the newest."""

import threading
from collections.abc import Callable
from time import monotonic

import cv2
import numpy as np
from numpy.typing import NDArray

from tracker.errors import StageError
from tracker.sources.opening import Capture
from tracker.sources.pace import Pace
from tracker.sources.stream import StreamCapture
from tracker.sources.watchdog import Fault, Patience, Watchdog


class Grabber:
    """Opens a capture, reads it and frees it, all in one thread, so that whatever hangs, hangs there.

    Args:
        open_it: opens the capture; may take long, and raise.
        patience: of its watchdog.
        frozen: see `Watchdog`.

    Attributes:
        started: when it was begun to open, by `time.monotonic()`.
        error: what ended its thread, if anything did.
        opened: when it was open, by the same clock; None before.
        rate: frames per second that the camera tells, if it does.
        pace: at what rate its pictures come.
        ended: whether all has been read, which only happens to a stream of known length.
    """

    def __init__(
        self,
        open_it: Callable[[], Capture],
        patience: Patience,
        frozen: NDArray[np.uint8] | None = None,
    ) -> None:
        self._open_it, self._patience, self._frozen = open_it, patience, frozen
        self.started = monotonic()
        self.error: Exception | None = None
        self.opened: float | None = None
        self.ended = False
        self.rate: float | None = None
        self.pace = Pace()
        self._watchdog: Watchdog | None = None
        self._newest: tuple[NDArray[np.uint8], float] | None = None
        self._grabbed = 0
        self._left = threading.Event()
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="camera grabber", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether its thread still runs, and may hold the camera."""
        return self._thread.is_alive()

    @property
    def sample(self) -> NDArray[np.uint8] | None:
        """The sample of the last picture, for the watchdog of the next grabber."""
        return None if self._watchdog is None else self._watchdog.sample

    @property
    def moving(self) -> bool:
        """Whether pictures have come, and others than the one that the capture before was frozen on."""
        return self._watchdog is not None and self._watchdog.alive

    @property
    def since(self) -> float:
        """When the last picture came that was another than the one before it."""
        return self.started if self._watchdog is None else self._watchdog.since

    def fault(self) -> Fault | None:
        """Returns what is wrong by now with the capture; nothing before it is open."""
        with self._changed:
            return None if self._watchdog is None else self._watchdog.fault(monotonic())

    def take(self, timeout: float) -> tuple[NDArray[np.uint8], float, int] | None:
        """Waits for a picture that was not taken yet.

        Args:
            timeout: for so many seconds at most; less if the capture opens, fails to, or ends.

        Returns:
            The picture (H, W, 3), when it came, and how many came since the last call, itself among them.
        """
        with self._changed:
            if self._newest is None:
                self._changed.wait(timeout)
            if self._newest is None:
                return None
            (image, time), grabbed = self._newest, self._grabbed
            self._newest, self._grabbed = None, 0
            return image, time, grabbed

    def leave(self) -> None:
        """Makes the thread free the capture and end, as soon as what it waits for returns."""
        self._left.set()

    def close(self, timeout: float = 0.25) -> None:
        """Leaves it, and waits so many seconds for it to end."""
        self.leave()
        self._thread.join(timeout)

    def _run(self) -> None:
        try:
            capture = self._open_it()
            try:
                self._read(capture)
            finally:
                capture.release()
        except Exception as error:  # noqa: BLE001 - raised again where frames are taken
            self._fail(error)
        except BaseException as error:  # noqa: BLE001 - what ends a thread must not end the loop's too
            self._fail(StageError(f"The thread that reads the camera ended ({error!r})."))

    def _fail(self, error: Exception) -> None:
        with self._changed:
            self.error = error
            self._changed.notify_all()

    def _read(self, capture: Capture) -> None:
        finite = capture.get(cv2.CAP_PROP_FRAME_COUNT) > 0
        with self._changed:
            self.rate = max(capture.get(cv2.CAP_PROP_FPS), 0.0) or None
            if not isinstance(capture, StreamCapture):  # the rate that a stream tells is often a guess
                self.pace = Pace(self.rate)
            self.opened = monotonic()
            watchdog = self._watchdog = Watchdog(self._patience, self.opened, self.rate, self._frozen)
            self._changed.notify_all()
        while not self._left.is_set() and not self.ended:
            try:
                read, image = capture.read()
            except cv2.error:
                read = False
            with self._changed:
                now = monotonic()
                if read:
                    picture = np.asarray(image, np.uint8)
                    watchdog.picture(picture, now)
                    self.pace.picture(now)
                    self._newest = picture, now
                    self._grabbed += 1
                else:
                    watchdog.failed(now)
                    self.ended = finite
                if read or finite:
                    self._changed.notify_all()
            if not read:
                self._left.wait(0.01)
