"""The map from a peer's landmarks to the 15 keypoints, on landmarks that are made up."""

import sys
from pathlib import Path

import numpy as np
import pytest
from environment import Peer
from keypoint_map import KeypointMap, cross_fit, direct, fit, folds_of, mean_errors
from labelled import nearest, pick
from numpy.typing import NDArray

LANDMARKS = 40
Array = NDArray[np.float64]


def faces(count: int, seed: int = 0) -> tuple[Array, Array]:
    """Faces of one shape that varies in five ways, turned, scaled and shifted: landmarks and their 15 points."""
    rng = np.random.default_rng(seed)
    fixed = np.random.default_rng(99)
    ways, shape = fixed.normal(0, 0.1, (5, LANDMARKS, 2)), fixed.normal(0, 1, (LANDMARKS, 2))
    flat = shape + np.tensordot(rng.normal(0, 1, (count, 5)), ways, 1)
    mixture = fixed.dirichlet(np.ones(LANDMARKS), 15)
    angle, scale = rng.uniform(-1, 1, count), rng.uniform(20, 200, count)
    turn = scale[:, None, None] * np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]).T
    landmarks = flat @ turn + rng.uniform(0, 600, (count, 1, 2))
    return landmarks, mixture @ landmarks


def test_a_linear_relation_is_found_whatever_the_place_size_and_turn_of_a_face() -> None:
    landmarks, points = faces(200)
    (fitted,) = fit(landmarks, points, [1e-6])
    fresh, truth = faces(50, seed=1)
    assert mean_errors(fitted(fresh), truth).max() < 0.1


def test_several_faces_of_a_frame_are_mapped_at_once_and_missing_ones_stay_missing() -> None:
    landmarks, points = faces(60)
    (fitted,) = fit(landmarks, points, [1e-6])
    frames = landmarks.reshape(20, 3, LANDMARKS, 2).copy()
    frames[4, 2] = np.nan
    mapped = fitted(frames)
    assert mapped.shape == (20, 3, 15, 2)
    assert np.isnan(mapped[4, 2]).all()
    mapped[4, 2] = fitted(landmarks[14:15])
    np.testing.assert_allclose(mapped.reshape(60, 15, 2), fitted(landmarks), rtol=1e-5)


def test_a_map_that_was_saved_is_the_same(tmp_path: Path) -> None:
    landmarks, points = faces(60)
    (fitted,) = fit(landmarks, points, [0.1])
    fitted.save(tmp_path / "map.npz")
    np.testing.assert_array_equal(KeypointMap.load(tmp_path / "map.npz")(landmarks), fitted(landmarks))


def test_no_fold_sees_its_own_labels() -> None:
    landmarks, points = faces(80)
    folds = folds_of([str(number // 2) for number in range(80)])
    assert (folds[::2] == folds[1::2]).all()
    assert set(folds.tolist()) == set(range(5))
    changed = points.copy()
    changed[folds == 0, 0] += 0.01
    (maps, penalty), (others, same) = cross_fit(landmarks, points, folds), cross_fit(landmarks, changed, folds)
    assert penalty == same
    assert [np.array_equal(a.weights, b.weights) for a, b in zip(maps, others, strict=True)] == [True] + 4 * [False]


def test_points_that_follow_from_68() -> None:
    numbered = np.stack([np.arange(68.0), np.zeros(68)], axis=1)[None]
    expected = [44.5, 38.5, 42, 45, 39, 36, 22, 26, 21, 17, 30, 54, 48, 51, 57]
    np.testing.assert_array_equal(direct(numbered)[0, :, 0], expected)


def test_the_labelled_face_is_the_nearest_if_near_enough() -> None:
    _, points = faces(3)
    eyes = np.linalg.norm(points[:, 3] - points[:, 5], axis=1)[:, None, None]
    found = np.stack([points + 3 * eyes, points + 0.2 * eyes, np.full_like(points, np.nan)], axis=1)
    found[2, 1] = np.nan
    which = nearest(found, points)
    assert which.tolist() == [1, 1, -1]
    picked = pick(found, which)
    np.testing.assert_array_equal(picked[0], found[0, 1])
    assert np.isnan(picked[2]).all()


def test_a_peer_that_dies_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("environment.ENVIRONMENTS", tmp_path)
    with Peer(Path(sys.executable), "absent.py") as peer, pytest.raises(RuntimeError, match=r"absent ended"):
        peer.ask({"frames": [], "faces": 1})
