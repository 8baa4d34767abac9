"""Batches of the competition's rows: every row once per epoch, shuffled and augmented."""

from collections.abc import Sequence

import keras
import numpy as np
from numpy.typing import NDArray

from tracker.crop import CROP_SIZE
from training.augment_crops import Augmentation, augmented
from training.data.conventions import Heads
from training.data.dataset import Faces96

Inputs = NDArray[np.float32]
Targets = dict[str, NDArray[np.float32]]


class Batches(keras.utils.PyDataset):
    """Epochs of a data set; batch k of epoch e is the same in every run with the same seed."""

    def __init__(
        self,
        faces: Faces96,
        heads: Heads,
        outputs: Sequence[int],
        names: Sequence[str],
        *,
        batch: int,
        seed: int,
        augmentation: Augmentation,
    ) -> None:
        super().__init__(workers=2, use_multiprocessing=False, max_queue_size=8)
        self.heads, self.outputs, self.names = heads, list(outputs), list(names)
        labelled = as_targets(heads.spread(faces.points, faces.kinds)[:, self.outputs])[..., 2] > 0
        self.faces = faces[np.asarray(labelled.any(axis=1))]
        self.kinds = self.faces.kinds
        self.batch, self.seed, self.augmentation, self.epoch = batch, seed, augmentation, 0

    def __len__(self) -> int:
        return -(-len(self.faces) // self.batch)

    def __getitem__(self, step: int) -> tuple[Inputs, Targets]:
        order = np.random.default_rng((self.seed, self.epoch)).permutation(len(self.faces))
        rows = order[step * self.batch : (step + 1) * self.batch]
        rng = np.random.default_rng((self.seed, self.epoch, step))
        images = np.empty((len(rows), CROP_SIZE, CROP_SIZE), np.uint8)
        points = np.empty((len(rows), *self.faces.points.shape[1:]), np.float32)
        for place, row in enumerate(rows):
            image, labels = self.faces.images[row], self.faces.points[row]
            images[place], points[place] = augmented(image, labels, self.augmentation, rng)
        return as_batch(images, points, self.kinds[rows], self.heads, self.outputs, self.names)


def as_batch(
    images: NDArray[np.uint8],
    points: NDArray[np.float32],
    kinds: NDArray[np.int64],
    heads: Heads,
    outputs: Sequence[int],
    names: Sequence[str],
) -> tuple[Inputs, Targets]:
    """Makes what a network is trained on: images (N, 96, 96, 1) and targets (N, K, 3) for each named output."""
    targets = as_targets(heads.spread(points, kinds)[:, list(outputs)])
    return images[..., None].astype(np.float32), dict.fromkeys(names, targets)


def as_targets(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Joins points (N, K, 2) with weights: 1 where there is a label inside the image, 0 elsewhere; holds no NaN."""
    inside = np.asarray(((points > -0.5) & (points < CROP_SIZE - 0.5)).all(axis=2))  # false where a coordinate is NaN
    place = np.where(inside[:, :, None], points, 0)
    return np.concatenate([place, inside[:, :, None]], axis=2).astype(np.float32)
