"""dlib as a peer: HOG detector and 68 points; runs in an environment of its own, with dlib-bin and its models.

Tasks and answers are those of `tasks`. Option: `upsample`, how often the picture is doubled for the detector, which
sees faces from 80 pixels on (default 0). dlib knows no tracking: every frame is taken by itself.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.remove(str(Path(__file__).resolve().parent))  # this file is called dlib too
import dlib
import face_recognition_models
import numpy as np

sys.path.append(str(Path(__file__).resolve().parent))
from tasks import serve

LANDMARKS = 68


class HogAndTrees:
    """dlib's frontal face detector and its ensemble of regression trees."""

    def __init__(self, upsample: int) -> None:
        self._upsample = upsample
        self._detector = dlib.get_frontal_face_detector()
        self._predictor = dlib.shape_predictor(face_recognition_models.pose_predictor_model_location())

    def find(self, frame: np.ndarray) -> Any:
        """Finds the faces of a frame (H, W, 3) uint8 BGR."""
        image = np.ascontiguousarray(frame[:, :, ::-1])
        return [self._predictor(image, box) for box in self._detector(image, self._upsample)]

    def landmarks(self, found: Any, frame: np.ndarray) -> np.ndarray:  # noqa: ARG002 - pixels already
        """Turns what dlib returned to pixels (N, 68, 2)."""
        return np.array([[(point.x, point.y) for point in face.parts()] for face in found])


@contextmanager
def open_dlib(faces: int, options: dict[str, Any]) -> Iterator[HogAndTrees]:  # noqa: ARG001 - dlib finds all
    """Opens dlib."""
    yield HogAndTrees(options.get("upsample", 0))


if __name__ == "__main__":
    serve(open_dlib, LANDMARKS)
