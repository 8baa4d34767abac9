from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fakes import FakeDetector, FakeEngine
from tracker import Faces, Frame, InputError, Settings, Tracker
from tracker.privacy import BLOCKS, HEAD, HOLD, MODES, Privacy, hide_faces

NOISE = np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8)
BOX = np.array([[200.0, 150.0, 300.0, 250.0]])
NONE = np.empty((0, 4))
HIDING = ("blur", "pixelate")


def box_at(x: float, y: float, side: float = 100.0) -> NDArray[np.float64]:
    return np.array([[x - side / 2, y - side / 2, x + side / 2, y + side / 2]])


def changed(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.asarray((before != after).any(axis=2))


@pytest.mark.parametrize("mode", HIDING)
@pytest.mark.parametrize("side", [7, 30, 100, 300])
def test_the_whole_head_changes_and_nothing_else(mode: str, side: int) -> None:
    (box,) = box_at(320, 240, side)
    where = changed(NOISE, hide_faces(NOISE, box[None], mode))
    left, top, right, bottom = box.astype(int)
    assert where[top:bottom, left:right].mean() > 0.95
    reach = round(HEAD * side / 2) + 2
    where[max(240 - reach, 0) : 240 + reach + 1, 320 - reach : 320 + reach + 1] = False
    assert not where.any()


@pytest.mark.parametrize("side", [10, 100, 200])
def test_a_face_is_at_most_eight_by_eight_colours(side: int) -> None:
    (box,) = box_at(320, 240, side)
    left, top, right, bottom = box.astype(int)
    face = hide_faces(NOISE, box[None], "pixelate")[top:bottom, left:right]
    assert len(np.unique(face.reshape(-1, 3), axis=0)) <= BLOCKS**2
    runs = (np.diff(face.astype(int), axis=1) != 0).any(axis=2).sum(axis=1)
    assert runs.max() < BLOCKS


@pytest.mark.parametrize("mode", HIDING)
def test_what_differs_within_a_block_leaves_no_trace(mode: str) -> None:
    """Two heads with the same means of blocks, and otherwise quite different, look the same afterwards."""
    one = np.full((480, 640, 3), 120, np.uint8)
    other = one.copy()
    other[::2] += 60
    other[1::2] -= 60
    inside = np.s_[160:240, 210:290]
    a, b = (hide_faces(image, BOX, mode)[inside].astype(int) for image in (one, other))
    assert np.abs(a - b).max() <= 6  # a block of an odd number of rows has half a row of either kind too much
    assert np.abs(one[inside].astype(int) - other[inside]).min() == 60


def test_points_only_leaves_no_pixel() -> None:
    blank = hide_faces(NOISE, NONE, "points-only")
    assert blank.shape == NOISE.shape
    assert not blank.any()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "box", [[-90, -90, 10, 10], [600, 400, 800, 600], [-1e9, -1e9, 1e9, 1e9], [900, 900, 950, 950], [np.nan] * 4]
)
def test_boxes_beyond_the_picture_do_no_harm(mode: str, box: list[float]) -> None:
    before = NOISE.copy()
    hidden = hide_faces(before, np.array([box]), mode)
    assert (before == NOISE).all()
    x, y = max(int(np.nan_to_num(box[0])), 0), max(int(np.nan_to_num(box[1])), 0)
    if mode != "points-only" and x < 640 and np.isfinite(box).all():
        assert changed(NOISE, hidden)[y : y + 8, x : x + 8].mean() > 0.9


def faces(*boxes: NDArray[np.float64]) -> Faces:
    count = len(boxes)
    placed = np.concatenate(boxes) if boxes else NONE
    return Faces(np.zeros((count, 15, 2)), np.ones((count, 15)), placed, np.ones(count), np.arange(count))


def hidden_at(privacy: Privacy, time: float, *boxes: NDArray[np.float64], name: str | None = None) -> bool:
    frame = privacy.hide(Frame(NOISE, time=time, name=name), faces(*boxes), NONE)
    return bool(changed(NOISE, frame.image)[150:250, 200:300].mean() > 0.9)


