"""Drawing faces and the display of a live picture."""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from tracker.faces import Face, Faces
from tracker.keypoints import REGIONS, SKELETON
from tracker.planes import Planes

_COLOURS = {"eyes_nose": (120, 230, 90), "mouth_brows": (60, 170, 255)}
_POINT_COLOURS = {index: _COLOURS[region] for region, members in REGIONS.items() for index in members}
_LINE = (235, 235, 235)
_TEXT = (255, 255, 255)
_SHADE = (0, 0, 0)
_SHIFT = 4
"""OpenCV draws at sixteenths of a pixel with this shift."""
FARTHEST = 16_000.0
"""Pixels: points and sizes beyond are drawn as if they were there, outside of every frame."""
SURE = 0.5
"""Points below this confidence are drawn hollow."""


def draw_faces(image: NDArray[np.uint8], faces: Faces) -> NDArray[np.uint8]:
    """Draws points, skeleton and id of every face on a copy of an image (H, W, 3) uint8 BGR."""
    canvas = image.copy()
    for face in faces:
        _draw_face(canvas, face)
    return canvas


def draw_on_planes(canvas: Planes, faces: Faces) -> None:
    """Draws as `draw_faces` does, on a copy of a picture as it was decoded; only around faces is it turned to BGR."""
    height, width = canvas.shape[:2]
    for face in faces:
        x0, y0, x1, y1 = _reach(face)
        x0, y0 = max(x0 // 2 * 2, 0), max(y0 // 2 * 2, 0)
        x1, y1 = min(-(-x1 // 2) * 2, width), min(-(-y1 // 2) * 2, height)
        if x0 < x1 and y0 < y1:
            part = canvas.part(x0, y0, x1, y1)
            _draw_face(part, face, (x0, y0))
            canvas.put(part, x0, y0)


def draw_lines(canvas: NDArray[np.uint8], lines: Sequence[str]) -> None:
    """Writes lines of text into the top-left corner of an image, in place."""
    size = max(0.45, canvas.shape[0] / 1000)
    for number, line in enumerate(lines):
        _write(canvas, line, (8, int((number + 1) * 26 * size + 4)), size)


def _draw_face(canvas: NDArray[np.uint8], face: Face, corner: tuple[int, int] = (0, 0)) -> None:
    """Draws a face of a frame on a part of it, whose top-left pixel is at the corner."""
    points, side = _drawable(face)
    thickness, radius = _line_width(side), _radius(side)
    whole = (np.round(points * 2**_SHIFT).astype(int) - np.array(corner) * 2**_SHIFT).tolist()
    for a, b in SKELETON:
        cv2.line(canvas, whole[a], whole[b], _LINE, thickness, cv2.LINE_AA, _SHIFT)
    for index, (point, sure) in enumerate(zip(whole, face.confidence.tolist(), strict=True)):
        filled = cv2.FILLED if sure >= SURE else 1
        cv2.circle(canvas, point, round(radius * 2**_SHIFT), _POINT_COLOURS[index], filled, cv2.LINE_AA, _SHIFT)
    x, y = _place_of_id(points, side)
    _write(canvas, f"{face.id}", (x - corner[0], y - corner[1]), _text_size(side))


def _reach(face: Face) -> tuple[int, int, int, int]:
    """The part of the frame (x0, y0, x1, y1) that `_draw_face` may change; may reach beyond the frame."""
    points, side = _drawable(face)
    margin = _radius(side) + _line_width(side) + 2
    (left, top), (right, bottom) = points.min(axis=0) - margin, points.max(axis=0) + margin
    size = _text_size(side)
    (width, height), below = cv2.getTextSize(f"{face.id}", cv2.FONT_HERSHEY_SIMPLEX, size, _text_width(size))
    x, y = _place_of_id(points, side)
    edge = 2 * _text_width(size) + 2
    left, right = min(left, x - edge), max(right, x + width + edge)
    top, bottom = min(top, y - height - edge), max(bottom, y + below + edge)
    return math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom)


def _drawable(face: Face) -> tuple[NDArray[np.float32], float]:
    """A face's points and its side, within what OpenCV can draw: far beyond it, it ends the program."""
    points = np.nan_to_num(face.points, nan=-FARTHEST, posinf=FARTHEST, neginf=-FARTHEST).clip(-FARTHEST, FARTHEST)
    side = np.nan_to_num(face.box[2] - face.box[0], nan=0.0, posinf=FARTHEST).clip(0.0, FARTHEST)
    return points, float(side)


def _line_width(side: float) -> int:
    return max(1, round(side / 150))


def _radius(side: float) -> float:
    return max(1.5, side / 75)


def _place_of_id(points: NDArray[np.float32], side: float) -> tuple[int, int]:
    """Where the id's first digit stands: above the face, and inside the frame."""
    top = points[:, 1].min() - side * 0.1
    return int(points[:, 0].mean()), int(max(top, 14))


def _text_size(side: float) -> float:
    return max(0.4, side / 300)


def _text_width(size: float) -> int:
    return max(1, round(size * 1.6))


def _write(canvas: NDArray[np.uint8], text: str, place: tuple[int, int], size: float) -> None:
    thickness = _text_width(size)
    x, y = place
    for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):  # a thicker stroke would also be wider from letter to letter
        cv2.putText(canvas, text, (x + dx, y + dy), cv2.FONT_HERSHEY_SIMPLEX, size, _SHADE, thickness, cv2.LINE_AA)
    cv2.putText(canvas, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, _TEXT, thickness, cv2.LINE_AA)
