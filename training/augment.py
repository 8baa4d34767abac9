"""Training samples: a face of the set, cropped as the tracker would crop it on a bad day, in bad light.

Every sample is cut by `tracker.crop`, from anchors that are moved as the detector's and the tracker's own anchors are
off. How far those are off was measured on the training faces, placed at random sizes in a frame: the detector turns
the crop by σ 7° (people's photographs) to 14° (small video faces), scales it by 8 % too small with σ 14 to 20 %, and
shifts it by σ 3 to 7 % of its side.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tracker.crop import CROP_SIZE, anchors_of, crop_transforms, cut_crops, similarity, to_crop
from tracker.keypoints import COUNT, MIRROR

Gray = NDArray[np.uint8]
Points = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Jitter:
    """How far a crop is off: standard deviations, scale as a logarithm, shift in crop sides."""

    rotation: float
    scale: float
    shift: float
    scale_bias: float = 0.0


TRACKING = Jitter(rotation=4.0, scale=0.05, shift=0.02)
DETECTION = Jitter(rotation=8.0, scale=0.14, shift=0.035, scale_bias=-0.04)
WORST = Jitter(rotation=18.0, scale=0.22, shift=0.07, scale_bias=-0.04)
JITTERS, JITTER_SHARES = (TRACKING, DETECTION, WORST), (0.4, 0.45, 0.15)
"""Those that training draws from, and how often each."""


def jittered_crop(image: Gray, points: Points, jitter: Jitter, rng: np.random.Generator) -> tuple[Gray, Points]:
    """Cuts a face with a crop that is off.

    Args:
        image: (H, W) uint8.
        points: (K, 2) float32 pixels of the image, the 15 keypoints first.
        jitter: how far off.
        rng: source of chance.

    Returns:
        The crop (96, 96) uint8 and the points (K, 2) in its pixels; points may lie outside.
    """
    (exact,) = crop_transforms(anchors_of(points[None, :COUNT]))
    scale = np.hypot(exact[0, 0], exact[1, 0])
    angle = np.arctan2(exact[1, 0], exact[0, 0]) + np.radians(rng.normal(0, jitter.rotation))
    half = (CROP_SIZE - 1) / 2
    centre = exact @ [half, half, 1] + rng.normal(0, jitter.shift, 2) * scale * CROP_SIZE
    factor = np.exp(np.clip(rng.normal(jitter.scale_bias, jitter.scale), -0.5, 0.5))
    transform = similarity(centre[None], np.array([angle]), np.array([scale * factor]))
    return cut_crops(image, transform)[0], to_crop(transform, points[None])[0]


def mirror(crop: Gray, points: Points, order: Sequence[int] = MIRROR) -> tuple[Gray, Points]:
    """Mirrors a crop (96, 96) and its points (K, 2); left and right points change places as `order` (K,) says."""
    mirrored = points[list(order)]
    mirrored[:, 0] = CROP_SIZE - 1 - mirrored[:, 0]
    return np.ascontiguousarray(crop[:, ::-1]), mirrored


def low_resolution(image: Gray, points: Points, rng: np.random.Generator) -> tuple[Gray, Points]:
    """Shrinks the image so that the crop's side is 24 to 96 of its pixels, as of a face far from the camera."""
    (exact,) = crop_transforms(anchors_of(points[None, :COUNT]))
    side = np.hypot(exact[0, 0], exact[1, 0]) * CROP_SIZE
    factor = rng.uniform(24, 96) / side
    if factor >= 1:
        return image, points
    height, width = (max(2, round(n * factor)) for n in image.shape)
    small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    ratio = np.array([width / image.shape[1], height / image.shape[0]], np.float32)
    return np.asarray(small, np.uint8), (points + 0.5) * ratio - 0.5


def spoil(crop: Gray, rng: np.random.Generator) -> Gray:
    """Changes light and sharpness and adds noise, JPEG blocks and things before the face, each by chance."""
    if rng.random() < 0.25:
        crop = _occlude(crop, rng)
    pixels = crop.astype(np.float32)
    if rng.random() < 0.5:
        pixels = 255 * (pixels / 255) ** np.exp(rng.normal(0, 0.4))
    if rng.random() < 0.3:
        pixels = pixels * _side_light(rng)
    gain = np.exp(rng.normal(0, 0.25)) if rng.random() < 0.85 else rng.uniform(0.08, 0.5)
    pixels = pixels * gain + rng.normal(0, 18)
    if rng.random() < 0.2:
        pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.5, 2.5)), np.float32)
    if rng.random() < 0.1:
        pixels = _motion_blur(pixels, rng)
    if rng.random() < 0.4:
        pixels = pixels + rng.normal(0, rng.uniform(2, 14), pixels.shape).astype(np.float32)
    crop = np.clip(pixels, 0, 255).astype(np.uint8)
    if rng.random() < 0.15:
        _, data = cv2.imencode(".jpg", crop, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(12, 60))])
        crop = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
    return crop