def test_a_place_stays_hidden_for_a_moment() -> None:
    privacy = Privacy("pixelate")
    assert hidden_at(privacy, 5.0, BOX)
    assert hidden_at(privacy, 5.0 + 0.9 * HOLD)
    assert not hidden_at(privacy, 5.0 + 1.1 * HOLD)


def test_a_place_is_held_while_another_face_is_there() -> None:
    privacy = Privacy("blur")
    assert hidden_at(privacy, 5.0, BOX, box_at(560, 400, 60))
    assert hidden_at(privacy, 5.1, box_at(560, 400, 60))


def test_pictures_are_unrelated() -> None:
    privacy = Privacy("blur")
    assert hidden_at(privacy, 5.0, BOX, name="a.jpg")
    assert not hidden_at(privacy, 5.0, name="b.jpg")


def test_places_of_no_face_are_hidden_too() -> None:
    frame = Privacy("pixelate").hide(Frame(NOISE), Faces.empty(), BOX)
    assert changed(NOISE, frame.image)[150:250, 200:300].mean() > 0.9


def test_what_the_network_refuses_is_a_place_all_the_same() -> None:
    tracker = Tracker(detector=FakeDetector((300, 200)), engine=FakeEngine(lambda _: 0.1))
    for found in (tracker.update(Frame(NOISE)), tracker.detect(NOISE)):
        assert len(found) == 0
        assert len(tracker.places) > 0
        assert tracker.places[0].reshape(2, 2).mean(axis=0) == pytest.approx([300, 220], abs=15)


def test_a_lost_face_is_a_place_until_it_is_forgotten() -> None:
    detector = FakeDetector((300, 200))
    settings = Privacy("blur").settings(Settings(memory=1.0))
    tracker = Tracker(detector=detector, engine=FakeEngine(lambda crop: 0.9 if crop.mean() > 50 else 0.1))
    tracker.settings = settings
    (seen,) = tracker.update(Frame(np.full_like(NOISE, 128))).boxes
    detector.centres = []
    for time in (0.1, 0.9):
        assert len(tracker.update(Frame(np.zeros_like(NOISE), time=time))) == 0
        # a lost face is looked for on the grid of crops: half a step of it away at most
        assert tracker.places == pytest.approx(np.stack([seen, seen]), abs=0.25)
    tracker.update(Frame(np.zeros_like(NOISE), time=1.2))
    assert len(tracker.places) == 0


def test_a_lost_face_that_moved_is_also_a_place_where_it_should_be_by_now() -> None:
    detector = FakeDetector((300, 200))
    tracker = Tracker(detector=detector, engine=FakeEngine(lambda crop: 0.9 if crop.mean() > 50 else 0.1))
    (seen,) = tracker.update(Frame(np.full_like(NOISE, 128))).boxes
    detector.centres = []
    tracker._tracks._motion.speeds[:] = (200, -100)
    tracker.update(Frame(np.zeros_like(NOISE), time=0.2))
    last, expected = tracker.places
    assert last == pytest.approx(seen)
    assert expected - last == pytest.approx([40, -20, 40, -20], rel=0.1)


def test_the_detector_looks_at_every_frame() -> None:
    detector = FakeDetector((300, 200))
    for mode, calls in (("blur", 20), ("points-only", 3)):
        detector.calls = 0
        tracker = Tracker(detector=detector, engine=FakeEngine(), settings=Privacy(mode).settings(Settings()))
        for index in range(20):
            tracker.update(Frame(NOISE, index, index / 30))
        assert detector.calls == pytest.approx(calls, abs=1)


def test_a_mode_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InputError, match="mosaic"):
        Privacy("mosaic")


def test_the_frame_keeps_its_time_and_pixels() -> None:
    frame = Frame(NOISE.copy(), 7, 1.5)
    hidden = Privacy("blur").hide(frame, faces(BOX), NONE)
    assert (frame.image == NOISE).all()
    assert replace(hidden, image=frame.image).time == 1.5
    assert hidden.index == 7
