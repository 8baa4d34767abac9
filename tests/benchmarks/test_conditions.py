"""Spoiled scenes, and what the tracker makes of covered faces."""

import numpy as np
import pytest
from accuracy import detect_all, summaries
from condition_levels import CONDITIONS, SIZE, Condition, scenes_of
from covering import fist_on_eye, hand_on_mouth, microphone_on_mouth
from labelled import nearest, pick
from spoiling import STANDARD_WIDTH, Scene, Spoiling, face_width, place, rolled, yaw_of

from tracker import KEYPOINTS, Tracker
from tracker.sources.demo import PORTRAIT
from tracker.sources.images import read_image
from training.data.face_set import TEST_SUBSET, LabelledFace, data_folder, read_face_set

MOUTH = [row for row, name in enumerate(KEYPOINTS) if "mouth" in name]
EYES_AND_BROWS = [row for row, name in enumerate(KEYPOINTS) if "eye" in name]
BY_NAME = {condition.name: condition for condition in CONDITIONS}


@pytest.fixture(scope="module")
def face() -> LabelledFace:
    """The portrait, labelled by the tracker."""
    with Tracker() as tracker:
        (points,) = tracker.detect(read_image(PORTRAIT)).points
    return LabelledFace(PORTRAIT, "portrait", "portrait", False, points)


@pytest.mark.parametrize("width", [200, 20])
def test_a_face_is_placed_as_wide_as_said_with_its_points(face: LabelledFace, width: float) -> None:
    scene = place(face.colour(), face.points, width)
    assert scene.image.shape == (480, 640, 3)
    assert face_width(scene.points) == pytest.approx(width, rel=0.02)
    with Tracker() as tracker:
        found = pick((answer := detect_all(tracker, [scene.image])[0]), nearest(answer, scene.points[None]))
    assert np.linalg.norm(found[0] - scene.points, axis=1).mean() < 0.05 * scene.eyes


@pytest.mark.parametrize("angle", [-90, 30])
def test_a_rolled_scene_stands_at_the_angle_with_its_points(face: LabelledFace, angle: float) -> None:
    scene = rolled(place(face.colour(), face.points, 120), angle, np.random.default_rng())
    across = scene.points[3] - scene.points[5]
    assert np.degrees(np.arctan2(across[1], across[0])) == pytest.approx(angle, abs=0.1)
    back = rolled(scene, 0, np.random.default_rng())
    upright = rolled(place(face.colour(), face.points, 120), 0, np.random.default_rng())
    middle = np.s_[160:320, 240:400]
    assert np.abs(back.image[middle].astype(float) - upright.image[middle]).mean() < 4


@pytest.mark.parametrize("condition", [each for each in CONDITIONS if each.name != SIZE], ids=lambda each: each.name)
def test_each_level_spoils_more_than_the_one_before(condition: Condition, face: LabelledFace) -> None:
    plain = place(face.colour(), face.points, STANDARD_WIDTH).image.astype(float)
    levels = [level for level in condition.levels if condition.name != "roll" or level >= 0]
    changes = [np.abs(scenes_of(condition, level, [face])[0].image - plain).mean() for level in levels]
    assert changes == sorted(changes)
    assert len(set(changes)) == len(changes)
    if condition.plain is not None:
        assert changes[0] == 0


@pytest.mark.parametrize(
    ("spoil", "over"), [(hand_on_mouth, MOUTH), (microphone_on_mouth, MOUTH), (fist_on_eye, EYES_AND_BROWS)]
)
def test_covered_points_are_those_under_something(spoil: Spoiling, over: list[int], face: LabelledFace) -> None:
    plain = place(face.colour(), face.points, STANDARD_WIDTH)
    scene = spoil(plain, 40, np.random.default_rng(0))
    changed = np.abs(scene.image.astype(int) - plain.image).max(axis=2) > 0
    columns, rows = scene.points.round().astype(int).T
    assert scene.covered.any()
    assert set(np.flatnonzero(scene.covered)) <= set(over)
    assert changed[rows, columns][scene.covered].all()
    assert not changed[rows, columns][[row for row in range(len(KEYPOINTS)) if row not in over]].any()


def test_yaw_grows_with_the_nose_to_the_subjects_left(face: LabelledFace) -> None:
    points = np.repeat(face.points[None], 3, axis=0)
    across = points[0, 3] - points[0, 5]
    for row, share in enumerate((-0.3, 0, 0.3)):
        points[row, 10] = (points[0, 3] + points[0, 5]) / 2 + share * across
    yaw = yaw_of(points)
    assert yaw[0] == pytest.approx(-yaw[2], abs=1e-3)
    assert yaw[1] == pytest.approx(0, abs=1e-3)
    assert 20 < yaw[2] < 40


def test_figures_of_programs() -> None:
    errors = {"a": np.array([1.0, 3.0, np.nan, 10.0]), "b": np.array([2.0, np.nan, np.nan, np.nan])}
    a, b = summaries(errors).values()
    assert (a["found_percent"], a["good_percent"]) == (75, 50)
    assert a["mean"] == pytest.approx(14 / 3)
    assert a["failures_percent"] == pytest.approx(100 / 3)
    assert (a["mean_common"], b["mean_common"]) == (1, 2)
    assert summaries({"c": np.full(2, np.nan)})["c"]["mean"] is None


@pytest.mark.skipif(
    not (data_folder() / "faces").is_dir(), reason="The face set is not in ../shared/data; FKD_DATA can name a folder."
)
@pytest.mark.parametrize("spoil", [hand_on_mouth, microphone_on_mouth])
def test_points_of_a_covered_mouth_lose_confidence_and_the_others_keep_most_of_it(spoil: Spoiling) -> None:
    faces = read_face_set(data_folder(), [TEST_SUBSET])[::12]
    plain = [place(face.colour(), face.points, STANDARD_WIDTH) for face in faces]
    spoiled = [spoil(scene, 60, np.random.default_rng(row)) for row, scene in enumerate(plain)]
    with Tracker() as tracker:
        before, after = (_confidence(tracker, scenes) for scenes in (plain, spoiled))
    covered = np.stack([scene.covered for scene in spoiled])
    both = np.isfinite(before) & np.isfinite(after)
    assert both.all(axis=1).mean() > 0.8
    lost = (before - after)[covered & both].mean() / before[covered & both].mean()
    others = (before - after)[~covered & both].mean() / before[~covered & both].mean()
    assert lost > 0.1
    assert others < 0.1
    assert lost > 2 * others


def _confidence(tracker: Tracker, scenes: list[Scene]) -> np.ndarray:
    points, confidence = detect_all(tracker, [scene.image for scene in scenes])
    return pick(confidence, nearest(points, np.stack([scene.points for scene in scenes])))
