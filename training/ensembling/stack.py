"""The linear stack of several models, and the rows on which it is fitted.

A stack (Wolpert, "Stacked generalization", 1992) is fitted on rows that none of the networks trained on. Each
keypoint of each kind of rows gets one weight per model and an offset. Weights are drawn towards those of the average
(ridge regression on the difference from it), as strongly as serves rows best that the fit has not seen, so that with
few rows the stack is the average.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.errors import InputError
from tracker.keypoints import COUNT
from training.data.dataset import FIRST, SECOND
from training.predictions import Predictions
from training.scores import rmse

RIDGES = (0.01, 0.1, 1.0, 10.0, 100.0, float("inf"))
"""How strongly weights are drawn to the average, in square pixels per row; with infinity the stack is the average."""
PARTS = 5
"""In how many parts the held-out rows are dealt to choose among these."""
OFFSET_ROWS = 20.0
"""So many rows without an offset are added to the labelled ones per unit of ridge: few rows give a small offset."""

Points = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Stack:
    """A linear stack.

    Attributes:
        weights: (2, 15, D) float64: of each of D models, for each keypoint in each kind of rows; they add up to 1.
        offsets: (2, 15, 2) float64 pixels, added to the weighted mean.
        ridge: how strongly weights were drawn to the average.
    """

    weights: NDArray[np.float64]
    offsets: NDArray[np.float64]
    ridge: float

    @classmethod
    def average(cls, count: int) -> "Stack":
        """The stack that gives each of `count` models the same weight."""
        return cls(np.full((2, COUNT, count), 1 / count), np.zeros((2, COUNT, 2)), np.inf)

    def predict(self, models: NDArray[np.floating], kinds: NDArray[np.int64]) -> Points:
        """Joins predictions (D, N, 15, 2) of models for rows of the given kinds (N,): (N, 15, 2)."""
        joined = np.einsum("dnkc,nkd->nkc", models, self.weights[kinds]) + self.offsets[kinds]
        return np.asarray(joined, np.float32)


def common_rows(models: Sequence[Predictions]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Finds the rows that all models held out.

    Returns:
        The rows (R,), ascending, and what the models say of them (D, R, 15, 2).

    Raises:
        InputError: there is no such row.
    """
    rows = models[0].rows
    for model in models[1:]:
        rows = np.intersect1d(rows, model.rows)
    rows = np.unique(rows)
    if len(rows) == 0:
        raise InputError("No row was held out by all of these models; train them with the same --folds.")
    places = [np.argsort(model.rows)[np.searchsorted(np.sort(model.rows), rows)] for model in models]
    return rows, np.stack([model.validation[place] for model, place in zip(models, places, strict=True)])


def fit_stack(
    models: NDArray[np.float32], labels: Points, kinds: NDArray[np.int64], groups: NDArray[np.int64]
) -> tuple[Stack, Points]:
    """Fits a stack.

    Args:
        models: (D, R, 15, 2) what the models say of rows that they did not train on.
        labels: (R, 15, 2), NaN where there is none.
        kinds: (R,) kinds of the rows.
        groups: (R,) rows with the same number show the same picture, and stay together when rows are held out.

    Returns:
        The stack, and what it says of the rows (R, 15, 2) when it is fitted without them.
    """
    parts = _deal(groups)
    answers = [_predict_unseen(models, labels, kinds, parts, ridge) for ridge in RIDGES]
    errors = [rmse(answer, labels) or 0.0 for answer in answers]
    best = len(RIDGES) - 1 - int(np.argmin(errors[::-1]))  # of equals the one nearest to the average
    return _fit(models, labels, kinds, RIDGES[best]), answers[best]


def _predict_unseen(
    models: NDArray[np.float32], labels: Points, kinds: NDArray[np.int64], parts: NDArray[np.int64], ridge: float
) -> Points:
    unseen = np.empty_like(labels)
    for part in np.unique(parts):
        held = parts == part
        stack = _fit(models[:, ~held], labels[~held], kinds[~held], ridge)
        unseen[held] = stack.predict(models[:, held], kinds[held])
    return unseen


def _deal(groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Deals groups out to parts (R,), by chance that is always the same."""
    names, member = np.unique(groups, return_inverse=True)
    order = np.random.default_rng(0).permutation(len(names))
    return np.asarray((order % min(PARTS, max(len(names), 1)))[member], np.int64)


def _fit(models: NDArray[np.float32], labels: Points, kinds: NDArray[np.int64], ridge: float) -> Stack:
    count = len(models)
    stack = Stack.average(count)
    if np.isinf(ridge):
        return stack
    average = models.mean(axis=0, dtype=np.float64)
    for kind in (FIRST, SECOND):
        for keypoint in range(COUNT):
            known = (kinds == kind) & ~np.isnan(labels[:, keypoint]).any(axis=1)
            rows = int(known.sum())
            if rows < 2:
                continue
            apart = models[:, known, keypoint] - average[known, keypoint]
            missed = labels[known, keypoint] - average[known, keypoint]
            middle, offset = apart.mean(axis=1), missed.mean(axis=0)
            x = (apart - middle[:, None]).reshape(count, -1)
            y = (missed - offset).ravel()
            # Deviations from the average add up to 0 over the models, and so do the weights found for them.
            change = np.linalg.solve(x @ x.T + ridge * rows * np.eye(count), x @ y)
            shrink = rows / (rows + ridge * OFFSET_ROWS)
            stack.weights[kind, keypoint] += change
            stack.offsets[kind, keypoint] = shrink * (offset - change @ middle)
    return Stack(stack.weights, stack.offsets, ridge)
