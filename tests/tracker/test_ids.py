"""Ids in scenes with known truth; `benchmarks/ids.py` has many more of them."""

from collections.abc import Iterator

import numpy as np
import pytest

from tests.clear_mot import Forgetful, count, follow
from tests.composites import Cutout, Scene, people, portrait
from tests.scenes import belt, covered, crossing, crowd, leaving
from tracker.blazeface import BlazeFace
from tracker.faces import Faces
from tracker.pipeline import Tracker
from training.data.face_set import data_folder

THERE = (data_folder() / "faces" / "faces.csv").is_file()
with_people = pytest.mark.skipif(not THERE, reason=f"No face set is in {data_folder()}; FKD_DATA can name its folder.")


@pytest.fixture(scope="module")
def cast() -> list[Cutout]:
    """16 people, or one of them 16 times if there is no face set."""
    return people(16, seed=1) if THERE else [portrait()] * 16


@pytest.fixture(scope="module")
def tracker() -> Iterator[Tracker]:
    with Tracker() as tracker:
        yield tracker


def test_sixteen_faces_keep_their_ids_for_a_thousand_frames(cast: list[Cutout], tracker: Tracker) -> None:
    result = follow(belt(cast, 1000, seed=1), tracker)
    assert result.switches == 0
    assert len(set(result.last)) == 16
    assert result.found >= 0.98 * result.wanted


@pytest.mark.parametrize(("speed", "rate"), [(2.0, 30.0), (1.0, 10.0)])
def test_fast_faces_keep_their_ids(cast: list[Cutout], tracker: Tracker, speed: float, rate: float) -> None:
    result = follow(belt(cast[:4], 60, rate, speed=speed), tracker)
    assert result.switches == 0
    assert result.found >= 0.95 * result.wanted


def test_a_detector_that_overlooks_faces_costs_no_ids(cast: list[Cutout]) -> None:
    with Tracker(detector=Forgetful(BlazeFace(), 0.5)) as tracker:
        result = follow(crowd(cast, 60), tracker)
    assert result.switches == 0
    assert len(set(result.last)) == 16


def crossings(rear: Cutout, front: Cutout) -> Iterator[Scene]:
    yield crossing(rear, front, (0.5, 0.0), (-0.5, 0.0))
    yield crossing(rear, front, (1.4, 0.3), (0.0, 0.0), sizes=(24.0, 36.0), miss=0.3)  # the front one stands
    yield crossing(rear, front, (0.3, 0.0), (1.5, 0.4))  # one overtakes the other
    yield crossing(rear, front, (0.2, 0.9), (-0.4, -0.9), sizes=(36.0, 30.0), rate=10.0)


@pytest.mark.parametrize("scene", range(4))
def test_one_who_crosses_himself_costs_at_most_one_id(tracker: Tracker, scene: int) -> None:
    face = portrait()
    result = follow(list(crossings(face, face))[scene], tracker)
    assert result.switches <= 1
    assert len(set(result.last)) == 2
    assert result.found >= 0.95 * result.wanted


@with_people
@pytest.mark.parametrize("scene", range(4))
def test_two_people_who_cross_cost_at_most_one_id(cast: list[Cutout], tracker: Tracker, scene: int) -> None:
    result = follow(list(crossings(cast[scene], cast[scene + 1]))[scene], tracker)
    assert result.switches <= 1
    assert len(set(result.last)) == 2
    assert result.found >= 0.95 * result.wanted


@pytest.mark.parametrize("speed", [0.0, 0.3, 0.7])
def test_a_face_covered_for_half_a_second_keeps_its_id(tracker: Tracker, speed: float) -> None:
    scene = covered(portrait(), speed)
    assert (scene.visible == 0).sum() == pytest.approx(15, abs=1)
    result = follow(scene, tracker)
    assert result.switches == 0
    assert result.found >= 0.95 * result.wanted


@pytest.mark.parametrize(("away", "same"), [(0.5, True), (2.0, False)])
def test_a_face_that_leaves_keeps_its_id_for_a_while(tracker: Tracker, away: float, same: bool) -> None:
    face = portrait()
    first, second = follow(leaving(face, face, away), tracker).last
    assert first >= 0
    assert second >= 0
    assert (first == second) is same


def answers(scene: Scene, ids: list[list[int]]) -> list[Faces]:
    """Answers that are the truth, under these ids."""
    shape = scene.points.shape[1]
    return [
        Faces(points, np.ones((shape, 15)), np.zeros((shape, 4)), np.ones(shape), np.array(row))  # type: ignore[arg-type]
        for points, row in zip(scene.points, ids, strict=True)
    ]


@pytest.mark.parametrize(
    ("ids", "switches"),
    [
        ([[1, 2]] * 4, 0),
        ([[1, 2], [1, 2], [2, 1], [2, 1]], 2),
        ([[1, 2], [2, 1], [1, 2], [1, 2]], 4),
        ([[1, 2], [3, 2], [3, 2], [4, 2]], 2),
    ],
)
def test_switches_are_counted(ids: list[list[int]], switches: int) -> None:
    face = portrait()
    scene = crossing(face, face, (1, 0), (-1, 0), rate=1.0)
    assert len(scene) == 4
    result = count(scene, answers(scene, ids))
    assert (result.switches, result.ghosts) == (switches, 0)
    assert result.found == result.wanted
