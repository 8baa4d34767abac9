"""Faces whose labels are far from what their other labels suggest.

Labels of a face are taken as a normal distribution over the coordinates of all its points. The same face moved, turned
and scaled lies in a linear subspace of these coordinates, so pose within the picture is part of the distribution and
needs no alignment, which a wrong label would spoil. Mean and covariance are those of the complete rows of a kind, by
concentration steps as in the minimum covariance determinant (Rousseeuw and Van Driessen, Technometrics 41, 1999), so
that outliers do not widen what they are measured by, and shrunk (Ledoit and Wolf, J. Multivariate Analysis 88, 2004).

A label is then compared with its expectation given all other labels of its face, in standard deviations of that
conditional distribution. The square of this is the likelihood ratio for "this one label is moved" (the mean-shift model
of Cook and Weisberg, "Residuals and Influence in Regression", 1982).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.data.dataset import FIRST, SECOND, Faces96

ROWS_PER_COORDINATE = 2
"""With fewer complete rows of a kind for each coordinate nothing is said of that kind."""
KEPT = 0.9
"""Share of the rows that a concentration step keeps, those nearest to the mean."""
STEPS = 5
SHARPEST = 0.1
"""Pixels: nobody sets a label more exactly than this."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Expectations:
    """Where the other labels of a face suggest each of its labels.

    Attributes:
        points: (N, 15, 2) pixels; NaN where a keypoint has no label, or cannot be judged.
        deviations: (N, 15) how far the label is from there, in standard deviations; NaN likewise.
    """

    points: Floats
    deviations: Floats

    def worst(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows that were judged, the most surprising first, and the keypoint in each that is farthest off."""
        sizes = np.where(np.isnan(self.deviations), -1, self.deviations)
        keypoints, largest = sizes.argmax(axis=1), sizes.max(axis=1)
        order = np.argsort(-largest, kind="stable")
        rows = order[largest[order] >= 0]
        return rows, keypoints[rows]


def expectations(faces: Faces96) -> Expectations:
    """Says where each label would be expected, by what the others of its face and the other faces are like."""
    points = np.full(faces.points.shape, np.nan)
    deviations = np.full(faces.points.shape[:2], np.nan)
    labelled = faces.labelled
    for kind in (FIRST, SECOND):
        rows = np.flatnonzero(faces.kinds == kind)
        usual = np.flatnonzero(labelled[rows].sum(axis=0) > len(rows) / 2)
        complete = rows[labelled[np.ix_(rows, usual)].all(axis=1)]
        if not len(usual) or len(complete) < ROWS_PER_COORDINATE * 2 * len(usual):
            continue
        mean, covariance = robust_normal(faces.points[np.ix_(complete, usual)].reshape(len(complete), -1))
        sets, member = np.unique(labelled[np.ix_(rows, usual)], axis=0, return_inverse=True)
        for index, known in enumerate(sets):
            if known.sum() < 2:
                continue
            these, cells = rows[member == index], np.repeat(known, 2)
            labels = faces.points[np.ix_(these, usual[known])].astype(np.float64)
            part = covariance[np.ix_(cells, cells)]
            residuals, sizes = _conditional(labels - mean[cells].reshape(-1, 2), part)
            points[np.ix_(these, usual[known])] = labels - residuals
            deviations[np.ix_(these, usual[known])] = sizes
    return Expectations(points, deviations)


def robust_normal(values: NDArray[np.floating]) -> tuple[Floats, Floats]:
    """Estimates mean (P,) and covariance (P, P) of values (N, P), of which a few may be outliers.

    Each step keeps the nine tenths nearest to the last estimate. The covariance is scaled in the end so that the median
    distance is that of a normal distribution (the median of chi-squared by Wilson and Hilferty).
    """
    known: Floats = np.asarray(values, np.float64)
    mean, covariance = _shrunk_normal(known)
    for _ in range(STEPS):
        distances = _squared_distances(known - mean, covariance)
        mean, covariance = _shrunk_normal(known[distances <= np.quantile(distances, KEPT)])
    size = known.shape[1]
    usual = size * (1 - 2 / (9 * size)) ** 3
    scale = float(np.median(_squared_distances(known - mean, covariance))) / usual
    return mean, covariance * max(scale, 1e-9) + SHARPEST**2 * np.eye(size)


def _shrunk_normal(values: Floats) -> tuple[Floats, Floats]:
    """Mean and covariance, the latter drawn towards a multiple of the identity as far as Ledoit and Wolf say."""
    count, size = values.shape
    mean = values.mean(axis=0)
    apart = values - mean
    sample = apart.T @ apart / count
    level = np.trace(sample) / size
    distance = ((sample - level * np.eye(size)) ** 2).sum()
    noise = (((apart**2).sum(axis=1) ** 2).mean() - (sample**2).sum()) / count
    share = min(max(noise / distance, 0.0), 1.0) if distance > 0 else 1.0
    return mean, (1 - share) * sample + (share * level + 1e-6) * np.eye(size)  # never singular


def _squared_distances(apart: Floats, covariance: Floats) -> Floats:
    return np.asarray((apart * np.linalg.solve(covariance, apart.T).T).sum(axis=1))


def _conditional(apart: Floats, covariance: Floats) -> tuple[Floats, Floats]:
    """Compares each point with its expectation given the others.

    Args:
        apart: (N, L, 2) labels minus their mean.
        covariance: (2 L, 2 L).

    Returns:
        The differences (N, L, 2) and their sizes (N, L) in standard deviations. Both come from the precision matrix:
        its diagonal blocks are the inverses of the conditional covariances.
    """
    count, points = apart.shape[:2]
    precision = np.linalg.inv(covariance)
    pulls = (apart.reshape(count, -1) @ precision).reshape(count, points, 2)
    index = np.arange(points)
    blocks = np.linalg.inv(precision.reshape(points, 2, points, 2)[index, :, index, :])
    differences = np.einsum("lij,nlj->nli", blocks, pulls)
    return differences, np.sqrt(np.maximum((pulls * differences).sum(axis=2), 0))
