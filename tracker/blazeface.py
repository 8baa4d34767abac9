"""The face detector: MediaPipe's Tasks API with a BlazeFace model (Bazarevsky et al., "BlazeFace", 2019).

The library has habits that this module keeps from its users: it imports TensorFlow, matplotlib and sounddevice without
need, logs to the terminal whatever one sets, misreads arrays that are not contiguous, and deadlocks when it is
collected without having been closed.
"""

import sys
import weakref
from contextlib import nullcontext, suppress
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tracker.crop import crop_boxes, crop_transforms
from tracker.detection import Detections
from tracker.errors import InputError
from tracker.faces import overlaps
from tracker.imports import hidden
from tracker.loading.shipped import read_shipped
from tracker.models import DETECTORS, models_folder
from tracker.quiet import quiet_stderr

INPUT_SIZE = 320
"""Larger pictures are shrunk by a whole number, averaging pixels, to a long side of at least this, before MediaPipe
samples them down to its 192 or 128 without averaging."""

LEFT_EYE, RIGHT_EYE, MOUTH = 1, 0, 3
"""Where MediaPipe's six points hold our anchors; its first is the subject's right eye."""

OVERLAP = 0.3
"""Of two boxes that overlap more than this, the one with the lower score is not a face of its own."""

CROWD, CROWD_SIZE = 8, 0.1
"""So many faces, half of which are narrower than this share of the image's longer side, are a crowd."""
SHARED = 0.1
"""The share of a side by which the quarters of an image overlap, so that a small face is whole in one of them."""


class BlazeFace:
    """Finds faces with BlazeFace.

    Args:
        model: `full` for faces up to some five metres away, `short` for faces close to the camera.
        threshold: the lowest score, 0 to 1, of what is taken for a face.

    Raises:
        InputError: there is no such model.
        EngineError: the model file is missing, or another one than shipped.
    """

    def __init__(self, model: str = "full", threshold: float = 0.2) -> None:
        if model not in DETECTORS:
            raise InputError(f"There is no detector called {model!r}; there are {', '.join(DETECTORS)}.")
        self._model = read_shipped(models_folder() / DETECTORS[model])
        self._threshold = threshold
        self._task = self._open()
        self._closer = weakref.finalize(self, _close, self._task)

    def detect(self, image: NDArray[np.uint8]) -> Detections:
        """Finds the faces of a contiguous (H, W, 3) uint8 BGR image, best first.

        In a crowd of small faces the model sees only some, so that it is given the quarters of the image too.
        """
        found = self._look(image)
        if not _is_crowd(found, image.shape):
            return found
        return _once([found, *(self._look_at(image, quarter) for quarter in _quarters(image.shape))])

    def _look_at(self, image: NDArray[np.uint8], part: tuple[int, int, int, int]) -> Detections:
        """Finds the faces that are whole in a part (x0, y0, x1, y1) of an image: those it cuts are misplaced."""
        x0, y0, x1, y1 = part
        height, width = image.shape[:2]
        found = self._look(image[y0:y1, x0:x1])
        anchors = found.anchors + np.array([x0, y0], np.float32)
        boxes = crop_boxes(crop_transforms(anchors))
        low = np.where([x0 == 0, y0 == 0], -np.inf, [x0, y0])
        high = np.where([x1 == width, y1 == height], np.inf, [x1, y1])
        whole = ((boxes[:, :2] >= low) & (boxes[:, 2:] <= high)).all(axis=1)
        return Detections(anchors[whole], found.scores[whole])

    def _look(self, image: NDArray[np.uint8]) -> Detections:
        """Finds the faces that the model sees in an image or in a part of one, best first."""
        small = _shrink(image)
        try:
            result = self._task.detect(_mediapipe_image(small))
        except Exception:
            self._reopen()  # a detector that failed once goes on failing
            raise
        found = result.detections
        if not found:
            return Detections(np.empty((0, 3, 2), np.float32), np.empty(0, np.float32))
        points = np.array(
            [[(face.keypoints[i].x, face.keypoints[i].y) for i in (LEFT_EYE, RIGHT_EYE, MOUTH)] for face in found],
            np.float32,
        )
        height, width = small.shape[:2]
        factor = image.shape[1] // width
        anchors = points * np.array([width * factor, height * factor], np.float32) - 0.5
        return Detections(anchors, np.array([face.categories[0].score for face in found], np.float32))

    def close(self) -> None:
        """Frees the detector; may be called twice."""
        self._closer()

    def _open(self) -> Any:
        first = "mediapipe" not in sys.modules  # later nothing heavy is loaded, and nothing need be hidden from others
        with hidden("tensorflow", empty=("matplotlib", "matplotlib.pyplot", "sounddevice")) if first else nullcontext():
            from mediapipe.tasks.python.core.base_options import BaseOptions
            from mediapipe.tasks.python.vision.face_detector import FaceDetector, FaceDetectorOptions
        options = FaceDetectorOptions(
            base_options=BaseOptions(model_asset_buffer=self._model),
            min_detection_confidence=self._threshold,
            min_suppression_threshold=OVERLAP,
        )
        with quiet_stderr():
            task = FaceDetector.create_from_options(options)
            task.detect(_mediapipe_image(np.zeros((INPUT_SIZE, INPUT_SIZE, 3), np.uint8)))  # it logs once more
        return task

    def _reopen(self) -> None:
        self._closer()
        self._task = self._open()
        self._closer = weakref.finalize(self, _close, self._task)


