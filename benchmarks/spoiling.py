"""Labelled faces put into a camera's frame and spoiled by so much: by light, blur, noise, compression.

Every function returns a new scene and takes chance from a generator, so that the same seed makes the same pictures for
every program that is shown them. What lies over a face is in `covering`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from tracker.keypoints import LEFT_EYE, LEFT_OUTER_CORNER, MOUTH_CORNERS, RIGHT_EYE, RIGHT_OUTER_CORNER

WIDTH, HEIGHT = 640, 480
STANDARD_WIDTH = 120.0
"""Width of the face in the frame, pixels, where it is not the width that is varied."""
FACE_WIDTH = 1.6, 2.2
"""A face is as wide as the larger of these times the distance between the outer eye corners, and times the distance
from the eyes to the mouth. Medians over the frontal faces of the face set, ear to ear along iBUG's 68 points."""
NOSE_BEFORE_EYES = 0.55
"""How far the nose tip lies before the line of the outer eye corners, in distances between those: 50 of 90 mm."""

Image = NDArray[np.uint8]
Points = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scene:
    """A frame with one labelled face.

    Attributes:
        image: (480, 640, 3) uint8 BGR.
        points: (15, 2) float32, the labels in pixels of the frame.
        covered: (15,) bool, which of the points lie under something.
    """

    image: Image
    points: Points
    covered: NDArray[np.bool_]

    @property
    def eyes(self) -> float:
        """Distance between the outer eye corners, pixels."""
        return float(np.linalg.norm(self.points[LEFT_OUTER_CORNER] - self.points[RIGHT_OUTER_CORNER]))


Spoiling = Callable[[Scene, float, np.random.Generator], Scene]


def face_width(points: Points) -> float:
    """Width of a face from its points (15, 2), in the same pixels; heads turned aside keep theirs."""
    mouth = points[list(MOUTH_CORNERS)].mean(axis=0)
    eyes = np.linalg.norm(points[LEFT_OUTER_CORNER] - points[RIGHT_OUTER_CORNER])
    down = np.linalg.norm(points[[LEFT_EYE, RIGHT_EYE]].mean(axis=0) - mouth)
    return float(max(FACE_WIDTH[0] * eyes, FACE_WIDTH[1] * down))


def yaw_of(points: Points) -> NDArray[np.floating]:
    """Estimates how far heads are turned aside, in degrees, from labels (N, 15, 2); positive to the subject's left.

    The nose tip's place along the line of the outer eye corners, in weak perspective, for a head of average measures
    (`NOSE_BEFORE_EYES`). Good to some ten degrees, enough for bins.
    """
    left, right = points[:, LEFT_OUTER_CORNER], points[:, RIGHT_OUTER_CORNER]
    across = left - right
    nose = points[:, 10] - (left + right) / 2
    aside = (nose * across).sum(axis=1) / (across**2).sum(axis=1)
    return np.asarray(np.degrees(np.arctan2(aside, NOSE_BEFORE_EYES)))


def place(image: Image, points: Points, width: float) -> Scene:
    """Puts a picture into a frame so that its face is in the middle and so wide.

    Shrunk by area averaging. Around the picture is a wide, blurred version of it.
    """
    factor = width / face_width(points)
    size = tuple(max(1, round(side * factor)) for side in image.shape[1::-1])
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    small = cv2.resize(image, size, interpolation=how)
    placed = (points + 0.5) * (np.array(size) / image.shape[1::-1]) - 0.5
    shift = np.round(np.array([WIDTH, HEIGHT]) / 2 - placed.mean(axis=0)).astype(int)
    tiny = cv2.GaussianBlur(cv2.resize(image, (64, 48), interpolation=cv2.INTER_AREA), (0, 0), 6)
    frame = cv2.resize(tiny, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
    low = np.maximum(shift, 0)
    high = np.minimum(shift + size, (WIDTH, HEIGHT))
    (x0, y0), (x1, y1) = low - shift, high - shift
    frame[low[1] : high[1], low[0] : high[0]] = small[y0:y1, x0:x1]
    return Scene(np.asarray(frame, np.uint8), (placed + shift).astype(np.float32), np.zeros(len(points), bool))


def rolled(scene: Scene, degrees: float, rng: np.random.Generator) -> Scene:  # noqa: ARG001 - nothing by chance
    """Turns the frame about the face until the line of the outer eye corners stands at the angle, clockwise."""
    across = scene.points[LEFT_OUTER_CORNER] - scene.points[RIGHT_OUTER_CORNER]
    own = np.degrees(np.arctan2(across[1], across[0]))
    centre = tuple(scene.points.mean(axis=0).tolist())
    turn = cv2.getRotationMatrix2D(centre, float(own - degrees), 1.0)
    image = cv2.warpAffine(scene.image, turn, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    points = scene.points @ turn[:, :2].T + turn[:, 2]
    return replace(scene, image=np.asarray(image, np.uint8), points=points.astype(np.float32))


def darkened(scene: Scene, gain: float, rng: np.random.Generator) -> Scene:
    """Multiplies gray levels, and adds the noise of a camera short of light: a variance of 0.1 per level, and 1."""
    level = scene.image * np.float32(gain)
    noise = rng.standard_normal(level.shape, np.float32) * np.sqrt(0.1 * level + 1)
    return replace(scene, image=pixels(level + noise * (gain < 1)))


def blurred(scene: Scene, percent: float, rng: np.random.Generator) -> Scene:  # noqa: ARG001 - nothing by chance
    """Blurs by a Gaussian whose σ is so many % of the outer-eye distance."""
    sigma = percent / 100 * scene.eyes
    return scene if sigma == 0 else replace(scene, image=pixels(cv2.GaussianBlur(scene.image, (0, 0), sigma)))


def moved(scene: Scene, percent: float, rng: np.random.Generator) -> Scene:
    """Blurs along a line of any direction that is so many % of the outer-eye distance long."""
    length = percent / 100 * scene.eyes
    size = 2 * int(np.ceil(length / 2)) + 3
    angle = rng.uniform(0, np.pi)
    steps = np.linspace(-length / 2, length / 2, 8 * size)
    kernel = np.zeros((size, size), np.float32)
    middle = size // 2
    across, down = (middle + steps * np.cos(angle), middle + steps * np.sin(angle))
    np.add.at(kernel, (down.round().astype(int), across.round().astype(int)), 1)
    return replace(scene, image=pixels(cv2.filter2D(scene.image, -1, kernel / kernel.sum())))


def compressed(scene: Scene, quality: float, rng: np.random.Generator) -> Scene:  # noqa: ARG001 - nothing by chance
    """Stores the frame as JPEG of a quality, 1 to 100, and reads it again."""
    _, data = cv2.imencode(".jpg", scene.image, [cv2.IMWRITE_JPEG_QUALITY, int(quality)])
    return replace(scene, image=np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8))


def noisy(scene: Scene, sigma: float, rng: np.random.Generator) -> Scene:
    """Adds Gaussian noise of so many gray levels, to each colour by itself."""
    noise = rng.standard_normal(scene.image.shape, np.float32) * np.float32(sigma)
    return replace(scene, image=pixels(scene.image + noise))


def pixels(levels: NDArray[Any]) -> Image:
    """Rounds levels to gray levels, 0 to 255."""
    return np.clip(np.round(levels), 0, 255).astype(np.uint8)
