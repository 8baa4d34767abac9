"""Losses, samples and calibration: what the network learns from."""

from pathlib import Path

import keras
import numpy as np
import pytest

from tests.fakes import upright_points
from tracker import InputError
from tracker.crop import CROP_SIZE, cut_crops, similarity
from tracker.network import MAP_SIZE, build_network, cell_centres
from tracker.sources.demo import PORTRAIT
from training import augment
from training.augment import DETECTION, jittered_crop, mirror
from training.calibrate import _logistic_regression
from training.data.face_set import LabelledFace, read_face_set, split_by_group
from training.data.landmarks68 import REGIONS_ALL
from training.losses import MapLoss, WingLoss, error_percent
from training.samples import Mixture, Samples
from training.shipped import keypoints_only

RNG = np.random.default_rng(0)
GRAY = RNG.integers(0, 256, (300, 400), np.uint8)
POINTS = upright_points() * 1.5 + [100, 60]


def targets(count: int, seed: int = 0) -> np.ndarray:
    """Random targets (N, 15, 3) of which about a third is masked."""
    rng = np.random.default_rng(seed)
    weight = rng.uniform(0.2, 1, (count, 15)) * (rng.random((count, 15)) > 0.33)
    return np.concatenate([rng.uniform(0, 95, (count, 15, 2)), weight[..., None]], axis=2).astype(np.float32)


def test_map_loss_agrees_with_numpy() -> None:
    wanted, given = targets(3), RNG.normal(0, 2, (3, 15, MAP_SIZE**2)).astype(np.float32)
    x, y = cell_centres().T
    gaussian = np.exp(-((x - wanted[..., :1]) ** 2 + (y - wanted[..., 1:2]) ** 2) / 18)
    gaussian /= gaussian.sum(axis=-1, keepdims=True)
    logarithm = given - np.log(np.exp(given).sum(axis=-1, keepdims=True))
    expected = (-(gaussian * logarithm).sum(axis=-1) * wanted[..., 2]).mean(axis=1)
    assert MapLoss().call(wanted, given).numpy() == pytest.approx(expected, rel=1e-3)


def test_a_crop_without_a_face_wants_an_even_map() -> None:
    nothing = np.full((1, 15, 3), -1, np.float32)
    even, sharp = np.zeros((1, 15, MAP_SIZE**2), np.float32), np.zeros((1, 15, MAP_SIZE**2), np.float32)
    sharp[..., 0] = 9  # where a point at (0, 0) would be
    assert MapLoss().call(nothing, even).numpy() < MapLoss().call(nothing, sharp).numpy()
    assert WingLoss().call(nothing, np.zeros((1, 15, 2), np.float32)).numpy() == 0


def test_the_error_is_in_percent_of_the_eye_distance() -> None:
    wanted = np.concatenate([upright_points(), np.ones((15, 1))], axis=1).astype(np.float32)[None]
    wanted[0, 3, 0] = wanted[0, 5, 0] + 50
    wanted[0, 3, 1] = wanted[0, 5, 1]
    assert error_percent(wanted, wanted[..., :2] + np.array([3, 4], np.float32)).numpy() == pytest.approx(
        [10.0], rel=1e-4
    )


def test_a_sharp_map_is_a_point_with_a_small_spread() -> None:
    network = build_network()
    head = keras.Model(network.get_layer("softmax").input, [network.output["points"], network.output["confidence"]])
    network.get_layer("confidence_curve").set_weights([np.ones((1, 1)), np.zeros(1)])
    maps = np.full((1, 15, MAP_SIZE**2), -30, np.float32)
    maps[:, :, cell_centres().tolist().index([7 * 4 + 1.5, 5 * 4 + 1.5])] = 30
    points, spread = head.predict(maps, verbose=0)
    assert points[0] == pytest.approx(np.tile([7 * 4 + 1.5, 5 * 4 + 1.5], (15, 1)), abs=1e-3)
    _, wide = head.predict(np.zeros_like(maps), verbose=0)
    assert (spread < wide).all()


def test_cells_lie_on_a_grid_once_each() -> None:
    cells = cell_centres()
    assert sorted(map(tuple, cells.tolist())) == [(x * 4 + 1.5, y * 4 + 1.5) for x in range(24) for y in range(24)]


@pytest.mark.parametrize(("cell", "x", "y"), [(0, -2, -2), (1, 2, -2), (2, -2, 2), (3, 2, 2)])
def test_the_cells_of_a_block_lie_where_the_branches_put_them(cell: int, x: int, y: int) -> None:
    network = build_network()
    for layer in network.layers:
        if layer.name.endswith("_maps"):
            kernel, bias = (np.zeros_like(array) for array in layer.get_weights())
            bias[cell::4] = 30
            layer.set_weights([kernel, bias])
    points = network.predict(np.zeros((1, CROP_SIZE, CROP_SIZE, 1), np.float32), verbose=0)["points"]
    assert points[0] == pytest.approx(np.tile([47.5 + x, 47.5 + y], (15, 1)), abs=1e-3)


def test_a_map_follows_what_is_in_the_crop() -> None:
    network = build_network()
    maps = keras.Model(network.input, [layer.output for layer in network.layers if layer.name.endswith("_maps")])
    empty = np.zeros((1, CROP_SIZE, CROP_SIZE, 1), np.float32)
    x, y = cell_centres().T
    order = keras.Model(network.input, network.output["maps"])
    spot = empty.copy()
    spot[0, 70:74, 20:24] = 255
    moved = np.abs(order.predict(spot, verbose=0) - order.predict(empty, verbose=0))[0].sum(axis=0)
    assert maps.output[0].shape[1:3] == (12, 12)
    assert [float((axis * moved).sum() / moved.sum()) for axis in (x, y)] == pytest.approx([21.5, 71.5], abs=12)


