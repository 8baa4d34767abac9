"""Faces after an outage of the camera: the same ids where the faces are the same, and only there."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.composites import Actor, Cutout, Scene, people
from tests.tracker.test_ids import with_people
from tracker.asleep import AWAKENING, ELSEWHERE, HERE, LONGEST, Asleep
from tracker.frame import Frame
from tracker.pipeline import OUTAGE, Tracker
from tracker.sources.demo import Demo


def like(likeness: float, person: int = 0) -> NDArray[np.float32]:
    """Looks (1, 144) that are so like those of a person, and unlike those of all others."""
    looks = np.zeros((1, 144), np.float32)
    looks[0, person], looks[0, 100 + person] = likeness, np.sqrt(1 - likeness**2)
    return looks


def at(*places: float) -> NDArray[np.float32]:
    return np.array([[x, 0, x + 100, 100] for x in places], np.float32)


def asleep(*people: int, seen: float = 0.0, time: float = 10.0) -> Asleep:
    """People in a row, each 200 pixels from the next, with ids from 7 on."""
    faces = Asleep()
    looks = np.concatenate([like(1, person) for person in people])
    ids = 7 + np.arange(len(people))
    faces.put(ids, looks, at(*(200.0 * i for i in range(len(people)))), np.full(len(people), seen), time)
    return faces


@pytest.mark.parametrize(
    ("likeness", "place", "known"),
    [(HERE + 0.01, 0, True), (HERE - 0.01, 0, False), (ELSEWHERE + 0.01, 500, True), (ELSEWHERE - 0.01, 500, False)],
)
def test_a_face_elsewhere_must_be_more_alike(likeness: float, place: float, known: bool) -> None:
    assert asleep(0).wake(like(likeness), at(place), 10.0).tolist() == [7 if known else -1]


def test_the_likest_is_known_first_and_each_only_once() -> None:
    faces = asleep(0, 1)
    looks = np.concatenate([like(0.9), like(1.0), like(0.95, 1)])
    assert faces.wake(looks, at(0, 20, 180), 10.0).tolist() == [-1, 7, 8]
    assert faces.wake(looks, at(0, 20, 180), 10.0).tolist() == [-1, -1, -1]


def test_faces_sleep_neither_too_long_nor_after_the_awakening() -> None:
    assert asleep(0, seen=0.0, time=LONGEST).wake(like(1), at(0), LONGEST).tolist() == [7]
    assert asleep(0, seen=0.0, time=LONGEST + 1).wake(like(1), at(0), LONGEST + 1).tolist() == [-1]
    assert asleep(0).wake(like(1), at(0), 10 + AWAKENING).tolist() == [7]
    assert asleep(0).wake(like(1), at(0), 10.1 + AWAKENING).tolist() == [-1]


def test_another_outage_leaves_those_asleep_who_were() -> None:
    faces = asleep(0, 1)
    assert faces.wake(like(1), at(0), 10.5).tolist() == [7]
    faces.put(np.array([7]), like(1), at(0), np.array([10.6]), 20.0)
    looks = np.concatenate([like(1), like(1, 1)])
    assert faces.wake(looks, at(0, 200), 20.0).tolist() == [7, 8]


@pytest.fixture(scope="module")
def cast() -> list[Cutout]:
    return people(5, seed=3)


def seats(cast: list[Cutout], frames: int = 12) -> Scene:
    """People who sit side by side and hardly move."""
    places = [np.stack([120 + 200 * i + 3 * np.sin(np.arange(frames)), np.full(frames, 200.0)], 1) for i in range(3)]
    sizes, rolls = np.full(frames, 30.0), np.zeros(frames)
    actors = [Actor(cutout, place, sizes, rolls) for cutout, place in zip(cast, places, strict=True)]
    return Scene(actors, 640, 480, 30.0, 0)


def show(tracker: Tracker, scene: Scene, start: float) -> list[int]:
    """Shows a scene from a time on; returns the ids of its last frame from left to right."""
    for frame in scene:
        faces = tracker.update(Frame(frame.image, frame.index, start + frame.time))
        assert (np.diff(faces.ids) > 0).all()
    return [int(i) for i in faces.ids[np.argsort(faces.boxes[:, 0])]]


@with_people
@pytest.mark.parametrize("seconds", [OUTAGE + 0.5, 10.0, 50.0])
def test_who_is_still_there_keeps_the_id(cast: list[Cutout], seconds: float) -> None:
    with Tracker() as tracker:
        before = show(tracker, seats(cast[:3]), 0.0)
        assert sorted(before) == [0, 1, 2]
        assert show(tracker, seats(cast[:3]), seconds) == before


@with_people
def test_who_changed_places_keeps_the_id_and_who_came_gets_a_new_one(cast: list[Cutout]) -> None:
    with Tracker() as tracker:
        first, second, third = show(tracker, seats(cast[:3]), 0.0)
        left, middle, right = show(tracker, seats([cast[1], cast[0], cast[4]]), 10.0)
    assert (left, middle) == (second, first)
    assert right not in (first, second, third)


def test_the_face_of_the_demo_keeps_its_id_over_an_outage() -> None:
    frames = list(Demo(seconds=0.5))
    with Tracker() as tracker:
        for frame in frames:
            before = tracker.update(frame)
        for frame in frames:
            after = tracker.update(Frame(frame.image, frame.index, frame.time + 10))
        assert before.ids.tolist() == after.ids.tolist() == [0]
        tracker.reset()
        assert tracker.update(Frame(frames[0].image, 0, 0.0)).ids.tolist() == [1]
