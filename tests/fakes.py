"""Stands in for what touches the world: detector, engine and capture."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tracker.crop import CROP_SIZE
from tracker.detection import Detections
from tracker.keypoints import COUNT, LEFT_EYE, LIPS, MOUTH_CORNERS, RIGHT_EYE
from tracker.models import KeypointModel

EYES = 40.0
"""Distance of the eyes of a fake face, pixels."""


def anchors_at(*centres: tuple[float, float]) -> NDArray[np.float32]:
    """Anchors (N, 3, 2) of upright faces whose eyes are around these places."""
    shape = np.array([[EYES / 2, 0], [-EYES / 2, 0], [0, EYES * 1.1]], np.float32)
    return np.array([shape + centre for centre in centres], np.float32).reshape(-1, 3, 2)


class FakeDetector:
    """Finds what it is told to, with the score it is told; counts how often it is asked."""

    def __init__(self, *centres: tuple[float, float], score: float = 0.9) -> None:
        self.centres = list(centres)
        self.score = score
        self.calls = 0
        self.closed = False

    def detect(self, image: NDArray[np.uint8]) -> Detections:
        assert image.flags.c_contiguous
        self.calls += 1
        return Detections(anchors_at(*self.centres), np.full(len(self.centres), self.score, np.float32))

    def close(self) -> None:
        self.closed = True


class FakeEngine:
    """Sees a face in the middle of every crop, with the confidence that a function of the crop says."""

    name = "fake"

    def __init__(
        self,
        confidence: Callable[[NDArray[np.uint8]], float] = lambda _: 0.9,
        model: KeypointModel | None = None,
    ) -> None:
        self.confidence = confidence
        self.model = model or KeypointModel()
        self.batches: list[int] = []

    def predict(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.batches.append(len(crops))
        answer = np.zeros((len(crops), COUNT, 3), np.float32)
        answer[:, :, :2] = upright_points()
        for row, crop in zip(answer, crops, strict=True):
            row[:, 2] = self.confidence(crop)
        return answer

    def close(self) -> None:
        pass


def upright_points() -> NDArray[np.float32]:
    """Points (15, 2) in crop pixels of a face that is exactly where its crop expects it."""
    middle, eyes = (CROP_SIZE - 1) / 2, CROP_SIZE / 2.53
    points = np.full((COUNT, 2), middle, np.float32)
    down = eyes * 1.1
    points[:, 1] -= 0.45 * down
    points[LEFT_EYE, 0] += eyes / 2
    points[RIGHT_EYE, 0] -= eyes / 2
    points[[*MOUTH_CORNERS, *LIPS], 1] += down
    return points
