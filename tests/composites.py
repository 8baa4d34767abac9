"""Scenes with known truth: faces cut from pictures that move over a background on known paths.

What is drawn later covers what was drawn before. The truth of a scene is where the points of each face are in each
frame and how many of them can be seen.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tracker.crop import anchors_of, similarity
from tracker.frame import Frame
from tracker.keypoints import LEFT_EYE, RIGHT_EYE
from tracker.sources.demo import PORTRAIT
from tracker.sources.images import read_image
from training.data.face_set import data_folder, read_face_set

SIDE = 192
"""Of a cutout, pixels."""
EYES = 46.0
"""Distance of the eyes in a cutout, or what stands for it in one turned away, pixels."""
FACE_WIDTH = 2.2
"""Of a face, in eye distances: the unit of speeds."""
_REACH = np.array([1.35, 1.95])
"""Half axes of the ellipse that is cut out, hair included, in eye distances."""
_TILT_LIMIT = 0.5
_OVAL = 0.1
"""Where the ellipse's middle is below the mean of the points, in eye distances (above if negative)."""

PORTRAIT_POINTS = np.array(
    [
        [246.5, 103.4], [203.3, 101.5], [238.0, 104.6], [254.8, 104.0], [211.7, 103.1], [195.4, 101.2], [235.8, 94.0],
        [264.7, 98.4], [216.4, 92.1], [186.7, 92.1], [224.6, 127.9], [245.2, 140.7], [200.6, 139.4], [222.9, 141.3],
        [222.2, 156.7],
    ]
)  # fmt: skip
"""The 15 points of the portrait, pixels, as a network set them: near enough to tell faces apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """A picture with transparency.

    Attributes:
        images: (S, S, 4) uint8, BGR times alpha and alpha, and the same at half the size.
        points: (K, 2) in pixels of the larger one: 15 for a face, none for a thing.
    """

    images: tuple[NDArray[np.uint8], NDArray[np.uint8]]
    points: NDArray[np.float64]

    @classmethod
    def of(cls, picture: NDArray[np.float64], alpha: NDArray[np.float64], points: NDArray[np.float64]) -> "Cutout":
        """Joins a picture (S, S, 3) 0 to 255 with its alpha (S, S) 0 to 1."""
        whole = np.dstack([picture * alpha[:, :, None], 255 * alpha]).round().astype(np.uint8)
        half = cv2.resize(whole, (SIDE // 2, SIDE // 2), interpolation=cv2.INTER_AREA)
        return cls((whole, np.asarray(half, np.uint8)), points)


@dataclass(frozen=True, slots=True, eq=False)
class Actor:
    """A cutout and its path.

    Attributes:
        cutout: what it looks like.
        places: (T, 2) where the cutout's middle is, pixels of the frame.
        sizes: (T,) eye distance, pixels of the frame.
        rolls: (T,) radians.
    """

    cutout: Cutout
    places: NDArray[np.float64]
    sizes: NDArray[np.float64]
    rolls: NDArray[np.float64]

    def transforms(self) -> NDArray[np.float64]:
        """Returns (T, 2, 3), from the cutout's pixels to the frame's."""
        scale, half = self.sizes / EYES, (SIDE - 1) / 2
        cos, sin = np.cos(self.rolls) * scale, np.sin(self.rolls) * scale
        linear = np.stack([np.stack([cos, -sin], axis=1), np.stack([sin, cos], axis=1)], axis=1)
        shift = self.places - linear.sum(axis=2) * half
        return np.concatenate([linear, shift[:, :, None]], axis=2)


class Scene:
    """Actors over a background, with camera noise.

    Attributes:
        points: (T, N, 15, 2) float64, the truth, in pixels of the frame, of the N actors that are faces.
        visible: (T, N) float64, the share of a face's points that is inside the frame and not covered.
        size: (T, N) float64, eye distances, pixels.
        times: (T,) seconds.

    Args:
        actors: from the back to the front.
        width: of a frame, pixels.
        height: of a frame, pixels.
        rate: frames per second.
        seed: of background and noise.
    """

    def __init__(
        self, actors: list[Actor], width: int = 640, height: int = 480, rate: float = 30.0, seed: int = 0
    ) -> None:
        rng = np.random.default_rng(seed)
        self._actors, self._shape = actors, (height, width)
        self._transforms = [actor.transforms() for actor in actors]
        self._background = _texture(rng, height, width)
        self._noise = rng.normal(0, 2, (8, height, width, 3)).round().astype(np.int16)
        self.times = np.arange(len(self._transforms[0])) / rate
        faces = [index for index, actor in enumerate(actors) if len(actor.cutout.points)]
        self.points = np.stack([_mapped(self._transforms[i], actors[i].cutout.points) for i in faces], axis=1)
        self.size = np.stack([actors[i].sizes for i in faces], axis=1)
        self.visible = np.stack([self._visible(row, i) for row, i in enumerate(faces)], axis=1)

    def __len__(self) -> int:
        return len(self.times)

    def __iter__(self) -> Iterator[Frame]:
        """Yields the frames, drawn one after the other."""
        for index, time in enumerate(self.times):
            image = self._background.copy()
            for actor, transforms in zip(self._actors, self._transforms, strict=True):
                _paste(image, actor.cutout, transforms[index])
            noisy = cv2.add(image, self._noise[index % len(self._noise)], dtype=cv2.CV_8U)
            yield Frame(np.asarray(noisy, np.uint8), index, float(time))

    def _visible(self, row: int, index: int) -> NDArray[np.float64]:
        points = self.points[:, row]
        height, width = self._shape
        seen = ((points >= 0) & (points <= [width - 1, height - 1])).all(axis=2)
        for actor, transforms in zip(self._actors[index + 1 :], self._transforms[index + 1 :], strict=True):
            inverse = np.linalg.inv(transforms[:, :, :2])
            place = (points - transforms[:, None, :, 2]) @ inverse.transpose(0, 2, 1)
            x, y = np.clip(np.nan_to_num(place).round(), -1, SIDE).astype(int).transpose(2, 0, 1)
            alpha = np.pad(actor.cutout.images[0][:, :, 3], 1)
            seen &= alpha[y + 1, x + 1] < 128
        return np.asarray(seen.mean(axis=1))


def portrait() -> Cutout:
    """Returns the face of the built-in portrait."""
    return cut_face(read_image(PORTRAIT), PORTRAIT_POINTS)


def people(count: int, seed: int) -> list[Cutout]:
    """Returns faces of different photographs of the face set, those that show most of a face from the front.

    Raises:
        InputError: the face set is not there.
    """
    faces = read_face_set(data_folder(), ["afw", "lfpw", "helen"])
    chosen: list[Cutout] = []
    groups: set[tuple[str, str]] = set()
    for index in np.random.default_rng(seed).permutation(len(faces)):
        face = faces[index]
        if (face.subset, face.group) in groups or not _whole(face.points):
            continue
        groups.add((face.subset, face.group))
        chosen.append(cut_face(face.colour(), face.points))
        if len(chosen) == count:
            break
    return chosen


def cut_face(image: NDArray[np.uint8], points: NDArray[np.floating]) -> Cutout:
    """Cuts a face out of a picture (H, W, 3), upright, by its points (15, 2): a soft ellipse with the hair."""
    points = np.asarray(points, np.float64)
    left, right, mouth = anchors_of(points[None])[0]
    across, down = left - right, mouth - (left + right) / 2
    upright = across + np.array([down[1], -down[0]])
    size = max(float(np.hypot(*across)), float(np.hypot(*down)) / 1.1)
    inward = min(1.0, 1.5 * EYES / size)
    image = np.asarray(cv2.resize(image, None, fx=inward, fy=inward, interpolation=cv2.INTER_AREA), np.uint8)
    points, size = (points + 0.5) * inward - 0.5, size * inward
    angle, scale = np.arctan2(upright[1], upright[0]), size / EYES
    (matrix,) = similarity(points.mean(axis=0)[None], np.array([angle]), np.array([scale]))
    half = (SIDE - 1) / 2
    matrix[:, 2] = points.mean(axis=0) - matrix[:, :2] @ [half, half]
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    picture = cv2.warpAffine(image, matrix, (SIDE, SIDE), flags=flags, borderMode=cv2.BORDER_REFLECT)
    placed = (points - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T
    y, x = np.mgrid[:SIDE, :SIDE] - half
    radius = np.hypot(x / (_REACH[0] * EYES), (y - _OVAL * EYES) / (_REACH[1] * EYES))
    return Cutout.of(picture.astype(np.float64), np.clip((1 - radius) / 0.08, 0, 1), placed)


def thing(width: float, height: float, seed: int = 0) -> Cutout:
    """Returns a textured rectangle; width and height are shares of the cutout, 0 to 1."""
    rng = np.random.default_rng(seed)
    alpha = np.zeros((SIDE, SIDE))
    low = np.round((1 - np.array([height, width])) * SIDE / 2).astype(int)
    alpha[low[0] : SIDE - low[0], low[1] : SIDE - low[1]] = 1
    return Cutout.of(_texture(rng, SIDE, SIDE).astype(np.float64), alpha, np.empty((0, 2)))


def _whole(points: NDArray[np.float32]) -> bool:
    """Whether a face is seen from the front or nearly so: its nose lies between its eyes."""
    eyes = points[LEFT_EYE] - points[RIGHT_EYE]
    across = float((points[10] - points[RIGHT_EYE]) @ eyes / (eyes @ eyes))
    return abs(across - 0.5) < _TILT_LIMIT / 2


def _mapped(transforms: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(points @ transforms[:, :, :2].transpose(0, 2, 1) + transforms[:, None, :, 2])


def _paste(image: NDArray[np.uint8], cutout: Cutout, transform: NDArray[np.float64]) -> None:
    """Draws a cutout over a frame; only the part of the frame that it covers is touched."""
    corners = transform[:, :2] @ np.array([[0, SIDE, 0, SIDE], [0, 0, SIDE, SIDE]]) + transform[:, 2:]
    height, width = image.shape[:2]
    x0, y0 = np.maximum(np.floor(corners.min(axis=1)), 0).astype(int)
    x1, y1 = np.minimum(np.ceil(corners.max(axis=1)), [width, height]).astype(int)
    if x1 <= x0 or y1 <= y0:
        return
    placed, picture = transform.copy(), cutout.images[0]
    placed[:, 2] -= [x0, y0]
    if np.hypot(placed[0, 0], placed[1, 0]) < 0.6:
        picture = cutout.images[1]
        placed[:, 2] += 0.5 * placed[:, :2].sum(axis=1)
        placed[:, :2] *= 2
    layer = cv2.warpAffine(picture, placed, (int(x1 - x0), int(y1 - y0)), flags=cv2.INTER_LINEAR)
    part = image[y0:y1, x0:x1]
    rest = cv2.cvtColor(cv2.bitwise_not(layer[:, :, 3]), cv2.COLOR_GRAY2BGR)
    cv2.add(cv2.multiply(part, rest, scale=1 / 255), cv2.cvtColor(layer, cv2.COLOR_BGRA2BGR), dst=part)


def _texture(rng: np.random.Generator, height: int, width: int) -> NDArray[np.uint8]:
    """Coloured patches of several sizes, (H, W, 3) uint8."""
    layers = [
        cv2.resize(rng.normal(0, 30, (cells, cells, 3)), (width, height), interpolation=cv2.INTER_CUBIC)
        for cells in (4, 9, 20)
    ]
    return np.asarray(np.clip(115 + np.sum(layers, axis=0), 0, 255), np.uint8)
