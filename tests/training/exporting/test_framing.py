"""Crops cut with the measured framing show faces where the training set shows them."""

import numpy as np
import pytest

from tests.training.competition_files import SHAPE
from tracker.crop import CROP_SIZE, DEFAULT_FRAMING, Framing, anchors_of, crop_transforms, similarity, to_crop, to_frame
from tracker.keypoints import LEFT_EYE, LIPS, MOUTH_CORNERS, RIGHT_EYE
from training.data.dataset import SPARSE
from training.exporting.framing import measure_framing

DENSE = np.setdiff1d(np.arange(15), SPARSE)


def faces(count: int, seed: int = 0, shape: np.ndarray = SHAPE) -> np.ndarray:
    """Points (N, 15, 2) of faces of varying size, place, breadth and length."""
    rng = np.random.default_rng(seed)
    stretch = rng.normal(1, 0.06, (count, 1, 2)) * rng.normal(1, 0.05, (count, 1, 1))
    moved = (shape - 48) * stretch + 48 + rng.normal(0, 2, (count, 1, 2)) + rng.normal(0, 0.5, (count, 15, 2))
    return np.asarray(moved, np.float32)


@pytest.mark.parametrize("shape", [SHAPE, SHAPE * 0.8 + [9.6, 18], SHAPE * [0.75, 1.0] + [12, -12]])
def test_crops_of_the_measured_framing_show_faces_as_the_training_set_does(shape: np.ndarray) -> None:
    shown = faces(300, shape=shape.astype(np.float32))
    framing = measure_framing(shown)
    rng = np.random.default_rng(1)
    somewhere = similarity(rng.uniform(0, 600, (300, 2)), rng.uniform(-0.5, 0.5, 300), rng.uniform(0.3, 6, 300))
    in_frame = to_frame(somewhere, shown)
    crops = to_crop(crop_transforms(anchors_of(in_frame), framing), in_frame)
    away = np.linalg.norm(crops.mean(axis=0) - shown.mean(axis=0), axis=1)
    assert away.max() < 1.5
    assert np.linalg.norm(crops - shown, axis=2).max() < 12  # what faces are framed differently in the training set


def test_the_trackers_own_crops_give_its_own_framing() -> None:
    in_frame = faces(400) * 3 + 100
    shown = to_crop(crop_transforms(anchors_of(in_frame)), in_frame)
    framing = measure_framing(shown)
    assert framing.eyes_in_side == pytest.approx(DEFAULT_FRAMING.eyes_in_side, abs=0.05)
    assert framing.mouth_in_side == pytest.approx(DEFAULT_FRAMING.mouth_in_side, abs=0.05)
    assert framing.eyes_weight == pytest.approx(DEFAULT_FRAMING.eyes_weight, abs=0.01)


@pytest.mark.parametrize("missing", [LIPS, MOUTH_CORNERS])
def test_half_of_the_mouth_will_do(missing: tuple[int, int]) -> None:
    shown = faces(300)
    whole = measure_framing(shown)
    shown[:, list(missing)] = np.nan
    part = measure_framing(shown)
    assert part.eyes_in_side == pytest.approx(whole.eyes_in_side, rel=0.05)
    assert part.mouth_in_side == pytest.approx(whole.mouth_in_side, rel=0.05)
    assert part.eyes_weight == pytest.approx(whole.eyes_weight, abs=0.05)


def test_rows_without_labels_of_the_mouth_change_nothing() -> None:
    shown = faces(300)
    other = faces(200, seed=1) * 0.5
    other[:, DENSE] = np.nan
    assert measure_framing(np.concatenate([shown, other])) == measure_framing(shown)


def test_without_any_mouth_the_eyes_decide() -> None:
    shown = faces(300)
    shown[:, DENSE] = np.nan  # the bottom lip alone is no mouth
    eyes = np.linalg.norm(shown[:, LEFT_EYE] - shown[:, RIGHT_EYE], axis=1)
    framing = measure_framing(shown)
    assert framing.eyes_in_side == pytest.approx(CROP_SIZE / np.median(eyes), rel=0.01)
    assert framing.eyes_in_side / framing.mouth_in_side == pytest.approx(2.5 / 2.3, abs=0.01)
    height = CROP_SIZE / framing.mouth_in_side
    assert framing.eyes_weight == pytest.approx(1 - (47.5 - np.median(shown[:, :2, 1])) / height, abs=0.02)


@pytest.mark.parametrize("count", [0, 1])
def test_one_face_is_enough_and_none_is_no_harm(count: int) -> None:
    framing = measure_framing(faces(count))
    if count == 0:
        assert framing == Framing()
        return
    crop = to_crop(crop_transforms(anchors_of(faces(1)), framing), faces(1))
    assert np.linalg.norm(crop - faces(1), axis=2).max() < 3


@pytest.mark.parametrize("points", [np.full((5, 15, 2), np.nan), np.full((5, 15, 2), 40.0), SHAPE[None, :, ::-1] * 1.0])
def test_labels_that_are_no_faces_leave_the_framing_as_it_is(points: np.ndarray) -> None:
    assert measure_framing(points) == DEFAULT_FRAMING


def test_left_and_right_do_not_matter() -> None:
    shown = faces(100)
    mirrored = shown.copy()
    mirrored[:, :, 0] = CROP_SIZE - 1 - mirrored[:, :, 0]
    assert measure_framing(mirrored).eyes_in_side == pytest.approx(measure_framing(shown).eyes_in_side)
