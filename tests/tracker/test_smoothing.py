import numpy as np
import pytest

from tests.fakes import upright_points
from tracker.crop import CROP_SIZE
from tracker.keypoints import COUNT, INDEX, LEFT_EYE, RIGHT_EYE
from tracker.motion import looks_of
from tracker.smoothing import LEVELS, PointFilter, Smoothing
from tracker.tracks import Tracks

ONE = np.array([True])
SIZE = np.array([100.0])
FACE = upright_points().astype(np.float64)
LIP = INDEX["mouth_center_bottom_lip"]
STRENGTHS = ("off", "low", "normal", "high")


def run(points: np.ndarray, level: str = "normal", times: np.ndarray | None = None) -> np.ndarray:
    """Filters the points (T, 15, 2) of a face of 100 pixels, at 30 frames per second unless times are given."""
    settings = LEVELS[level]
    if settings is None:
        return points
    times = np.arange(len(points)) / 30 if times is None else times
    filtered = PointFilter(settings)
    filtered.add(points[:1], times[0])
    steps = [filtered.update(ONE, p[None], SIZE, t) for p, t in zip(points[1:], times[1:], strict=True)]
    return np.concatenate([points[:1], *steps])


def noise(frames: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 0.1, (frames, COUNT, 2))


def shifted(along: np.ndarray) -> np.ndarray:
    """The face, moved to the right by so many pixels (T,)."""
    return FACE + np.stack([along, 0 * along], axis=1)[:, None]


def unrest(points: np.ndarray) -> float:
    return float((points[30:] - points[30:].mean(axis=0)).std())


def test_a_still_face_is_steadied_and_the_more_so_the_stronger() -> None:
    points = FACE + noise(300)
    left = [unrest(run(points, level)) for level in STRENGTHS]
    assert left == sorted(left, reverse=True)
    assert left[1] < 0.75 * left[0]
    assert left[2] < 0.5 * left[0]


@pytest.mark.parametrize("level", ["low", "normal", "high"])
@pytest.mark.parametrize("speed", [2.0, 5.0, 10.0, 50.0, 100.0])
def test_an_evenly_moving_face_lags_less_than_a_frame(speed: float, level: str) -> None:
    path = shifted(speed * np.arange(150) / 30)
    late = (path - run(path + noise(150), level))[45:, :, 0].mean() / speed * 30
    assert abs(late) < 1


def test_stronger_smoothing_lags_more_where_the_speed_changes() -> None:
    path = shifted(10 * np.sin(2 * np.pi * np.arange(300) / 30))
    away = [float(np.abs(path - run(path, level)).max()) for level in STRENGTHS]
    assert away == sorted(away)
    assert 0 < away[2] < 1


def test_a_turning_and_approaching_face_lags_less_than_a_fifth_of_a_frame() -> None:
    time = np.arange(120) / 30
    angle, scale = np.radians(20) * time, np.exp(0.1 * time)
    turn = np.stack([np.cos(angle), np.sin(angle), -np.sin(angle), np.cos(angle)], axis=1).reshape(-1, 2, 2)
    path = scale[:, None, None] * ((FACE - FACE.mean(axis=0)) @ turn)
    step = np.linalg.norm(np.diff(path, axis=0), axis=2).mean()
    assert np.linalg.norm(path - run(path), axis=2)[30:].mean() < 0.2 * step


def test_a_sudden_stop_is_hardly_overshot() -> None:
    path = shifted(np.minimum(100 * np.arange(90) / 30, 100.0))
    past = run(path)[:, :, 0] - path[:, :, 0]
    assert past.max() < 0.5  # half a percent of the face; it moved 3.3 pixels per frame


def test_an_opening_mouth_is_followed_and_moves_nothing_else() -> None:
    points = np.repeat(FACE[None], 60, axis=0)
    points[30:, LIP, 1] += np.minimum(np.arange(1, 31) * 3.0, 12.0)
    moved = run(points) - FACE
    assert moved[33, LIP, 1] > 10
    assert moved[36:, LIP, 1] == pytest.approx(12, abs=0.5)
    assert np.abs(moved[:, [LEFT_EYE, RIGHT_EYE]]).max() < 0.12  # a hundredth of the mouth's way


def test_frame_rate_changes_little() -> None:
    def at_the_end(rate: int) -> np.ndarray:
        time = np.arange(2 * rate + 1) / rate
        return run(shifted(10 * np.sin(np.pi * time)), "high", time)[-1]

    assert at_the_end(30) == pytest.approx(at_the_end(120), abs=0.5)


@pytest.mark.parametrize("slower", [0.5, 4.0])
def test_time_and_cutoffs_go_together(slower: float) -> None:
    points = shifted(5 * np.sin(np.arange(60.0) / 5)) + noise(60)
    times = np.cumsum(np.tile([0.02, 0.05], 30))
    results = []
    for factor in (1.0, slower):
        filtered = PointFilter(Smoothing(cutoff=0.5 / factor, gain=80.0, speed_cutoff=2.0 / factor))
        filtered.add(points[:1], 0.0)
        results.append([filtered.update(ONE, p[None], SIZE, t * factor) for p, t in zip(points, times, strict=True)])
    assert np.array(results[0]) == pytest.approx(np.array(results[1]))


