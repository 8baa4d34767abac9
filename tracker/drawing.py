"""Drawing faces and the display of a live picture."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from tracker.faces import Face, Faces
from tracker.keypoints import REGIONS, SKELETON

_COLOURS = {"eyes_nose": (120, 230, 90), "mouth_brows": (60, 170, 255)}
_POINT_COLOURS = {index: _COLOURS[region] for region, members in REGIONS.items() for index in members}
_LINE = (235, 235, 235)
_TEXT = (255, 255, 255)
_SHADE = (0, 0, 0)
_SHIFT = 4
"""OpenCV draws at sixteenths of a pixel with this shift."""
SURE = 0.5
"""Points below this confidence are drawn hollow."""


def draw_faces(image: NDArray[np.uint8], faces: Faces) -> NDArray[np.uint8]:
    """Draws points, skeleton and id of every face on a copy of an image (H, W, 3) uint8 BGR."""
    canvas = image.copy()
    for face in faces:
        _draw_face(canvas, face)
    return canvas


def draw_lines(canvas: NDArray[np.uint8], lines: Sequence[str]) -> None:
    """Writes lines of text into the top-left corner of an image, in place."""
    size = max(0.45, canvas.shape[0] / 1000)
    for number, line in enumerate(lines):
        _write(canvas, line, (8, int((number + 1) * 26 * size + 4)), size)


def _draw_face(canvas: NDArray[np.uint8], face: Face) -> None:
    side = float(face.box[2] - face.box[0])
    thickness = max(1, round(side / 150))
    points = np.clip(face.points, -4096, 4096)  # OpenCV's coordinates are short
    whole = np.round(points * 2**_SHIFT).astype(int).tolist()
    for a, b in SKELETON:
        cv2.line(canvas, whole[a], whole[b], _LINE, thickness, cv2.LINE_AA, _SHIFT)
    radius = round(max(1.5, side / 75) * 2**_SHIFT)
    for index, (point, sure) in enumerate(zip(whole, face.confidence.tolist(), strict=True)):
        filled = cv2.FILLED if sure >= SURE else 1
        cv2.circle(canvas, point, radius, _POINT_COLOURS[index], filled, cv2.LINE_AA, _SHIFT)
    top = points[:, 1].min() - side * 0.1
    _write(canvas, f"{face.id}", (int(points[:, 0].mean()), int(max(top, 14))), max(0.4, side / 300))


def _write(canvas: NDArray[np.uint8], text: str, place: tuple[int, int], size: float) -> None:
    thickness = max(1, round(size * 1.6))
    x, y = place
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):  # a thicker stroke would also be wider from letter to letter
        cv2.putText(canvas, text, (x + dx, y + dy), cv2.FONT_HERSHEY_SIMPLEX, size, _SHADE, thickness, cv2.LINE_AA)
    cv2.putText(canvas, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, _TEXT, thickness, cv2.LINE_AA)
