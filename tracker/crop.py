"""The crop: the map between a face in the frame and 96x96 gray pixels, both ways.

A face is cropped by three anchors: the centres of its two eyes and of its mouth. They come from the detector for a
new face and from the last points for a face that is being followed. The crop is rotated so that the face is upright in
it, and its side follows the face's size, so that the network always sees faces alike. Training cuts its samples with
these same functions, so what the network sees live is what it saw in training.

Coordinates have (0, 0) at the centre of the top-left pixel, in frames as in crops. A transform is a (2, 3) float64
matrix from crop pixels to frame pixels: a rotation, a uniform scale and a shift.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tracker.keypoints import COUNT, LEFT_EYE, LIPS, MOUTH_CORNERS, RIGHT_EYE
from tracker.planes import Planes

CROP_SIZE = 96
SHRINK_AT_ONCE = 1.4
"""Up to this many frame pixels per crop pixel are sampled bilinearly; above it the frame is halved first."""

GRID = 0.125
"""How far apart the places, turns and sizes are at which faces are looked at that are followed, in crop pixels."""

_MOUTH = (*MOUTH_CORNERS, *LIPS)
_ANCHORS = np.zeros((3, COUNT))
_ANCHORS[0, LEFT_EYE] = _ANCHORS[1, RIGHT_EYE] = 1
_ANCHORS[2, _MOUTH] = 1 / len(_MOUTH)
"""The anchors as weighted means of the points."""

Gray = NDArray[np.uint8]
Transforms = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Framing:
    """How much of a face a crop shows: what a network was trained on is what it must be given.

    Attributes:
        eyes_in_side: the crop's side in eye distances: what decides for a face seen from the front.
        mouth_in_side: the crop's side in distances from eyes to mouth: what decides for a face that is turned away.
        eyes_weight: where the crop's centre lies between the mouth (0) and the eyes (1); beyond them outside of 0 to 1.
    """

    eyes_in_side: float = 2.5
    mouth_in_side: float = 2.3
    eyes_weight: float = 0.55


DEFAULT_FRAMING = Framing()
"""That of the network that ships."""


def anchors_of(points: NDArray[np.floating]) -> NDArray[np.float64]:
    """Returns the anchors of faces: left eye, right eye and mouth (N, 3, 2), from their points (N, 15, 2)."""
    return np.asarray(_ANCHORS @ points, np.float64)


def crop_transforms(anchors: NDArray[np.floating], framing: Framing = DEFAULT_FRAMING) -> Transforms:
    """Places the crops of faces.

    Upright is where the line of the eyes and the line from the eyes to the mouth, turned by a right angle, point on
    average: for a face seen from the front that is the line of the eyes; for a face turned away, whose eyes nearly
    coincide and whose line of the eyes says little, the mouth decides.

    Args:
        anchors: (N, 3, 2) left eye, right eye and mouth in frame pixels.
        framing: how much of a face the crops show.

    Returns:
        (N, 2, 3) float64, from crop pixels to frame pixels.
    """
    # with places as x + iy a rotation with a scale is one factor, and few numpy calls do for few faces
    places = np.ascontiguousarray(anchors, np.float64).reshape(-1, 6).view(np.complex128)
    left, right, mouth = places.T
    middle = (left + right) / 2
    across, down = left - right, mouth - middle
    upright = across - 1j * down
    length = np.abs(upright)
    side = np.maximum(framing.eyes_in_side * np.abs(across), framing.mouth_in_side * np.abs(down))
    scale = np.maximum(side, 1.0) / CROP_SIZE
    turn = np.asarray(np.where(length > 0, upright, 1.0) * (scale / np.where(length > 0, length, 1.0)), np.complex128)
    return _transforms(framing.eyes_weight * middle + (1 - framing.eyes_weight) * mouth, turn)


def similarity(
    centre: NDArray[np.float64], angle: NDArray[np.float64], scale: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Returns transforms (N, 2, 3) of crops by centre (N, 2), angle (N,) in radians and frame pixels per crop pixel."""
    return _transforms(centre[:, 0] + 1j * centre[:, 1], scale * np.exp(1j * angle))


def _transforms(centre: NDArray[np.complex128], turn: NDArray[np.complex128]) -> Transforms:
    """Returns transforms (N, 2, 3) of crops by centres (N,) and by turns (N,), scale times (cosine + i sine)."""
    corner = centre - (1 + 1j) * (CROP_SIZE - 1) / 2 * turn
    transforms = np.empty((len(centre), 2, 3))
    transforms[:, 0, 0] = transforms[:, 1, 1] = turn.real
    transforms[:, 1, 0] = turn.imag
    transforms[:, 0, 1] = -turn.imag
    transforms[:, 0, 2] = corner.real
    transforms[:, 1, 2] = corner.imag
    return transforms


def on_grid(transforms: Transforms) -> Transforms:
    """Moves crops (N, 2, 3) to the nearest place, turn and size of a grid, which moves none of their pixels far.

    Two runs over one video that start at different frames see nearly the same crops, but never come to see the very
    same: a network answers the least difference with another one. On a grid, differences that are small enough vanish.
    So what is found in a frame does not depend on where the run began, some seconds after it did.

    Args:
        transforms: from crop pixels to frame pixels.
    """
    half = (CROP_SIZE - 1) / 2
    turn = transforms[:, 0, 0] + 1j * transforms[:, 1, 0]
    centre = transforms[:, 0, 2] + 1j * transforms[:, 1, 2] + (1 + 1j) * half * turn
    steps = np.log(turn) * (half / GRID)
    turn = np.exp((np.rint(steps.real) + 1j * np.rint(steps.imag)) * (GRID / half))
    pitch = np.abs(turn) * GRID
    places = centre / pitch
    return _transforms((np.rint(places.real) + 1j * np.rint(places.imag)) * pitch, turn)


