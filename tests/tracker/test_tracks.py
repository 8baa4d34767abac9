import numpy as np
import pytest

from tests.fakes import upright_points
from tracker.faces import overlaps
from tracker.smoothing import LEVELS
from tracker.tracks import Tracks, match

SURE = np.full((1, 15), 0.9, np.float32)


def at(*places: tuple[float, float]) -> np.ndarray:
    return np.stack([upright_points() + place for place in places])


def test_the_best_overlap_is_matched_first() -> None:
    overlap = np.array([[0.9, 0.6, 0.0], [0.95, 0.5, 0.0], [0.0, 0.0, 0.1]])
    assert match(overlap).tolist() == [1, 0, -1]


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)])
def test_nothing_is_matched_with_nothing(shape: tuple[int, int]) -> None:
    assert match(np.zeros(shape)).tolist() == [-1] * shape[0]


def test_overlap_is_intersection_over_union() -> None:
    box = np.array([[0, 0, 10, 10]])
    others = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [20, 20, 30, 30]])
    assert overlaps(box, others)[0] == pytest.approx([1, 1 / 3, 0])


def test_ids_are_never_used_again() -> None:
    tracks = Tracks(LEVELS["normal"])
    tracks.add(at((0, 0), (300, 0)), np.repeat(SURE, 2, axis=0), 0.0)
    assert tracks.ids.tolist() == [0, 1]
    tracks.keep(np.array([False, True]))
    tracks.add(at((600, 0)), SURE, 0.1)
    assert tracks.ids.tolist() == [1, 2]


def test_a_face_not_seen_is_lost_and_keeps_its_last_points() -> None:
    tracks = Tracks(None)
    tracks.add(at((0, 0), (300, 0)), np.repeat(SURE, 2, axis=0), 0.0)
    seen, still = np.array([True, False]), np.zeros(2, bool)
    tracks.update(at((5, 0), (999, 999)), np.repeat(SURE, 2, axis=0), seen, still, 0.1)
    assert tracks.lost.tolist() == [False, True]
    assert tracks.seen.tolist() == [0.1, 0.0]
    assert tracks.points == pytest.approx(at((5, 0), (300, 0)))
    assert tracks.faces().ids.tolist() == [0]


def test_a_face_found_elsewhere_is_not_smoothed_across_the_gap() -> None:
    tracks = Tracks(LEVELS["high"])
    tracks.add(at((0, 0)), SURE, 0.0)
    tracks.update(at((200, 0)), SURE, np.array([True]), np.array([True]), 0.03)
    assert tracks.points == pytest.approx(at((200, 0)))


def test_the_less_sure_of_two_tracks_on_one_face_is_the_rival() -> None:
    tracks = Tracks(None)
    tracks.add(at((0, 0), (4, 0), (300, 0)), np.stack([SURE[0] * 0.5, SURE[0], SURE[0]]), 0.0)
    assert tracks.rivals().tolist() == [True, False, False]
    tracks.lose(np.array([True, False, False]))
    assert tracks.rivals().tolist() == [False, False, False]


def test_the_older_of_two_equal_tracks_stays() -> None:
    tracks = Tracks(None)
    tracks.add(at((0, 0), (4, 0)), np.repeat(SURE, 2, axis=0), 0.0)
    assert tracks.rivals().tolist() == [False, True]


def test_misses_of_the_detector_are_counted_in_a_row_and_stay_with_their_track() -> None:
    tracks = Tracks(None)
    tracks.add(at((0, 0), (300, 0)), np.repeat(SURE, 2, axis=0), 0.0)
    tracks.looked_for(np.array([False, False]))
    tracks.looked_for(np.array([True, False]))
    assert tracks.missed.tolist() == [0, 2]
    tracks.keep(np.array([False, True]))
    tracks.add(at((600, 0)), SURE, 0.1)
    assert tracks.missed.tolist() == [2, 0]
