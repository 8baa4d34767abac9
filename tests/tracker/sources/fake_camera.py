"""A camera with every fault that cameras have, at will."""

import threading
from collections.abc import Callable, Iterator
from time import monotonic, sleep

import cv2
import numpy as np
from numpy.typing import NDArray

from tracker.errors import CameraError
from tracker.frame import Frame
from tracker.sources.camera import Camera
from tracker.sources.opening import Wish
from tracker.sources.watchdog import Patience

HASTY = Patience(
    silence=0.4, first=0.4, frozen=0.3, opening=0.2, pauses=(0.02, 0.1), still=(0.02, 0.1), leaving=0.3, steady=0.5
)
"""Faults are noticed early, so that tests are short."""


class FakeCamera:
    """Takes the place of `open_camera`.

    Attributes:
        state: `good`, `failing`, `blocked`, `frozen` or `gone`; may be changed at any time.
        opening: set while it opens at once; clear it, and it opens when it is set again.
        captures: all that were opened.
        tries: when it was tried to open it.
        size: width and height of its pictures.
        rate: pictures per second.
        told_rate: what it says that its rate is.
        count: how many pictures there are, if that is known.
        then: after so many pictures of a capture its state is another one, if given.
    """

    def __init__(self) -> None:
        self.state = "good"
        self.opening = threading.Event()
        self.opening.set()
        self.freed = threading.Event()
        self.captures: list[FakeCapture] = []
        self.tries: list[float] = []
        self.size = (64, 48)
        self.rate, self.told_rate = 100.0, 0.0
        self.count = 0
        self.then: tuple[int, str] | None = None
        self.noise = np.random.default_rng(0)

    def open(self, which: int | str, wish: Wish) -> "FakeCapture":  # noqa: ARG002 - the signature
        """As `open_camera`."""
        self.tries.append(monotonic())
        self.opening.wait(60)
        if self.state == "gone":
            raise CameraError(f"Camera {which} does not open.")
        self.captures.append(FakeCapture(self))
        return self.captures[-1]

    def free(self) -> None:
        """Lets everything return that blocks."""
        self.freed.set()
        self.opening.set()


class FakeCapture:
    """Stands in for cv2.VideoCapture."""

    def __init__(self, camera: FakeCamera) -> None:
        self._camera = camera
        self._read = 0
        self.released = False

    def read(self) -> tuple[bool, NDArray[np.uint8] | None]:
        camera, state = self._camera, self._camera.state
        if state == "blocked":
            camera.freed.wait(60)
        sleep(1 / camera.rate)
        self._read += 1
        if camera.then is not None and self._read == camera.then[0]:
            camera.state = camera.then[1]
        if state in ("failing", "gone", "blocked") or 0 < camera.count < self._read:
            return False, None
        width, height = camera.size
        if state == "frozen":
            return True, np.full((height, width, 3), 7, np.uint8)
        return True, camera.noise.integers(0, 255, (height, width, 3), np.uint8)

    def get(self, setting: int) -> float:
        return {cv2.CAP_PROP_FPS: self._camera.told_rate, cv2.CAP_PROP_FRAME_COUNT: self._camera.count}.get(
            setting, 0.0
        )

    def set(self, *_: float) -> bool:
        return False

    def release(self) -> None:
        self.released = True


def frames_until(camera: Camera, enough: Callable[[], bool], limit: float = 30.0) -> Iterator[Frame]:
    """Takes frames until there is enough, or fails."""
    end = monotonic() + limit
    while not enough():
        assert monotonic() < end, "it took too long"
        frame = camera.take(0.05)
        if frame is not None:
            yield frame


def take_until(camera: Camera, enough: Callable[[], bool]) -> list[Frame]:
    """Returns the frames that come until there is enough."""
    return list(frames_until(camera, enough))