def crop_boxes(transforms: Transforms) -> NDArray[np.float32]:
    """Returns upright boxes (N, 4) as large as the crops and around their centres: left, top, right, bottom."""
    half = (CROP_SIZE - 1) / 2
    centre = transforms @ np.array([half, half, 1.0])
    reach = crop_scales(transforms)[:, None] * (CROP_SIZE / 2)
    return np.concatenate([centre - reach, centre + reach], axis=1).astype(np.float32)


def crop_scales(transforms: Transforms) -> NDArray[np.float64]:
    """Returns how many frame pixels a crop pixel is wide (N,)."""
    return np.asarray(np.hypot(transforms[:, 0, 0], transforms[:, 1, 0]))


def to_frame(transforms: Transforms, points: NDArray[np.floating]) -> NDArray[np.float32]:
    """Maps points (N, K, 2) from crop pixels to frame pixels."""
    mapped = points @ transforms[:, :, :2].transpose(0, 2, 1) + transforms[:, None, :, 2]
    return mapped.astype(np.float32)


def to_crop(transforms: Transforms, points: NDArray[np.floating]) -> NDArray[np.float32]:
    """Maps points (N, K, 2) from frame pixels to crop pixels."""
    linear = transforms[:, :, :2]
    inverse = linear.transpose(0, 2, 1) / (linear[:, :1, :1] ** 2 + linear[:, 1:, :1] ** 2)
    mapped = (points - transforms[:, None, :, 2]) @ inverse.transpose(0, 2, 1)
    return mapped.astype(np.float32)


def cut_crops(image: NDArray[np.uint8] | Planes, transforms: Transforms, out: Gray | None = None) -> Gray:
    """Cuts faces out of a frame.

    Only the part of the frame that holds faces is turned to gray, once for all faces. A face that is shrunk is sampled
    from a copy halved as often as needed, each halving averaging 2x2 pixels, so that nothing aliases; faces share
    the copies. Pixels outside the frame repeat its border.

    Args:
        image: (H, W, 3) uint8 BGR, (H, W) uint8 gray, or a picture as it was decoded.
        transforms: (N, 2, 3) from crop pixels to frame pixels.
        out: (N, 96, 96) uint8 to write into; a new array if None.

    Returns:
        (N, 96, 96) uint8.
    """
    count = len(transforms)
    crops = np.empty((count, CROP_SIZE, CROP_SIZE), np.uint8) if out is None else out
    if count == 0:
        return crops
    levels = [_halvings(scale) for scale in crop_scales(transforms).tolist()]
    x0, y0, x1, y1 = _part_with_faces(image.shape, transforms, max(levels))
    part = image.part(x0, y0, x1, y1) if isinstance(image, Planes) else image[y0:y1, x0:x1]
    pyramid = [np.asarray(cv2.cvtColor(part, cv2.COLOR_BGR2GRAY), np.uint8) if part.ndim == 3 else part]
    placed = transforms.copy()
    placed[:, 0, 2] -= x0
    placed[:, 1, 2] -= y0
    if any(levels):
        shrunk = 0.5 ** np.array(levels, np.float64)
        placed *= shrunk[:, None, None]
        placed[:, :, 2] += (0.5 * shrunk - 0.5)[:, None]
    for matrix, level, crop in zip(placed, levels, crops, strict=True):
        while len(pyramid) <= level:
            pyramid.append(_half(pyramid[-1]))
        cv2.warpAffine(
            pyramid[level],
            matrix,
            (CROP_SIZE, CROP_SIZE),
            dst=crop,
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
    return crops


def _halvings(scale: float) -> int:
    """How often the frame is halved for a crop with so many frame pixels per crop pixel."""
    return max(math.ceil(math.log2(max(scale, SHRINK_AT_ONCE) / SHRINK_AT_ONCE)), 0)


def _part_with_faces(shape: tuple[int, ...], transforms: Transforms, level: int) -> tuple[int, int, int, int]:
    """The smallest part of the frame (x0, y0, x1, y1) from which all crops can be sampled, never empty."""
    height, width = shape[:2]
    last = CROP_SIZE - 1
    corners = transforms @ np.array([[0, last, 0, last], [0, 0, last, last], [1, 1, 1, 1]], np.float64)
    step = 2**level
    margin = 2 * step
    low = (corners.min(axis=(0, 2)) - margin) // step * step
    high = corners.max(axis=(0, 2)) + margin
    x0 = int(min(max(low[0], 0), (width - 1) // step * step))
    y0 = int(min(max(low[1], 0), (height - 1) // step * step))
    x1 = min(max(math.ceil(min(high[0], width)), x0 + 1), width)
    y1 = min(max(math.ceil(min(high[1], height)), y0 + 1), height)
    return x0, y0, x1, y1


def _half(gray: Gray) -> Gray:
    height, width = gray.shape
    if height < 2 or width < 2:
        return gray
    even = gray[: height // 2 * 2, : width // 2 * 2]
    return np.asarray(cv2.resize(even, (width // 2, height // 2), interpolation=cv2.INTER_AREA), np.uint8)
