"""The confidence curve: on what it is fitted, and what it is when nothing can be fitted."""

import keras
import numpy as np
import pytest

from tests.training.competition_files import rendered
from tracker.network import build_network
from training.calibrate import CORNERS_PER_CENTRES, DEFAULT_CURVE, Judged, calibrate_confidence, of_competition
from training.data.conventions import Heads
from training.data.dataset import SPARSE, Faces96

HEADS = Heads((10, 14))


def faces(first: int, second: int) -> Faces96:
    """Rendered faces of the two kinds."""
    rng = np.random.default_rng(0)
    images, points = (np.stack(arrays) for arrays in zip(*(rendered(rng) for _ in range(first + second)), strict=True))
    points[first:, [index for index in range(15) if index not in SPARSE]] = np.nan
    return Faces96(images, points)


def test_only_labels_of_the_first_convention_are_judged() -> None:
    judged = of_competition(faces(0, 20), HEADS, seed=0)
    empty = (judged.targets[..., 2] < 0).all(axis=1)
    known = judged.targets[~empty, :, 2] > 0
    assert known[:, [0, 1]].mean() > 0.95  # eyes mean the same in both
    assert not known[:, 2:].any()
    alike = of_competition(faces(0, 20), Heads(), seed=0)
    assert (alike.targets[..., 2] > 0)[:, [10, 14]].any()
    assert judged.eyes[~empty] == pytest.approx(CORNERS_PER_CENTRES * 36, rel=0.35)


def test_a_tenth_of_the_crops_holds_no_face() -> None:
    some = faces(100, 0)
    judged = of_competition(some, HEADS, seed=0)
    empty = (judged.targets[..., 2] < 0).all(axis=1)
    assert empty.sum() == pytest.approx(40, abs=15)
    assert len(judged.crops) == 400 + empty.sum()
    assert (judged.targets[~empty, :, 2] >= 0).all()
    assert np.isfinite(judged.targets).all()
    dots = (judged.crops[..., 0] > 200).mean(axis=(1, 2))
    assert np.median(dots[empty]) < 0.5 * np.median(dots[~empty])
    again = of_competition(some, HEADS, seed=0)
    assert (again.crops == judged.crops).all()


Said = tuple[keras.Model, np.ndarray, np.ndarray, np.ndarray]


@pytest.fixture(scope="module")
def said() -> Said:
    """A network with random maps, some of them sharp; crops, its points and the logarithm of each map's spread."""
    network = build_network("random", HEADS.regions())
    for layer in network.layers:
        if layer.name.endswith("_maps"):
            layer.set_weights([150 * layer.get_weights()[0], layer.get_weights()[1]])
    crops = faces(100, 0).images[..., None].astype(np.float32)
    network.get_layer("confidence_curve").set_weights([np.ones((1, 1)), np.zeros(1)])
    answers = network.predict(crops, verbose=0)
    confidence = np.clip(answers["confidence"][:, :15], 1e-6, 1 - 1e-6)
    return network, crops, answers["points"][:, :15], np.log(confidence / (1 - confidence))


def test_sharp_maps_that_are_right_are_believed(said: Said) -> None:
    network, crops, points, spread = said
    right = spread < np.median(spread)
    targets = np.concatenate([points, np.ones((*points.shape[:2], 1))], axis=2).astype(np.float32)
    targets[~right, :2] += 30
    targets[::7, :, 2] = 0  # not labelled: wild values must not matter
    targets[::7, :, :2] = 1e6
    assert calibrate_confidence(network, Judged(crops, targets, np.full(100, 50, np.float32)))
    confidence = network.predict(crops, verbose=0)["confidence"][:, :15]
    assert (confidence[right] > 0.5).mean() > 0.95
    assert (confidence[~right] < 0.5).mean() > 0.95


@pytest.mark.parametrize("case", ["all right", "all wrong", "few", "sharp maps are wrong", "size unknown where wrong"])
def test_without_enough_to_go_by_the_curve_is_that_of_the_shipped_network(said: Said, case: str) -> None:
    network, crops, points, spread = said
    sharp = spread < np.median(spread)
    blunt = spread.mean(axis=1) > np.median(spread.mean(axis=1))
    wrong = {
        "all right": np.zeros_like(sharp),
        "all wrong": np.ones_like(sharp),
        "sharp maps are wrong": sharp,
        "size unknown where wrong": np.repeat(blunt[:, None], 15, axis=1),
    }.get(case, ~sharp)
    targets = np.concatenate([points, np.ones((*points.shape[:2], 1))], axis=2).astype(np.float32)
    targets[wrong, :2] += 30
    if case == "few":
        targets[4:, :, 2] = 0
    eyes = np.where(blunt & (case == "size unknown where wrong"), np.nan, 50).astype(np.float32)
    assert not calibrate_confidence(network, Judged(crops, targets, eyes))
    curve = network.get_layer("confidence_curve").get_weights()
    assert [float(array.ravel()[0]) for array in curve] == pytest.approx(DEFAULT_CURVE)


def test_crops_without_a_face_count_whatever_their_size(said: Said) -> None:
    network, crops, points, spread = said
    face = (spread.mean(axis=1) < np.median(spread.mean(axis=1)))[:, None].repeat(15, axis=1)
    targets = np.concatenate([points, np.where(face, 1, -1)[..., None]], axis=2).astype(np.float32)
    eyes = np.where(face[:, 0], 50, np.nan).astype(np.float32)
    assert calibrate_confidence(network, Judged(crops, targets, eyes))
    confidence = network.predict(crops, verbose=0)["confidence"][:, :15]
    assert confidence[face].mean() > confidence[~face].mean()
