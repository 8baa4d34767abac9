"""What holds of tracks whatever happens to faces."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.fakes import upright_points
from tracker.faces import SAME_PLACE, match
from tracker.smoothing import LEVELS
from tracker.tracks import Tracks

OVERLAPS = st.tuples(st.integers(0, 6), st.integers(0, 6)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.floats(0, 1))
)
PLACES = st.tuples(st.floats(-200, 800), st.floats(-200, 800), st.floats(0.02, 20))
STEPS = st.lists(
    st.fixed_dictionaries(
        {
            "new": st.lists(PLACES, max_size=2),
            "jump": st.floats(-300, 300),
            "seen": st.integers(0, 255),
            "moved": st.integers(0, 255),
            "kept": st.integers(0, 255) | st.just(255),
            "elapsed": st.sampled_from([1e-4, 1 / 60, 1 / 30, 0.4, 3.0]),
        }
    ),
    max_size=12,
)


@given(OVERLAPS, st.floats(0.01, 1))
def test_pairs_are_good_enough_and_no_better_one_is_left(overlap: np.ndarray, least: float) -> None:
    partner = match(overlap, least)
    rows, columns = np.nonzero(partner >= 0)[0], partner[partner >= 0]
    assert len(set(columns.tolist())) == len(columns)
    assert (overlap[rows, columns] >= least).all()
    for row, column in zip(*np.nonzero(overlap >= least), strict=True):
        held = [overlap[row, partner[row]]] if partner[row] >= 0 else []
        held += [overlap[other, column] for other in np.nonzero(partner == column)[0]]
        assert held
        assert max(held) >= overlap[row, column]
    assert (match(overlap) == match(overlap, SAME_PLACE)).all()


def bits(number: int, count: int) -> np.ndarray:
    return np.array([number >> (i % 8) & 1 for i in range(count)], bool)


@settings(deadline=None, max_examples=60)
@given(STEPS, st.sampled_from(sorted(LEVELS)))
def test_tracks_stay_whole(steps: list[dict], smooth: str) -> None:
    tracks, time = Tracks(LEVELS[smooth]), 0.0
    given_out: set[int] = set()
    rng = np.random.default_rng(0)
    for step in steps:
        time += step["elapsed"]
        count = len(tracks)
        seen, points = bits(step["seen"], count), tracks.points + step["jump"]
        before, ids = tracks.points.copy(), tracks.ids.copy()
        looks = rng.normal(size=(count, 144)).astype(np.float32)
        looks /= np.linalg.norm(looks, axis=1, keepdims=True)
        confidence = np.full((count, 15), 0.9, np.float32)
        tracks.update(points, confidence, seen, bits(step["moved"], count), seen, lambda found=looks: found, time)
        assert (tracks.ids == ids).all()
        assert (~tracks.lost <= seen).all()
        assert (tracks.points[tracks.lost] == before[tracks.lost]).all()
        assert (tracks.seen[~tracks.lost] == time).all()
        tracks.keep(bits(step["kept"], count))
        if step["new"]:
            new = np.stack([upright_points() * size + (x, y) for x, y, size in step["new"]])
            tracks.add(new, np.full((len(new), 15), 0.9, np.float32), np.eye(144, dtype=np.float32)[: len(new)], time)
        fresh = set(tracks.ids.tolist()) - set(ids.tolist())
        assert not fresh & given_out
        given_out |= fresh
        faces = tracks.faces()
        assert faces.ids.tolist() == sorted(faces.ids.tolist()) == tracks.ids[~tracks.lost].tolist()
        assert np.isfinite(faces.points).all()
        assert np.isfinite(faces.boxes).all()
        assert np.isfinite(tracks.expected(time + 1)).all()
