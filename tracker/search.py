"""The search for faces: the detector looks at a frame at once, or in a thread beside the frames that follow.

It takes several times as long as all else that is done with a frame with a few faces, and is asked only now and then. A
live picture that waited for it would stutter; in a thread of its own it holds up nothing, as MediaPipe runs outside
Python's lock. What it finds is then of a frame that is already gone: see `Finding.time`.
"""

from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event, Thread
from time import perf_counter

import cv2
import numpy as np
from numpy.typing import NDArray

from tracker.detection import NOTHING, Detections, Detector
from tracker.errors import StageError

FARTHEST = 1e5
"""No face is so many pixels away from the frame's corner."""
PATIENCE = 0.1
"""Seconds after which a thread that is waited for is looked at: it may have ended."""
CLOSE_UP_SIZE = 320
"""An image is shrunk to this long side before it is given a border, in which the detector looks for a close-up."""


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """What the detector found.

    Attributes:
        found: the faces.
        time: of the frame that it looked at, seconds.
        elapsed: how long it looked, seconds.
    """

    found: Detections
    time: float
    elapsed: float


class Search:
    """Asks a detector, one image at a time. Only the thread that made it may call it.

    Attributes:
        found: what the detector found when it last looked.
        asked: the time of the frame that it was last asked to look at, seconds.
    """

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._thread: Thread | None = None
        self._tasks: SimpleQueue[tuple[NDArray[np.uint8], float] | None] = SimpleQueue()
        self._busy, self._done = False, Event()
        self._outcome: Finding | Exception | None = None
        self.forget()

    def forget(self) -> None:
        """Begins anew, for another stream."""
        self._drop()
        self.found, self.asked = NOTHING, -np.inf

    def at_once(self, image: NDArray[np.uint8], time: float | None = None) -> Finding:
        """Looks at an image (H, W, 3), of a frame at this time; what it is looking at beside is given up."""
        self._drop()
        self.asked = self.asked if time is None else time
        finding = self._looked_at(image, self.asked)
        self.found = finding.found
        return finding

    def close_up(self, image: NDArray[np.uint8]) -> Detections:
        """Looks at an image with a border around it: faces that fill an image are missed. They join those of before."""
        height, width = image.shape[:2]
        factor = min(1.0, CLOSE_UP_SIZE / max(height, width))
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        border = max(size) // 2
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        wide = cv2.copyMakeBorder(small, border, border, border, border, cv2.BORDER_REPLICATE)
        before, found = self.found, self.at_once(np.asarray(wide, np.uint8)).found
        ratio = np.array([width / size[0], height / size[1]])
        placed = np.asarray((found.anchors - border + 0.5) * ratio - 0.5, np.float32)
        self.found = Detections(np.concatenate([before.anchors, placed]), np.concatenate([before.scores, found.scores]))
        return Detections(placed, found.scores)

    def begin(self, image: NDArray[np.uint8], time: float) -> None:
        """Begins to look at a copy of an image (H, W, 3) beside; if it is busy, waits first."""
        self._drop()
        if self._thread is None or not self._thread.is_alive():
            self._thread = Thread(target=self._work, name="detector", daemon=True)
            self._thread.start()
        self.asked = time
        self._busy, self._outcome = True, None
        self._done.clear()
        self._tasks.put((image.copy(), time))

    @property
    def busy(self) -> bool:
        """Whether it looks at an image beside, or has not been asked what it found."""
        return self._busy

    def finished(self) -> Finding | None:
        """Returns what was found beside, once; nothing while it is still looking.

        Raises:
            StageError: the thread ended before it was done.
            Exception: what the detector raised.
        """
        if not self._busy or not self._over():
            return None
        self._busy = False
        if self._outcome is None:
            raise StageError("The thread that looks for faces ended.")
        if isinstance(self._outcome, Exception):
            raise self._outcome
        self.found = self._outcome.found
        return self._outcome

    def close(self) -> None:
        """Frees the detector, when it has finished; may be called twice."""
        self._drop()
        self._tasks.put(None)
        if self._thread is not None:
            self._thread.join()
        self._detector.close()

    def _over(self) -> bool:
        """Whether the thread has finished, or ended without: a thread that ends sets nothing."""
        return self._done.is_set() or self._thread is None or not self._thread.is_alive()

    def _drop(self) -> None:
        """Waits for what is being looked at beside, and forgets it: a detector looks at one image at a time."""
        while self._busy and not self._over():
            self._done.wait(PATIENCE)
        self._busy = False

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            try:
                self._outcome = self._looked_at(*task)
            except Exception as error:  # noqa: BLE001 - it is raised where the loop asks
                self._outcome = error
            self._done.set()

    def _looked_at(self, image: NDArray[np.uint8], time: float) -> Finding:
        start = perf_counter()
        found = _without_nonsense(self._detector.detect(image))
        return Finding(found, time, perf_counter() - start)


def _without_nonsense(found: Detections) -> Detections:
    """Leaves out detections that are no place in a picture, as a model can give of pixels it never saw the like of."""
    sense = (np.abs(found.anchors) < FARTHEST).all(axis=(1, 2)) & np.isfinite(found.scores)
    return found if sense.all() else Detections(found.anchors[sense], found.scores[sense])
