"""Face detectors: what the tracker asks of one. The real one is `tracker.blazeface`; tests have a fake."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Faces found in one frame.

    Attributes:
        anchors: (N, 3, 2) float32, left eye, right eye and mouth in pixels of the frame, from which crops are made.
        scores: (N,) float32, 0 to 1, falling.
    """

    anchors: NDArray[np.float32]
    scores: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.anchors)


NOTHING = Detections(np.empty((0, 3, 2), np.float32), np.empty(0, np.float32))
"""No faces."""


class Detector(Protocol):
    """Finds faces in a picture."""

    def detect(self, image: NDArray[np.uint8]) -> Detections:
        """Finds the faces of a contiguous (H, W, 3) uint8 BGR image."""
        ...

    def close(self) -> None:
        """Frees what the detector holds; may be called twice."""
        ...
