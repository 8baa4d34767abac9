"""Scores against plain numpy, on labels of which some are missing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.keypoints import KEYPOINTS
from training.data.dataset import FIRST, SECOND
from training.scores import error_percent, face_errors, scores


@given(seed=st.integers(0, 10_000))
@settings(max_examples=50, deadline=None)
def test_scores_are_what_numpy_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.uniform(0, 95, (7, 15, 2))
    labels[rng.random((7, 15)) < 0.4] = np.nan
    points, kinds = rng.uniform(0, 95, (7, 15, 2)), rng.integers(0, 2, 7)
    result = scores(points, labels, kinds)
    squares = (points - labels) ** 2
    by_kind = {}
    for kind, name in ((FIRST, "rmse_first"), (SECOND, "rmse_second")):
        cells = [float(v) for v in squares[kinds == kind].ravel() if v == v]
        by_kind[kind] = sum(cells) / len(cells) if cells else None
        assert result[name] == (None if not cells else pytest.approx(np.sqrt(by_kind[kind])))
    assert result["rmse"] == pytest.approx(np.sqrt(np.nanmean(squares)))
    if by_kind[FIRST] is not None and by_kind[SECOND] is not None:
        mix = np.sqrt(0.649 * by_kind[FIRST] + 0.351 * by_kind[SECOND])
        assert result["rmse_test_mix"] == pytest.approx(mix)
    brows = [index for index, name in enumerate(KEYPOINTS) if "brow" in name or "mouth" in name]
    assert result["rmse_regions"]["mouth_brows"] == pytest.approx(np.sqrt(np.nanmean(squares[:, brows])))
    assert face_errors(points, labels) == pytest.approx(np.sqrt(np.nanmean(squares, axis=(1, 2))))


def test_nothing_to_score_is_none_not_a_number() -> None:
    nothing = np.full((2, 15, 2), np.nan)
    result = scores(np.zeros((2, 15, 2)), nothing, np.zeros(2, np.int64))
    assert result["rmse"] is None
    assert result["rmse_test_mix"] is None
    assert set(result["rmse_keypoints"].values()) == {None}
    assert error_percent(np.zeros((2, 15, 2)), nothing) is None
    assert np.isnan(face_errors(np.zeros((2, 15, 2)), nothing)).all()


def test_the_error_is_in_percent_of_the_distance_of_the_eyes() -> None:
    labels = np.full((1, 15, 2), np.nan)
    labels[0, 0], labels[0, 1], labels[0, 10] = (60, 40), (20, 40), (40, 60)
    points = np.nan_to_num(labels)
    points[0, 10] += (3, 4)
    assert error_percent(points, labels) == pytest.approx(100 * 5 / 40 / 3)
