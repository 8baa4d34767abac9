"""Clips of one face with known motion, rendered so finely that the rendering itself moves nothing.

A head is cut from a picture, moved over a still background and blended in softly. Every pixel of it is the mean of 4x4
samples, as a sensor's pixel is the mean over its area; OpenCV's warps place samples on a grid of 1/32 pixel, which is
1/128 pixel of the frame then.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from steady.motions import Motion
from tracker.keypoints import LEFT_OUTER_CORNER, RIGHT_OUTER_CORNER

WIDTH, HEIGHT, RATE = 640, 480, 30.0
FACE_WIDTH = 1.5
"""A face's width in distances between the outer eye corners (about 135 mm and 90 mm in adults)."""
HEAD = 2.0
"""The radius of what is shown of the picture, in distances between the outer eye corners."""
_FINER = 4


@dataclass(frozen=True, slots=True)
class Scene:
    """A picture of one face and how large the face is to be.

    Attributes:
        name: what a table calls it.
        picture: (H, W, 3) uint8 BGR.
        points: (15, 2) the face's points in it, roughly: only the face's place and size come from them.
        eyes: the wanted distance between the outer eye corners, in pixels of the frame.
    """

    name: str
    picture: NDArray[np.uint8]
    points: NDArray[np.floating]
    eyes: float = 60.0

    def poses(self, motion: Motion, time: NDArray[np.float64]) -> NDArray[np.float64]:
        """Returns the true maps (T, 2, 3) from pixels of the picture to pixels of the frame at moments (T,)."""
        scale = self.eyes / float(np.linalg.norm(self.points[LEFT_OUTER_CORNER] - self.points[RIGHT_OUTER_CORNER]))
        angle, shift = motion.angle(time), motion.shift(time) * self.eyes * FACE_WIDTH
        cos, sin = scale * np.cos(angle), scale * np.sin(angle)
        linear = np.stack([np.stack([cos, -sin], axis=-1), np.stack([sin, cos], axis=-1)], axis=-2)
        place = np.array([(WIDTH - 1) / 2, (HEIGHT - 1) / 2]) + shift - linear @ self.points.mean(axis=0)
        return np.concatenate([linear, place[:, :, None]], axis=2)

    def background(self) -> NDArray[np.uint8]:
        """Returns a still background (480, 640, 3): the picture out of focus and darker."""
        wide = cv2.resize(self.picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
        return (cv2.GaussianBlur(wide, (0, 0), 40) * 0.7).astype(np.uint8)

    def render(self, pose: NDArray[np.float64], background: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Returns the frame (480, 640, 3) uint8 that shows the head under a map (2, 3) from picture to frame."""
        centre = pose[:, :2] @ self.points.mean(axis=0) + pose[:, 2]
        reach = round(HEAD * self.eyes)
        left, top = (max(int(place) - reach - 2, 0) for place in centre)
        right, bottom = min(left + 2 * reach + 4, WIDTH), min(top + 2 * reach + 4, HEIGHT)
        finer = _FINER * (pose - [[0, 0, left], [0, 0, top]])
        finer[:, 2] += (_FINER - 1) / 2
        size = ((right - left) * _FINER, (bottom - top) * _FINER)
        large = cv2.warpAffine(self.picture, finer, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        head = cv2.resize(large, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
        y, x = np.mgrid[top:bottom, left:right]
        radius = np.hypot(x - centre[0], y - centre[1]) / reach
        weight = np.clip((1 - radius) / 0.15, 0, 1)[:, :, None]
        frame = background.copy()
        part = frame[top:bottom, left:right]
        part[:] = np.rint(weight * head + (1 - weight) * part)
        return frame


def noisy(frame: NDArray[np.uint8], sigma: float, generator: np.random.Generator) -> NDArray[np.uint8]:
    """Adds Gaussian noise of sigma grey levels, the same to all three colours, and rounds to (H, W, 3) uint8.

    Noise of its own per colour would be weaker in gray, which is what this tracker looks at; this way none gains.
    """
    noise = generator.standard_normal(frame.shape[:2], np.float32)[:, :, None] * np.float32(sigma)
    return np.clip(np.rint(frame + noise), 0, 255).astype(np.uint8)


def clip(scene: Scene, motion: Motion, sigma: float, seed: int) -> NDArray[np.uint8]:
    """Renders a clip (T, 480, 640, 3) uint8 BGR of 30 frames per second with camera noise."""
    generator = np.random.default_rng(seed)
    time = np.arange(round(motion.seconds * RATE)) / RATE
    poses = scene.poses(motion, time)
    frames = np.empty((len(time), HEIGHT, WIDTH, 3), np.uint8)
    background = scene.background()
    clean = scene.render(poses[0], background)
    for index, pose in enumerate(poses):
        if index and not np.array_equal(pose, poses[index - 1]):
            clean = scene.render(pose, background)
        frames[index] = noisy(clean, sigma, generator)
    return frames
