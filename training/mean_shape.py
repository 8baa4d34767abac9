"""Fits the mean shape of `tracker.measures.mean_shape` to labelled faces: python -m training.mean_shape [--data DIR].

It is structure from motion with one motion, the turn of the head to the side, under weak perspective and with a face
that is symmetric on average. After the line of the eyes is turned level, a head that is turned by yaw shows the eye
distance times cos(yaw), and what lies at depth d before the eyes is shifted along that line by d times sin(yaw). So

- the depths relative to the nose tip's are slopes: how far a pair of points (or a middle point) is shifted when the
  nose tip is, both in eye distances of the picture;
- the nose tip's own depth follows from how much the eye distance shrinks, against the height of the face, when the
  nose tip is shifted: (height / eye distance)² = c (1 + (shift / eye distance)² / depth²).

A factorisation of all points at once (Tomasi and Kanade, 1992) has the scale of depth from that same shrinking, but it
takes the differences between people's proportions for turns: it makes faces half as deep as they are.

Pitch has no such fit: zero is the mean of the faces, which is how people hold their heads in photographs.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.keypoints import INDEX, KEYPOINTS, LEFT_EYE, LIPS, MIRROR, MOUTH_CORNERS, RIGHT_EYE
from training.data.face_set import data_folder, read_face_set

SUBSETS = ("lfpw", "helen")
"""The collections that people labelled, but for the test set."""
_MOUTH = (*MOUTH_CORNERS, *LIPS)
_NOSE = INDEX["nose_tip"]
_STEPS = 100


def fit_mean_shape(points: NDArray[np.floating]) -> NDArray[np.float64]:
    """Fits the mean shape to faces.

    Args:
        points: (N, 15, 2), in pixels; from many people, with heads turned to both sides.

    Returns:
        (15, 3) float64 in eye distances, from the middle of the eyes: x to the subject's left, y down, z into the head.
    """
    placed = _levelled(np.asarray(points, np.float64))
    shift, height = placed[:, _NOSE, 0], placed[:, _MOUTH, 1].mean(axis=1)
    depth = _nose_depth(shift, height)
    front = np.sqrt(1 + (shift / depth) ** 2)  # eye distances as seen from the front per eye distance in the picture
    pairs = (placed + placed[:, MIRROR]) / 2
    shape = np.empty((len(KEYPOINTS), 3))
    shape[:, 0] = ((placed - placed[:, MIRROR]) / 2)[:, :, 0].mean(axis=0)
    shape[:, 1] = (pairs[:, :, 1] / front[:, None]).mean(axis=0)
    shape[:, 2] = -depth * (pairs[:, :, 0] * shift[:, None]).sum(axis=0) / (shift**2).sum()
    return shape


def _levelled(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns points from the middle of the eyes, turned until the eyes are level, in eye distances of the picture."""
    across = points[:, LEFT_EYE] - points[:, RIGHT_EYE]
    middle = (points[:, LEFT_EYE] + points[:, RIGHT_EYE]) / 2
    down = np.stack([-across[:, 1], across[:, 0]], axis=1)
    axes = np.stack([across, down], axis=2) / (across**2).sum(axis=1)[:, None, None]
    return np.asarray((points - middle[:, None]) @ axes)


def _nose_depth(shift: NDArray[np.float64], height: NDArray[np.float64]) -> float:
    """Fits log(height²) = log c + log(1 + s shift²) by Gauss and Newton's method; returns 1 / sqrt(s)."""
    x, y = shift**2, np.log(height**2)
    s = 1.0
    for _ in range(_STEPS):
        slope = x / (1 + s * x)
        rest = y - np.log1p(s * x)
        slope, rest = slope - slope.mean(), rest - rest.mean()
        s = max(s + float(slope @ rest / (slope @ slope)), 1e-3)
    return float(1 / np.sqrt(s))


def main() -> None:
    """Prints the fitted shape as rows of `MEAN_SHAPE`."""
    parser = argparse.ArgumentParser(description="Fit the mean shape of the 15 points to labelled faces.")
    parser.add_argument("--data", type=Path, help="Folder of the face set.")
    faces = read_face_set(data_folder(parser.parse_args().data), SUBSETS)
    for name, (x, y, z) in zip(KEYPOINTS, fit_mean_shape(np.stack([face.points for face in faces])), strict=True):
        print(f'    "{name}": ({x:.3f}, {y:.3f}, {z:.3f}),')


if __name__ == "__main__":
    main()
