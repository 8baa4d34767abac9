"""Accuracy the whole way: detector, crop and network, on labelled pictures as a user would give them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.faces import Faces
from tracker.keypoints import COUNT, LEFT_OUTER_CORNER, RIGHT_OUTER_CORNER
from training.data.face_set import LabelledFace

SAME_FACE = 0.5
"""A face found is the labelled one if the means of their points are closer than this share of the eye distance."""
FAILURE = 8.0
"""A face with a mean error above this is a failure, %."""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How well the keypoints of labelled faces were found.

    Attributes:
        faces: how many faces there were.
        errors: (M, 15) float64, distance of each point of the M faces found from its label, in % of the distance
            between the outer eye corners.
        confidence: (M, 15) float32, what the tracker said of each.
    """

    faces: int
    errors: NDArray[np.float64]
    confidence: NDArray[np.float32]

    def summary(self) -> dict[str, Any]:
        """The numbers that people compare; None where no face was found, or nothing can be said.

        Errors and failures are those of the faces found.
        """
        per_face = self.errors.mean(axis=1)
        some = len(per_face) > 0
        return {
            "faces": self.faces,
            "found_percent": 100 * len(per_face) / self.faces if self.faces else None,
            "mean_error_percent": float(per_face.mean()) if some else None,
            "median_error_percent": float(np.median(per_face)) if some else None,
            "failures_percent": 100 * float((per_face > FAILURE).mean()) if some else None,
            "rank_correlation_of_confidence_and_error": _rank_correlation(self.confidence, self.errors),
        }


def evaluate(detect: Callable[[NDArray[np.uint8]], Faces], faces: list[LabelledFace]) -> Accuracy:
    """Runs a tracker's `detect` on every picture and compares the face nearest to the labelled one with its label."""
    errors, confidence = [], []
    for face in faces:
        found = detect(face.colour())
        eyes = np.linalg.norm(face.points[LEFT_OUTER_CORNER] - face.points[RIGHT_OUTER_CORNER])
        away = np.linalg.norm(found.points.mean(axis=1) - face.points.mean(axis=0), axis=1)
        if len(found) == 0 or away.min() > SAME_FACE * eyes:
            continue
        nearest = int(away.argmin())
        errors.append(100 * np.linalg.norm(found.points[nearest] - face.points, axis=1) / eyes)
        confidence.append(found.confidence[nearest])
    shape = len(errors), COUNT
    return Accuracy(len(faces), np.array(errors).reshape(shape), np.array(confidence, np.float32).reshape(shape))


def _rank_correlation(a: NDArray[Any], b: NDArray[Any]) -> float | None:
    """Spearman's rank correlation of all values of two arrays of the same shape, -1 to 1.

    None where there are no values, or all of one array are the same, as the confidence of a model that has none.
    """
    ranks = np.stack([_ranks(array.ravel()) for array in (a, b)])
    if a.size == 0 or np.ptp(ranks, axis=1).min() == 0:
        return None
    return float(np.asarray(np.corrcoef(ranks))[0, 1])


def _ranks(values: NDArray[Any]) -> NDArray[np.float64]:
    """Ranks of values (N,), from 1; of equal ones their mean."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[place]