def _is_crowd(found: Detections, shape: tuple[int, ...]) -> bool:
    if len(found) < CROWD:
        return False
    boxes = crop_boxes(crop_transforms(found.anchors))
    return bool(np.median(boxes[:, 2] - boxes[:, 0]) < CROWD_SIZE * max(shape[:2]))


def _quarters(shape: tuple[int, ...]) -> list[tuple[int, int, int, int]]:
    """The quarters of an image (x0, y0, x1, y1), which overlap."""
    height, width = shape[:2]
    down, across = (round(side * (1 + SHARED) / 2) for side in (height, width))
    return [(x, y, x + across, y + down) for y in (0, height - down) for x in (0, width - across)]


def _once(looks: list[Detections]) -> Detections:
    """Puts several looks at an image together, best first; of faces that overlap the best alone is kept."""
    anchors = np.concatenate([look.anchors for look in looks])
    scores = np.concatenate([look.scores for look in looks])
    best = np.argsort(-scores, kind="stable")
    boxes = crop_boxes(crop_transforms(anchors[best]))
    clash = np.tril(overlaps(boxes, boxes) > OVERLAP, -1)
    kept = np.zeros(len(best), bool)
    for row in range(len(best)):
        kept[row] = not (clash[row] & kept).any()
    best = best[kept]
    return Detections(anchors[best], scores[best])


def _shrink(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Shrinks by a whole number, which is many times faster than by a fraction; a remainder at the edge is cut off.

    Halving, for which OpenCV has code of its own, comes first: four times in one step takes three times as long.
    """
    height, width = image.shape[:2]
    factor = min(max(height, width) // INPUT_SIZE, height, width)
    if factor < 2:
        return image
    small = image[: height // factor * factor, : width // factor * factor]
    while factor > 1:
        step = 2 if factor % 2 == 0 else factor
        factor //= step
        size = (small.shape[1] // step, small.shape[0] // step)
        small = np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_AREA), np.uint8)
    return small


def _mediapipe_image(image: NDArray[np.uint8]) -> Any:
    from mediapipe import Image, ImageFormat

    return Image(image_format=ImageFormat.SRGB, data=cv2.cvtColor(image, cv2.COLOR_BGR2RGB))


def _close(task: Any) -> None:
    with quiet_stderr(), suppress(RuntimeError):  # closing reports the failure of an earlier call once more
        task.close()
