import numpy as np
import pytest

from tests.fakes import upright_points
from tracker.crop import Framing, crop_boxes
from tracker.faces import match, overlaps
from tracker.smoothing import LEVELS
from tracker.tracks import Tracks


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


def tracks_at(*places: tuple[float, float], smooth: str = "off") -> Tracks:
    """Tracks of faces at these places, each with looks of its own."""
    tracks = Tracks(LEVELS[smooth])
    tracks.add(at(*places), sure(len(places)), looks(*range(len(places))), 0.0)
    return tracks


def sure(count: int) -> np.ndarray:
    return np.full((count, 15), 0.9, np.float32)


def looks(*people: int) -> np.ndarray:
    """Looks of these people, which have nothing in common."""
    return np.eye(144, dtype=np.float32)[list(people)]


def update(
    tracks: Tracks,
    time: float,
    *places: tuple[float, float],
    seen: list[bool] | None = None,
    moved: bool = False,
    looking_like: np.ndarray | None = None,
) -> None:
    """Shows the faces at these places, each looking as it did at first unless said otherwise."""
    everyone = np.ones(len(places), bool)
    which = everyone if seen is None else np.array(seen)
    like = looks(*range(len(places))) if looking_like is None else looking_like
    tracks.update(at(*places), sure(len(places)), which, everyone & moved, everyone, lambda: like, time)


def middles(tracks: Tracks, time: float) -> np.ndarray:
    boxes = crop_boxes(tracks.expected(time))
    return (boxes[:, :2] + boxes[:, 2:]) / 2


def test_ids_are_never_used_again() -> None:
    tracks = tracks_at((0, 0), (300, 0))
    assert tracks.ids.tolist() == [0, 1]
    tracks.keep(np.array([False, True]))
    tracks.add(at((600, 0)), sure(1), looks(2), 0.1)
    assert tracks.ids.tolist() == [1, 2]


def test_a_face_not_seen_is_lost_and_keeps_its_last_points() -> None:
    tracks = tracks_at((0, 0), (300, 0))
    update(tracks, 0.1, (5, 0), (999, 999), seen=[True, False])
    assert tracks.lost.tolist() == [False, True]
    assert tracks.seen.tolist() == [0.1, 0.0]
    assert tracks.points == pytest.approx(at((5, 0), (300, 0)))
    assert tracks.faces().ids.tolist() == [0]


def test_a_face_found_elsewhere_is_not_smoothed_across_the_gap() -> None:
    tracks = tracks_at((0, 0), smooth="high")
    update(tracks, 0.03, (200, 0), moved=True)
    assert tracks.points == pytest.approx(at((200, 0)))
    start = middles(tracks, 0.03)
    assert middles(tracks, 1.0) == pytest.approx(start)  # nor is its speed that of the jump


def test_a_lost_face_brought_back_is_seen_where_it_is() -> None:
    tracks = tracks_at((0, 0), (300, 0), smooth="high")
    update(tracks, 0.1, (0, 0), (300, 0), seen=[True, False])
    tracks.bring_back(np.array([1]), at((340, 20)), sure(1), 0.2)
    assert tracks.lost.tolist() == [False, False]
    assert tracks.seen.tolist() == [0.1, 0.2]
    assert tracks.points == pytest.approx(at((0, 0), (340, 20)))
    update(tracks, 0.2 + 1 / 30, (0, 0), (340, 20))
    assert tracks.points == pytest.approx(at((0, 0), (340, 20)))


def test_a_face_is_expected_where_its_motion_takes_it() -> None:
    tracks = tracks_at((0, 0), (300, 300))
    for frame in range(1, 31):
        update(tracks, frame / 30, (3 * frame, -frame), (300, 300))
    here, soon, later = (middles(tracks, 1 + elapsed) for elapsed in (0, 0.1, 100))
    assert here == pytest.approx(crop_middles(tracks), abs=1e-3)
    assert soon[0] - here[0] == pytest.approx([9, -3], rel=0.2)  # a tenth of its way of a second
    assert soon[1] == pytest.approx(here[1])
    assert (later - here)[0] == pytest.approx([180, -60], rel=0.2)  # it comes to a halt


