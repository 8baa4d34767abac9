"""MediaPipe FaceMesh as a peer, 468 points; runs in an environment of its own, with mediapipe 0.10.21.

Tasks and answers are those of `tasks`; options are the arguments of FaceMesh, `static_image_mode` for instance: without
it the frames are a stream, which is tracked.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import cv2
import mediapipe
import numpy as np
from tasks import serve

LANDMARKS = 468


class FaceMesh:
    """FaceMesh on one stream."""

    def __init__(self, mesh: Any) -> None:
        self._mesh = mesh

    def find(self, frame: np.ndarray) -> Any:
        """Finds the faces of a frame (H, W, 3) uint8 BGR; the conversion to RGB is part of the work."""
        return self._mesh.process(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)).multi_face_landmarks or ()

    def landmarks(self, found: Any, frame: np.ndarray) -> np.ndarray:
        """Turns landmarks as shares of the frame to pixels (N, 468, 2)."""
        height, width = frame.shape[:2]
        shares = np.array([[(point.x, point.y) for point in face.landmark] for face in found])
        return shares * (width, height) - 0.5


@contextmanager
def open_mesh(faces: int, options: dict[str, Any]) -> Iterator[FaceMesh]:
    """Opens FaceMesh for a stream."""
    with mediapipe.solutions.face_mesh.FaceMesh(max_num_faces=faces, refine_landmarks=False, **options) as mesh:
        yield FaceMesh(mesh)


if __name__ == "__main__":
    serve(open_mesh, LANDMARKS)