def test_mirroring_twice_is_the_identity() -> None:
    crop = GRAY[:CROP_SIZE, :CROP_SIZE]
    once = mirror(crop, POINTS)
    twice = mirror(*once)
    assert (twice[0] == crop).all()
    assert twice[1] == pytest.approx(POINTS)
    assert (once[0][:, ::-1] == crop).all()
    assert once[1][0] == pytest.approx([CROP_SIZE - 1 - POINTS[1, 0], POINTS[1, 1]])


@pytest.mark.parametrize("seed", range(8))
def test_jitter_moves_image_and_points_together(seed: int) -> None:
    y, x = np.mgrid[:300, :400]
    dot = POINTS[10]
    image = (255 * np.exp(-((x - dot[0]) ** 2 + (y - dot[1]) ** 2) / 18)).astype(np.uint8)
    crop, points = jittered_crop(image, POINTS, DETECTION, np.random.default_rng(seed))
    weight = crop.astype(float)
    found = [(weight * axis).sum() / weight.sum() for axis in np.mgrid[:CROP_SIZE, :CROP_SIZE][::-1]]
    assert found == pytest.approx(points[10], abs=0.3)


def test_a_face_shrunk_keeps_its_points() -> None:
    image, points = augment.low_resolution(GRAY, POINTS, np.random.default_rng(0))
    ratio = np.array(image.shape[::-1]) / np.array(GRAY.shape[::-1])
    assert ratio[0] < 1
    assert points == pytest.approx((POINTS + 0.5) * ratio - 0.5)
    assert cut_crops(image, similarity(points[:1], np.zeros(1), np.ones(1))).shape == (1, CROP_SIZE, CROP_SIZE)


def face(subset: str, group: str, *, human: bool = True) -> LabelledFace:
    return LabelledFace(Path("none"), subset, group, human, POINTS)


def test_groups_never_straddle_a_split() -> None:
    faces = [face(subset, str(number // 3)) for subset in ("a", "b") for number in range(60)]
    kept, held = split_by_group(faces, 0.2, seed=1)
    groups = [{(one.subset, one.group) for one in side} for side in (kept, held)]
    assert groups[0] & groups[1] == set()
    assert len(held) == pytest.approx(0.2 * len(faces), abs=3)
    assert split_by_group(faces[::-1], 0.2, seed=1)[1] == held[::-1]


def test_samples_depend_on_seed_epoch_and_step_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LabelledFace, "gray", lambda _: GRAY)
    faces = [face("a", "1"), face("b", "2", human=False)]
    one, other = (Samples(faces, steps=3, batch=4, seed=5) for _ in range(2))
    every = np.arange(4)
    one.epoch = other.epoch = 2
    other.rows(0, every)
    crops, targets = one.rows(1, every)
    for rows in (every, every[1::2]):  # whoever asks for a row gets the same
        assert (crops[rows] == other.rows(1, rows)[0]).all()
        assert (targets[rows] == other.rows(1, rows)[1]).all()
    assert (crops != one.rows(2, every)[0]).any()
    one.epoch = 3
    assert (crops != one.rows(1, every)[0]).any()


def test_a_known_curve_is_fitted() -> None:
    x = np.random.default_rng(0).normal(0, 2, 20_000)
    label = np.random.default_rng(1).random(len(x)) < 1 / (1 + np.exp(3 * x))
    slope, offset = _logistic_regression(x.astype(np.float32), label)
    assert slope == pytest.approx(-3, rel=0.05)
    assert offset == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize(("text", "word"), [(None, "no face set"), ("a,b\n", "columns")])
def test_a_wrong_table_is_refused(tmp_path: Path, text: str | None, word: str) -> None:
    if text is not None:
        (tmp_path / "faces").mkdir()
        (tmp_path / "faces" / "faces.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=word):
        read_face_set(tmp_path)


def test_a_network_without_the_further_landmarks_says_the_same_of_the_keypoints() -> None:
    learnt = build_network(regions=REGIONS_ALL)
    crops = RNG.uniform(0, 255, (2, CROP_SIZE, CROP_SIZE, 1)).astype(np.float32)
    for layer in learnt.layers:  # moments of the normalisation that are not those of a new network
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([array + 0.1 for array in layer.get_weights()])
    kept = keypoints_only(learnt)
    assert kept.output["points"].shape == (None, 15, 2)
    wanted = learnt.predict(crops, verbose=0)["points"][:, :15]
    assert kept.predict(crops, verbose=0)["points"] == pytest.approx(wanted, abs=1e-3)


def test_further_landmarks_weigh_less_and_weigh_nothing_where_unknown() -> None:
    mixture = Mixture(human=0.5, empty=0.0, landmark_weight=0.25)
    known = np.concatenate([POINTS, POINTS[:1] + RNG.uniform(-9, 9, (55, 2))]).astype(np.float32)
    unknown = np.concatenate([POINTS, np.full((55, 2), np.nan)]).astype(np.float32)
    faces = [LabelledFace(PORTRAIT, "lfpw", "a", True, known), LabelledFace(PORTRAIT, "ytf", "b", False, unknown)]
    _, wanted = Samples(faces, steps=1, batch=32, seed=0, mixture=mixture).rows(0, np.arange(32))
    further = wanted[:, 15:, 2]
    of_people = (wanted[:, :15, 2] == 1).any(axis=1)
    assert 0 < of_people.sum() < 32
    assert set(np.unique(further[of_people])) <= {0.0, 0.25}
    assert (further[of_people] == 0.25).any()
    assert (further[~of_people] == 0).all()