def crop_middles(tracks: Tracks) -> np.ndarray:
    boxes = tracks.boxes
    return (boxes[:, :2] + boxes[:, 2:]) / 2


def test_the_motion_of_a_face_is_not_learned_from_one_that_covers_it() -> None:
    tracks = tracks_at((0, 0), (70, 0))
    for frame in range(1, 11):
        update(tracks, frame / 30, (4 * frame, 0), (70, 0))  # drawn to the other one
    here = crop_middles(tracks)
    assert middles(tracks, 10 / 30 + 0.1) == pytest.approx(here)


NOBODY = np.zeros((3, 144), np.float32)


def test_of_two_tracks_on_one_face_the_one_stays_that_expected_it_there() -> None:
    tracks = tracks_at((0, 0), (60, 0), (300, 0))
    update(tracks, 0.1, (2, 0), (60, 0), (300, 0), looking_like=NOBODY)
    assert not tracks.lost.any()
    update(tracks, 0.2, (58, 0), (60, 0), (300, 0), looking_like=NOBODY)
    assert tracks.lost.tolist() == [True, False, False]
    tracks = tracks_at((0, 0), (60, 0), (300, 0))
    update(tracks, 0.1, (2, 0), (4, 0), (300, 0), looking_like=NOBODY)
    assert tracks.lost.tolist() == [False, True, False]


@pytest.mark.parametrize("person", [0, 1])
def test_of_two_tracks_on_one_face_the_one_stays_whose_looks_it_has(person: int) -> None:
    tracks = tracks_at((0, 0), (10, 0))
    update(tracks, 0.1, (5, 0), (5, 0), looking_like=looks(person, person))
    assert tracks.faces().ids.tolist() == [person]


def test_a_track_that_is_not_seen_is_nobodys_rival() -> None:
    tracks = tracks_at((0, 0), (4, 0))
    update(tracks, 0.1, (0, 0), (4, 0), seen=[False, True], looking_like=looks(0, 0))
    assert tracks.lost.tolist() == [True, False]


@pytest.mark.parametrize(("person", "winner"), [(5, 1), (0, 0)])
def test_a_lost_track_takes_a_face_from_another_only_if_it_fits_much_better(person: int, winner: int) -> None:
    tracks = tracks_at((0, 0), (8, 0))
    update(tracks, 0.1, (0, 0), (8, 0), seen=[False, True])
    update(tracks, 0.2, (0, 0), (0, 0), looking_like=looks(person, person))  # where the lost one was
    assert tracks.faces().ids.tolist() == [winner]


def test_the_older_of_two_equal_tracks_stays() -> None:
    tracks = tracks_at((0, 0), (0, 0))
    update(tracks, 0.1, (0, 0), (0, 0), looking_like=NOBODY[:2])
    assert tracks.lost.tolist() == [False, True]


def test_misses_of_the_detector_are_counted_in_a_row_and_stay_with_their_track() -> None:
    tracks = tracks_at((0, 0), (300, 0))
    tracks.looked_for(np.array([False, False]))
    tracks.looked_for(np.array([True, False]))
    assert tracks.missed.tolist() == [0, 2]
    tracks.keep(np.array([False, True]))
    tracks.add(at((600, 0)), sure(1), looks(2), 0.1)
    assert tracks.missed.tolist() == [2, 0]


def test_what_is_known_of_tracks_keeps_its_kind() -> None:
    for tracks in (Tracks(LEVELS["off"]), tracks_at((0, 0))):
        assert tracks.ids.dtype == tracks.missed.dtype == np.int64
        assert tracks.confidence.dtype == np.float32


def wandering(frame: int) -> tuple[float, float]:
    return (3.0 * frame + 5 * (frame % 2), -2.0 * (frame % 3))