def test_near_and_far_faces_are_smoothed_alike() -> None:
    points = shifted(5 * np.sin(np.arange(60.0) / 5)) + noise(60)
    near = PointFilter(Smoothing())
    near.add(3 * points[:1], 0.0)
    large = [near.update(ONE, 3 * p[None], 3 * SIZE, i / 30) for i, p in enumerate(points[1:], 1)]
    assert np.concatenate(large) == pytest.approx(3 * run(points)[1:])


def test_uneven_frame_times_are_no_motion() -> None:
    times = np.cumsum(np.tile([0.005, 0.06, 0.035], 60))
    path = shifted(50 * times)
    late = (path - run(path, times=times))[30:, :, 0] / 50 * 30
    assert np.abs(late).max() < 0.1


def test_after_a_long_pause_points_are_taken_as_they_are() -> None:
    path = shifted(np.append(50 * np.arange(60) / 30, 20.0))
    times = np.append(np.arange(60) / 30, 6.0)
    assert run(path, times=times)[-1] == pytest.approx(path[-1], abs=1.0)


def test_the_first_value_is_taken_as_it_is_and_a_reset_starts_anew_and_at_rest() -> None:
    path = shifted(100 * np.arange(30) / 30)
    filtered = PointFilter(Smoothing())
    filtered.add(path[:1], 0.0)
    for index, points in enumerate(path[1:], 1):
        filtered.update(ONE, points[None], SIZE, index / 30)
    elsewhere = FACE[None] + 500
    filtered.reset(ONE, elsewhere, 1.0)
    assert filtered.update(ONE, elsewhere, SIZE, 1.1) == pytest.approx(elsewhere)


@pytest.mark.parametrize("time", [1.0, 0.5])
def test_time_that_does_not_move_on_passes_points_through_and_changes_nothing(time: float) -> None:
    filtered, other = PointFilter(Smoothing()), PointFilter(Smoothing())
    for each in (filtered, other):
        each.add(FACE[None], 1.0)
    assert filtered.update(ONE, FACE[None] + 7, SIZE, time) == pytest.approx(FACE[None] + 7)
    after = [each.update(ONE, FACE[None] + 1, SIZE, 1.1) for each in (filtered, other)]
    assert (after[0] == after[1]).all()


def test_faces_are_filtered_apart() -> None:
    path = shifted(np.sin(np.arange(30.0)))
    both = PointFilter(Smoothing())
    both.add(np.stack([path[0], path[0] + 300]), 0.0)
    alone = run(path)
    for index in range(1, 30):
        points = np.stack([path[index], path[index] + 300])
        seen = np.array([True, index % 2 == 0])
        moved = both.update(seen, points, np.full(2, 100.0), index / 30)
        assert moved[0] == pytest.approx(alone[index])
        if not seen[1]:
            assert (moved[1] == points[1]).all()
    both.keep(np.array([False, True]))
    assert len(both) == 1
    assert both.update(ONE, path[:1] + 300, SIZE, 1.0) == pytest.approx(path[:1] + 300, abs=1.0)


def test_nothing_breaks_where_all_points_fall_together() -> None:
    filtered = PointFilter(Smoothing())
    filtered.add(np.zeros((1, COUNT, 2)), 0.0)
    for index in range(1, 5):
        points = FACE[None] if index % 2 else np.full((1, COUNT, 2), 3.0)
        assert np.isfinite(filtered.update(ONE, points, np.zeros(1), index / 30)).all()
    assert filtered.update(np.array([False]), FACE[None], SIZE, 1.0) == pytest.approx(FACE[None])


def test_no_faces_are_no_trouble() -> None:
    filtered = PointFilter(Smoothing())
    assert filtered.update(np.zeros(0, bool), np.empty((0, COUNT, 2)), np.empty(0), 1.0).shape == (0, COUNT, 2)


@pytest.mark.parametrize("level", STRENGTHS)
def test_tracks_give_smoothed_points(level: str) -> None:
    points, sure = FACE + noise(30), np.full((1, COUNT), 0.9, np.float32)
    tracks = Tracks(LEVELS[level])
    looks = looks_of(np.zeros((1, CROP_SIZE, CROP_SIZE), np.uint8))
    tracks.add(points[:1], sure, looks, 0.0)
    given = [points[0]]
    for index in range(1, 30):
        tracks.update(points[None, index], sure, ONE, ~ONE, ONE, lambda: looks, index / 30)
        given.append(tracks.points[0].copy())
    away = np.linalg.norm(np.array(given) - points, axis=2)[1:].mean()
    assert away == 0 if level == "off" else away > 0.03