def _occlude(crop: Gray, rng: np.random.Generator) -> Gray:
    """Covers a part with a turned box or an ellipse, of one gray level or of noise."""
    mask = np.zeros_like(crop)
    centre = tuple(rng.uniform(0, CROP_SIZE, 2))
    size = tuple(rng.uniform(10, 50, 2))
    rotated = (centre, size, rng.uniform(0, 180))
    if rng.random() < 0.5:
        cv2.ellipse(mask, rotated, 255, -1)
    else:
        cv2.fillPoly(mask, [cv2.boxPoints(rotated).astype(np.int32)], 255)
    texture: NDArray[np.float32] = np.full(crop.shape, rng.uniform(0, 255), np.float32)
    if rng.random() < 0.5:
        noise = rng.uniform(0, 255, crop.shape).astype(np.float32)
        texture = np.asarray(cv2.GaussianBlur(noise, (0, 0), rng.uniform(1, 8)), np.float32)
    return np.where(mask > 0, np.clip(texture, 0, 255).astype(np.uint8), crop)


def _side_light(rng: np.random.Generator) -> NDArray[np.float32]:
    """A factor per pixel that falls from one side to the other."""
    axis = np.linspace(-1, 1, CROP_SIZE, dtype=np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    slope = np.cos(angle) * axis[None, :] + np.sin(angle) * axis[:, None]
    return np.asarray(np.clip(1 + rng.uniform(0.2, 0.8) * slope, 0.1, 2), np.float32)


def _motion_blur(pixels: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    length = int(rng.integers(3, 10))
    kernel = np.zeros((length, length), np.float32)
    angle = rng.uniform(0, np.pi)
    half = (length - 1) / 2
    direction = np.array([np.cos(angle), np.sin(angle)]) * half
    start, end = np.round(half - direction).astype(int), np.round(half + direction).astype(int)
    cv2.line(kernel, tuple(start.tolist()), tuple(end.tolist()), 1.0)
    return np.asarray(cv2.filter2D(pixels, -1, kernel / kernel.sum()), np.float32)


def no_face(image: Gray, points: Points, rng: np.random.Generator) -> Gray:
    """Cuts a place where no face should be found: beside the face, a small part of it, or plain texture."""
    (exact,) = crop_transforms(anchors_of(points[None, :COUNT]))
    scale = np.hypot(exact[0, 0], exact[1, 0])
    kind = rng.random()
    if kind < 0.2:
        noise = rng.normal(rng.uniform(0, 255), rng.uniform(0, 60), (CROP_SIZE, CROP_SIZE)).astype(np.float32)
        blurred = cv2.GaussianBlur(noise, (0, 0), rng.uniform(0.3, 12))
        return np.asarray(np.clip(blurred, 0, 255), np.uint8)
    half = (CROP_SIZE - 1) / 2
    middle = exact @ [half, half, 1]
    direction = rng.uniform(0, 2 * np.pi)
    away = np.array([np.cos(direction), np.sin(direction)]) * scale * CROP_SIZE
    if kind < 0.8:
        centre, factor = middle + away * rng.uniform(0.75, 1.3), np.exp(rng.uniform(-1.2, 0.3))
    else:
        centre, factor = middle + away * rng.uniform(0.1, 0.4), rng.uniform(0.1, 0.3)
    angle = np.array([rng.uniform(0, 2 * np.pi)])
    return np.asarray(cut_crops(image, similarity(centre[None], angle, np.array([scale * factor])))[0])


def sample(
    image: Gray,
    points: Points,
    rng: np.random.Generator,
    *,
    jitters: Sequence[Jitter] = JITTERS,
    shares: Sequence[float] = JITTER_SHARES,
    order: Sequence[int] = MIRROR,
) -> tuple[Gray, Points]:
    """Cuts one training sample of a face, not spoiled yet.

    Args:
        image: (H, W) uint8.
        points: (K, 2) float32 pixels of the image, the 15 keypoints first.
        rng: source of chance.
        jitters: how far crops may be off.
        shares: how often each of them is drawn; together 1.
        order: (K,) which point each one becomes in the mirror.

    Returns:
        The crop (96, 96) uint8 and the points (K, 2) float32 in its pixels.
    """
    if rng.random() < 0.3:
        image, points = low_resolution(image, points, rng)
    jitter = jitters[rng.choice(len(jitters), p=shares)]
    crop, points = jittered_crop(image, points, jitter, rng)
    if rng.random() < 0.5:
        crop, points = mirror(crop, points, order)
    return crop, points
