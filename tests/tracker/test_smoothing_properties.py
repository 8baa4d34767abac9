"""What holds of smoothing whatever the points are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes import upright_points
from tracker.smoothing import LEVELS, PointFilter, Smoothing

STRENGTHS = st.sampled_from([level for level in LEVELS.values() if level is not None])
STEPS = st.lists(st.sampled_from([1 / 120, 1 / 60, 1 / 30, 0.1, 1.0]), min_size=1, max_size=15)
FACE = upright_points().astype(np.float64)


def walk(count: int, seed: int) -> np.ndarray:
    """Points (count, 15, 2) of a face that moves and twitches."""
    rng = np.random.default_rng(seed)
    way = rng.normal(0, 3, (count, 1, 2)).cumsum(axis=0)
    return FACE + way + rng.normal(0, 0.5, (count, 15, 2))


def filtered(points: np.ndarray, steps: list[float], strength: Smoothing, size: float = 96.0) -> np.ndarray:
    point_filter, time = PointFilter(strength), 0.0
    point_filter.add(points[:1], time)
    found = [points[0]]
    for now, step in zip(points[1:], steps, strict=True):
        time += step
        found.append(point_filter.update(np.array([True]), now[None], np.array([size]), time)[0])
    return np.array(found)


@settings(deadline=None, max_examples=30)
@given(STRENGTHS, STEPS, st.integers(0, 1000), st.floats(-5000, 5000), st.floats(-5000, 5000))
def test_where_a_face_is_makes_no_difference(
    strength: Smoothing, steps: list[float], seed: int, x: float, y: float
) -> None:
    points, shift = walk(len(steps) + 1, seed), np.array([x, y])
    there, here = filtered(points + shift, steps, strength), filtered(points, steps, strength)
    assert there == pytest.approx(here + shift, abs=1e-6)


@settings(deadline=None, max_examples=30)
@given(STRENGTHS, STEPS, st.integers(0, 1000), st.floats(0.1, 10), st.floats(-3.1, 3.1))
def test_size_and_turn_of_a_face_make_no_difference(
    strength: Smoothing, steps: list[float], seed: int, scale: float, angle: float
) -> None:
    points = walk(len(steps) + 1, seed)
    cosine, sine = scale * np.cos(angle), scale * np.sin(angle)
    turn = np.array([[cosine, sine], [-sine, cosine]])
    found = filtered(points @ turn, steps, strength, 96 * scale)
    assert found == pytest.approx(filtered(points, steps, strength) @ turn, abs=1e-6)


@settings(deadline=None, max_examples=30)
@given(STRENGTHS, STEPS)
def test_a_face_that_stands_still_stays_where_it_is(strength: Smoothing, steps: list[float]) -> None:
    points = np.repeat(FACE[None], len(steps) + 1, axis=0)
    assert filtered(points, steps, strength) == pytest.approx(points, abs=1e-9)


@settings(deadline=None, max_examples=30)
@given(STRENGTHS, STEPS, st.integers(0, 1000), st.floats(0, 1e4))
def test_points_are_numbers_near_where_points_were_measured(
    strength: Smoothing, steps: list[float], seed: int, wild: float
) -> None:
    rng = np.random.default_rng(seed)
    points = FACE + rng.normal(0, 1, (len(steps) + 1, 15, 2)) * wild
    found = filtered(points, steps, strength)
    assert np.isfinite(found).all()
    assert np.abs(found).max() <= 10 * len(points) * (1 + np.abs(points).max())


@settings(deadline=None, max_examples=30)
@given(STRENGTHS, STEPS, st.integers(0, 1000), st.integers(2, 5))
def test_faces_do_not_touch_each_other(strength: Smoothing, steps: list[float], seed: int, count: int) -> None:
    walks = [walk(len(steps) + 1, seed + number) for number in range(count)]
    point_filter, time = PointFilter(strength), 0.0
    point_filter.add(np.stack([points[0] for points in walks]), time)
    for index, step in enumerate(steps, 1):
        time += step
        now = np.stack([points[index] for points in walks])
        together = point_filter.update(np.ones(count, bool), now, np.full(count, 96.0), time)
    apart = [filtered(points, steps, strength)[-1] for points in walks]
    assert together == pytest.approx(np.array(apart), abs=1e-9)
