"""What networks are trained on: every row once per epoch, labels with their weights."""

import numpy as np
import pytest

from tests.training.competition_files import rendered
from training.augment_crops import AUGMENTATIONS
from training.data.conventions import Heads
from training.data.dataset import SPARSE, Faces96
from training.fitting.batches import Batches, as_batch

HEADS = Heads((10, 14))
EVERY = tuple(range(len(HEADS)))


@pytest.fixture(scope="module")
def faces() -> Faces96:
    """Ten rows with all labels and six of the second kind; each image says its row by its first pixel."""
    rng = np.random.default_rng(0)
    images, points = map(np.stack, zip(*(rendered(rng) for _ in range(16)), strict=True))
    images[:, 0, 0] = np.arange(16)
    points[10:, np.setdiff1d(np.arange(15), SPARSE)] = np.nan
    return Faces96(images, points)


def whole(made: Batches) -> list[np.ndarray]:
    """The images and targets of an epoch."""
    batches = [made.rows(step, np.arange(made.size(step))) for step in range(len(made))]
    return [np.concatenate(each) for each in zip(*batches, strict=True)]


def test_an_epoch_is_every_row_once_in_an_order_of_its_own(faces: Faces96) -> None:
    made = Batches(faces, HEADS, EVERY, batch=5, seed=1, augmentation=AUGMENTATIONS["none"])
    orders = []
    for epoch in (0, 1, 0):
        made.epoch = epoch
        orders.append([int(image[0, 0, 0]) for image in whole(made)[0]])
    assert [sorted(order) for order in orders] == [list(range(16))] * 3
    assert orders[0] == orders[2] != orders[1]


def test_labels_have_weight_and_what_is_missing_has_none(faces: Faces96) -> None:
    images, targets = as_batch(faces.images, faces.points, faces.kinds, HEADS, EVERY)
    assert images.shape == (16, 96, 96, 1)
    weights = targets[..., 2]
    assert (weights[:10, :15] == 1).all()
    assert (weights[:10, 15:] == 0).all()
    assert np.flatnonzero(weights[12]).tolist() == [0, 1, 15, 16]
    assert targets[3, :15, :2] == pytest.approx(faces.points[3])
    assert np.isfinite(targets).all()


def test_rows_that_say_nothing_of_a_part_are_left_out(faces: Faces96) -> None:
    brows = (6, 7, 8, 9)
    made = Batches(faces, HEADS, brows, batch=5, seed=1, augmentation=AUGMENTATIONS["strong"])
    assert len(made.faces) == 10
    _, targets = whole(made)
    assert targets.shape == (10, 4, 3)
    assert (targets[..., 2] > 0).any(axis=1).all()


def test_a_row_is_the_same_whoever_asks_for_it(faces: Faces96) -> None:
    made = Batches(faces, HEADS, EVERY, batch=5, seed=1, augmentation=AUGMENTATIONS["strong"])
    images, targets = made.rows(1, np.arange(5))
    for rows in (np.array([1, 3]), np.array([4])):
        alone = made.rows(1, rows)
        assert np.array_equal(alone[0], images[rows])
        assert np.array_equal(alone[1], targets[rows])
