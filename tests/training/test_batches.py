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


def test_an_epoch_is_every_row_once_in_an_order_of_its_own(faces: Faces96) -> None:
    made = Batches(faces, HEADS, EVERY, ["points"], batch=5, seed=1, augmentation=AUGMENTATIONS["none"])
    orders = []
    for epoch in (0, 1, 0):
        made.epoch = epoch
        orders.append([int(image[0, 0, 0]) for step in range(len(made)) for image in made[step][0]])
    assert [sorted(order) for order in orders] == [list(range(16))] * 3
    assert orders[0] == orders[2] != orders[1]


def test_labels_have_weight_and_what_is_missing_has_none(faces: Faces96) -> None:
    images, targets = as_batch(faces.images, faces.points, faces.kinds, HEADS, EVERY, ["points", "maps"])
    assert images.shape == (16, 96, 96, 1)
    assert targets["points"] is targets["maps"]
    weights = targets["points"][..., 2]
    assert (weights[:10, :15] == 1).all()
    assert (weights[:10, 15:] == 0).all()
    assert np.flatnonzero(weights[12]).tolist() == [0, 1, 15, 16]
    assert targets["points"][3, :15, :2] == pytest.approx(faces.points[3])
    assert np.isfinite(targets["points"]).all()


def test_rows_that_say_nothing_of_a_part_are_left_out(faces: Faces96) -> None:
    brows = (6, 7, 8, 9)
    made = Batches(faces, HEADS, brows, ["points"], batch=5, seed=1, augmentation=AUGMENTATIONS["strong"])
    assert len(made.faces) == 10
    for step in range(len(made)):
        _, targets = made[step]
        assert targets["points"].shape[1:] == (4, 3)
        assert (targets["points"][..., 2] > 0).any()
