"""Losses and metric against numpy; what has no label reaches neither a loss nor a gradient."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tracker.keypoints import LEFT_OUTER_CORNER, RIGHT_OUTER_CORNER
from training.losses import ERROR_PERCENT, RMSE, MapLoss, MaskedHuber, MaskedSquaredError, WingLoss


def _random(seed: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    rng = np.random.default_rng(seed)
    weight = rng.random((5, 17, 1)) < rng.random()
    target = np.concatenate([rng.uniform(0, 95, (5, 17, 2)), weight], axis=2)
    return target.astype(np.float32), (target[..., :2] + rng.normal(0, 6, (5, 17, 2))).astype(np.float32)


def _numpy(name: str, target: NDArray[np.float32], points: NDArray[np.float32]) -> Any:
    error = np.abs(target[..., :2].astype(np.float64) - points)
    if name == "mse":
        each = error**2
    elif name == "huber":
        each = np.where(error < 2, error**2 / 2, 2 * (error - 1))
    else:
        each = np.where(error < 4, 4 * np.log(1 + error), error - (4 - 4 * np.log(5)))
    return (each * target[..., 2:]).mean(axis=(1, 2))


LOSSES = {"mse": MaskedSquaredError, "huber": MaskedHuber, "wing": WingLoss}


@pytest.mark.parametrize("name", LOSSES)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_a_loss_is_what_numpy_says(name: str, seed: int) -> None:
    target, points = _random(seed)
    assert np.asarray(LOSSES[name]().call(target, points)) == pytest.approx(_numpy(name, target, points), rel=1e-4)


@given(seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_the_metric_is_what_numpy_says_over_batches(seed: int) -> None:
    target, points = _random(seed)
    sums = [RMSE.sums(target[rows], points[rows]) for rows in (slice(0, 2), slice(2, 5))]
    total, count = (sum(map(float, each)) for each in zip(*sums, strict=True))
    known = target[..., 2] > 0
    squares = ((target[..., :2] - points) ** 2)[known]
    expected = np.sqrt(squares.mean()) if squares.size else 0.0
    assert RMSE.value(total, count) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("name", [*LOSSES, "maps"])
@given(seed=st.integers(0, 10_000), garbage=st.sampled_from([np.nan, np.inf, 1e30, -5.0]))
@settings(max_examples=25, deadline=None)
def test_what_is_masked_reaches_no_loss_and_no_gradient(name: str, seed: int, garbage: float) -> None:
    target, points = _random(seed)
    loss = MapLoss() if name == "maps" else LOSSES[name]()
    shape = (5, 17, 576) if name == "maps" else points.shape
    given_points = np.random.default_rng(seed).normal(40, 9, shape).astype(np.float32)
    spoiled = target.copy()
    masked = target[..., 2] == 0
    spoiled[masked, :2] = garbage
    results = []
    for labels in (target, spoiled):
        prediction = tf.Variable(given_points)
        with tf.GradientTape() as tape:
            value = tf.reduce_sum(loss.call(labels, prediction))
        results.append((np.asarray(value), np.asarray(tape.gradient(value, prediction))))
    (value, gradient), (spoiled_value, spoiled_gradient) = results
    assert np.array_equal(value, spoiled_value)
    assert np.array_equal(gradient, spoiled_gradient)
    assert (gradient[masked] == 0).all()
    if (~masked).any():
        assert (gradient[~masked] != 0).any()


def test_crops_without_a_face_are_no_part_of_the_mean_error() -> None:
    target, points = _random(0)
    target[..., 2] = 1
    target[2] = target[4] = -1
    faces = [0, 1, 3]
    eyes = np.linalg.norm(target[faces, LEFT_OUTER_CORNER, :2] - target[faces, RIGHT_OUTER_CORNER, :2], axis=1)
    away = np.linalg.norm(target[faces, :15, :2] - points[faces, :15], axis=2).mean(axis=1)
    total, count = map(float, ERROR_PERCENT.sums(target, points))
    assert ERROR_PERCENT.value(total, count) == pytest.approx(float((100 * away / eyes).mean()), rel=1e-4)
