"""From a peer's landmarks to the 15 keypoints: a ridge regression in the face's own frame.

A mesh of 468 points does not say where a person would set the end of an eyebrow, but the map from it can be learned
from faces that people have labelled. The peer is shown at its best: its landmarks are turned, scaled and shifted onto
their mean shape (Procrustes), where 15 points are a linear function of all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from tracker.keypoints import COUNT, LEFT_OUTER_CORNER, RIGHT_OUTER_CORNER

PENALTIES = tuple(10.0**power for power in np.arange(-4, 1.5, 0.5))
"""Penalties of the ridge regression that are tried, in units of the landmarks' mean variance."""
IBUG: tuple[tuple[int, ...], ...] = (
    (42, 43, 44, 45, 46, 47),
    (36, 37, 38, 39, 40, 41),
    *((point,) for point in (42, 45, 39, 36, 22, 26, 21, 17, 30, 54, 48, 51, 57)),
)
"""Which of iBUG's 68 points make each keypoint: their mean (C. Sagonas et al., "300 Faces in-the-Wild Challenge",
2013)."""

IBUG_COUNT = 68

Landmarks = NDArray[np.floating]
Points = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class KeypointMap:
    """A map from P landmarks of a face to its 15 keypoints.

    Attributes:
        shape: (P,) complex128, the mean shape, x + iy, its mean 0 and its mean square 1.
        weights: (2P + 1, 15) complex128, of the real parts, the imaginary parts and 1.
    """

    shape: NDArray[np.complex128]
    weights: NDArray[np.complex128]

    def __call__(self, landmarks: Landmarks) -> NDArray[np.float32]:
        """Maps landmarks (…, P, 2) to keypoints (…, 15, 2), in the same pixels; NaN stays NaN."""
        flat = landmarks.reshape(-1, *landmarks.shape[-2:])
        points = np.full((len(flat), COUNT, 2), np.nan, np.float32)
        seen = np.isfinite(flat).all(axis=(1, 2))
        place, turn, features = _features(self.shape, flat[seen])
        found = (features @ self.weights[:-1] + self.weights[-1]) * turn + place
        points[seen] = np.stack([found.real, found.imag], axis=-1)
        return points.reshape(*landmarks.shape[:-2], COUNT, 2)

    def save(self, path: Path) -> None:
        """Writes the map as .npz."""
        np.savez(path, shape=self.shape, weights=self.weights)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads what `save` wrote."""
        with np.load(path) as file:
            return cls(file["shape"], file["weights"])


def direct(landmarks: Landmarks) -> NDArray[np.float32]:
    """Takes the 15 keypoints (…, 15, 2) from iBUG's 68 points (…, 68, 2), as the face set's labels were made."""
    return np.stack([landmarks[..., list(which), :].mean(axis=-2) for which in IBUG], axis=-2).astype(np.float32)


def folds_of(groups: Sequence[str], count: int = 5) -> NDArray[np.int64]:
    """Returns a fold, 0 to count - 1, for each face, the same for all of one group."""
    names = sorted(set(groups))
    order = np.random.default_rng(0).permutation(len(names)) % count
    fold = dict(zip(names, order.tolist(), strict=True))
    return np.array([fold[group] for group in groups])


def errors_of(found: Points, points: Points) -> NDArray[np.float64]:
    """Errors (N, 15) of points (N, 15, 2), in % of the distance between the outer eye corners of the labels."""
    eyes = np.linalg.norm(points[:, LEFT_OUTER_CORNER] - points[:, RIGHT_OUTER_CORNER], axis=1)
    return np.asarray(100 * np.linalg.norm(found - points, axis=2) / eyes[:, None])


def mean_errors(found: Points, points: Points) -> NDArray[np.float64]:
    """Mean errors (N,) of faces (N, 15, 2), in % as in `errors_of`."""
    return np.asarray(errors_of(found, points).mean(axis=1))


def fit(landmarks: Landmarks, points: Points, penalties: Sequence[float] = PENALTIES) -> list[KeypointMap]:
    """Fits maps with the least squared error in units of the eye distance, one for each penalty.

    Args:
        landmarks: (N, P, 2) pixels, none of them NaN.
        points: (N, 15, 2) pixels, labels of the same faces.
        penalties: of the squared weights, in units of the landmarks' mean variance.
    """
    shape = _mean_shape(landmarks)
    place, turn, features = _features(shape, landmarks)
    targets = (_complex(points) - place) / turn
    eyes = np.abs(targets[:, LEFT_OUTER_CORNER] - targets[:, RIGHT_OUTER_CORNER])
    share = (1 / eyes**2 / (1 / eyes**2).sum())[:, None]
    middle, mean = (share * features).sum(axis=0), (share * targets).sum(axis=0)
    centred = features - middle
    variances, axes = np.linalg.eigh(centred.T @ (share * centred))
    along = axes.T @ (centred.T @ (share * (targets - mean)))
    maps = []
    for penalty in penalties:
        weights = axes @ (along / (np.maximum(variances, 0) + penalty * variances.mean())[:, None])
        maps.append(KeypointMap(shape, np.concatenate([weights, (mean - middle @ weights)[None]])))
    return maps


def cross_fit(
    landmarks: Landmarks, points: Points, folds: NDArray[np.int64], also: tuple[Landmarks, Points] | None = None
) -> tuple[list[KeypointMap], float]:
    """Fits a map for each fold on the other folds, with the penalty that is best over all of them.

    Args:
        landmarks: (N, P, 2).
        points: (N, 15, 2), labels.
        folds: (N,), the fold of each face.
        also: landmarks and labels of further faces, which every map is fitted on.

    Returns:
        The maps, and the penalty.
    """
    more, labels = also or (landmarks[:0], points[:0])
    maps, errors = [], np.empty((len(PENALTIES), len(points)))
    for fold in range(int(folds.max()) + 1):
        rest = folds != fold
        maps.append(fit(np.concatenate([landmarks[rest], more]), np.concatenate([points[rest], labels])))
        for row, fitted in enumerate(maps[-1]):
            errors[row, ~rest] = mean_errors(fitted(landmarks[~rest]), points[~rest])
    best = int(errors.mean(axis=1).argmin())
    return [fitted[best] for fitted in maps], PENALTIES[best]


def _complex(points: Points) -> NDArray[np.complex128]:
    return np.asarray(points[..., 0] + 1j * points[..., 1], np.complex128)


def _features(
    shape: NDArray[np.complex128], landmarks: Landmarks
) -> tuple[NDArray[np.complex128], NDArray[np.complex128], NDArray[np.float64]]:
    """Lays faces on the mean shape; returns place (N, 1), scale and rotation (N, 1), and what is regressed on."""
    raw = _complex(landmarks)
    place = raw.mean(axis=1, keepdims=True)
    turn = ((raw - place) @ shape.conj() / len(shape))[:, None]
    laid = (raw - place) / turn
    return place, turn, np.concatenate([laid.real, laid.imag], axis=1)


def _mean_shape(landmarks: Landmarks) -> NDArray[np.complex128]:
    raw = _complex(landmarks)
    raw = raw - raw.mean(axis=1, keepdims=True)
    shape = raw[0]
    for _ in range(3):
        shape = shape / np.sqrt(np.mean(np.abs(shape) ** 2))
        turn = raw @ shape.conj() / len(shape)
        shape = (raw / turn[:, None]).mean(axis=0)
    return np.asarray(shape / np.sqrt(np.mean(np.abs(shape) ** 2)))