def test_a_face_is_smoothed_as_if_it_were_alone() -> None:
    """Whatever happens to the others: one is found elsewhere, one is lost and brought back, one is forgotten."""
    alone, among = tracks_at((0, 0), smooth="high"), tracks_at((900, 0), (0, 0), (300, 0), (600, 0), smooth="high")
    for frame in range(1, 12):
        time, place = frame / 30, wandering(frame)
        update(alone, time, place)
        if frame == 6:
            among.keep(np.array([False, True, True, True]))
        first = [(900.0, 0.0)] if frame < 6 else []
        moved = np.zeros(len(among), bool)
        moved[-2] = frame in (3, 8)
        seen = np.ones(len(among), bool)
        seen[-1] = frame not in (4, 5, 9)
        points = at(*first, place, (300.0 + 40 * (frame >= 3), 0.0), (600, 0))
        like = looks(*range(4))[-len(among) :]
        among.update(points, sure(len(among)), seen, moved, ~moved, lambda like=like: like, time)
        if frame == 9:
            among.bring_back(np.array([2]), at((600, 50)), sure(1), time)
        assert among.points[-3] == pytest.approx(alone.points[0])
        assert abs(among.points[-3] - at(place)[0]).max() > 0.1  # it is smoothed at all


@pytest.mark.parametrize("way", ["moved", "brought back"])
def test_a_face_that_was_found_again_is_smoothed_from_there_on(way: str) -> None:
    tracks = tracks_at((0, 0), smooth="high")
    if way == "moved":
        update(tracks, 0.1, (200, 0), moved=True)
    else:
        update(tracks, 0.1, (0, 0), seen=[False])
        tracks.bring_back(np.array([0]), at((200, 0)), sure(1), 0.1)
    assert tracks.points == pytest.approx(at((200, 0)))
    update(tracks, 0.2, (206, 0))
    assert 200 < tracks.points[0, :, 0].min() + 200 - at((200, 0))[0, :, 0].min() < 206


def test_a_face_brought_back_has_no_speed_from_that() -> None:
    tracks = tracks_at((0, 0))
    update(tracks, 0.1, (0, 0), seen=[False])
    tracks.bring_back(np.array([0]), at((340, 20)), sure(1), 0.2)
    update(tracks, 0.3, (340, 20))
    assert middles(tracks, 1.3) == pytest.approx(crop_middles(tracks))


def test_the_motion_of_a_face_is_learned_while_others_meet() -> None:
    tracks = tracks_at((0, 0), (40, 0), (300, 0))
    for frame in range(1, 11):
        update(tracks, frame / 30, (0, 0), (40, 0), (300 + 3 * frame, 0))
    shift = middles(tracks, 10 / 30 + 0.1) - crop_middles(tracks)
    assert shift[:2] == pytest.approx(np.zeros((2, 2)), abs=1e-3)
    assert shift[2, 0] > 4


def test_faces_side_by_side_are_both_seen() -> None:
    tracks = tracks_at((0, 0), (90, 0))  # crops are 96 wide
    update(tracks, 0.1, (0, 0), (90, 0))
    assert not tracks.lost.any()


def test_pairs_overlap_as_much_as_they_must() -> None:
    assert match(np.array([[0.25]]), least=0.25).tolist() == [0]
    assert match(np.array([[0.0]]), least=0.0).tolist() == [0]
    assert match(np.array([[0.2499]]), least=0.25).tolist() == [-1]


def test_crops_show_as_much_as_the_framing_says() -> None:
    usual, wide = Tracks(LEVELS["off"]), Tracks(LEVELS["off"], Framing(eyes_in_side=5.0, mouth_in_side=4.6))
    for tracks in (usual, wide):
        tracks.add(at((0, 0)), sure(1), looks(0), 0.0)
        update(tracks, 0.1, (0, 0))
    sides = [float(np.ptp(tracks.boxes[0, ::2])) for tracks in (usual, wide)]
    assert sides[1] == pytest.approx(2 * sides[0])


def test_of_two_tracks_on_one_face_the_one_stays_whose_motion_leads_there() -> None:
    tracks = tracks_at((0, 0), (200, 0))
    for frame in range(1, 21):
        update(tracks, frame / 30, (6 * frame, 0), (200, 0))
    update(tracks, 20 / 30 + 0.2, (160, 0), (160, 0), looking_like=NOBODY[:2])
    assert tracks.lost.tolist() == [False, True]
