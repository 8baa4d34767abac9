import numpy as np
import pytest

from tracker.smoothing import LEVELS, OneEuroFilter, Smoothing

ONE = np.array([True])


def run(points: np.ndarray, rate: float, settings: Smoothing) -> np.ndarray:
    """Filters the path (T, 2) of a point of a face of 100 pixels."""
    filtered = OneEuroFilter(settings, 1)
    filtered.add(points[:1, None], 0.0)
    steps = [filtered.update(ONE, p[None, None], np.array([100.0]), (i + 1) / rate) for i, p in enumerate(points[1:])]
    return np.concatenate([points[:1, None], *steps])[:, 0]


@pytest.mark.parametrize("level", ["low", "normal", "high"])
def test_a_still_point_is_steadied(level: str) -> None:
    noisy = np.random.default_rng(0).normal(0, 0.3, (300, 2))
    settings = LEVELS[level]
    assert settings is not None
    assert run(noisy, 30, settings)[30:].std() < 0.8 * noisy.std()


def test_stronger_smoothing_is_steadier() -> None:
    noisy = np.random.default_rng(0).normal(0, 0.3, (300, 2))
    left = [run(noisy, 30, LEVELS[level])[30:].std() for level in ("low", "normal", "high")]  # type: ignore[arg-type]
    assert left == sorted(left, reverse=True)


@pytest.mark.parametrize("speed", [20.0, 50.0, 100.0])
def test_a_moving_point_lags_less_than_a_frame(speed: float) -> None:
    time = np.arange(90) / 30
    path = np.stack([speed * time, 0 * time], axis=1)
    lag = (path - run(path, 30, LEVELS["normal"]))[30:, 0] / speed * 30  # type: ignore[arg-type]
    assert 0 <= lag.mean() < 1


def test_frame_rate_changes_little() -> None:
    def end(rate: float) -> float:
        path = np.zeros((int(rate), 2))
        path[1:, 0] = 1.0
        return float(run(path, rate, Smoothing(cutoff=1.0, speed_gain=0.0))[-1, 0])

    assert end(30) == pytest.approx(end(120), abs=0.03)


def test_the_first_value_is_taken_as_it_is_and_a_reset_starts_anew() -> None:
    filtered = OneEuroFilter(Smoothing(), 1)
    filtered.add(np.full((1, 1, 2), 5.0), 0.0)
    filtered.reset(ONE, np.full((1, 1, 2), 90.0), 1.0)
    assert filtered.update(ONE, np.full((1, 1, 2), 90.0), np.array([100.0]), 1.1) == pytest.approx(90.0)


def test_time_that_stands_still_passes_points_through() -> None:
    filtered = OneEuroFilter(Smoothing(), 1)
    filtered.add(np.zeros((1, 1, 2)), 1.0)
    assert filtered.update(ONE, np.full((1, 1, 2), 7.0), np.array([100.0]), 1.0) == pytest.approx(7.0)


def test_faces_are_filtered_apart() -> None:
    filtered = OneEuroFilter(Smoothing(cutoff=0.1, speed_gain=0.0), 1)
    filtered.add(np.zeros((2, 1, 2)), 0.0)
    which = np.array([True, False])
    moved = filtered.update(which, np.full((2, 1, 2), 10.0), np.full(2, 100.0), 0.03)
    assert moved[0].max() < 1
    assert (moved[1] == 10.0).all()
    filtered.keep(~which)
    assert len(filtered) == 1
