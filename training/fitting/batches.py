"""Batches of the competition's rows: every row once per epoch, shuffled and augmented."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tracker.crop import CROP_SIZE
from training.augment_crops import Augmentation, augmented
from training.data.conventions import Heads
from training.data.dataset import Faces96
from training.fitting.feed import Images, Targets


class Batches:
    """Epochs of a data set, as a `training.fitting.feed.Supply`.

    Row r of batch k of epoch e is the same in every run with the same seed.
    """

    def __init__(
        self, faces: Faces96, heads: Heads, outputs: Sequence[int], *, batch: int, seed: int, augmentation: Augmentation
    ) -> None:
        self.heads, self.outputs = heads, list(outputs)
        labelled = as_targets(heads.spread(faces.points, faces.kinds)[:, self.outputs])[..., 2] > 0
        self.faces = faces[np.asarray(labelled.any(axis=1))]
        self.kinds = self.faces.kinds
        self.batch, self.seed, self.augmentation, self.epoch = batch, seed, augmentation, 0

    def __len__(self) -> int:
        return -(-len(self.faces) // self.batch)

    def size(self, step: int) -> int:
        """How many rows a batch has; the last one may have fewer."""
        return min(self.batch, len(self.faces) - step * self.batch)

    def rows(self, step: int, rows: NDArray[np.int64]) -> tuple[Images, Targets]:
        """Makes rows of a batch: images (n, 96, 96, 1) and targets (n, K, 3)."""
        order = np.random.default_rng((self.seed, self.epoch)).permutation(len(self.faces))
        chosen = order[step * self.batch :][rows]
        images = np.empty((len(rows), CROP_SIZE, CROP_SIZE), np.uint8)
        points = np.empty((len(rows), *self.faces.points.shape[1:]), np.float32)
        for place, (row, face) in enumerate(zip(rows.tolist(), chosen, strict=True)):
            rng = np.random.default_rng((self.seed, self.epoch, step, row))
            image, labels = self.faces.images[face], self.faces.points[face]
            images[place], points[place] = augmented(image, labels, self.augmentation, rng)
        return as_batch(images, points, self.kinds[chosen], self.heads, self.outputs)


def as_batch(
    images: NDArray[np.uint8],
    points: NDArray[np.float32],
    kinds: NDArray[np.int64],
    heads: Heads,
    outputs: Sequence[int],
) -> tuple[Images, Targets]:
    """Makes what a network is trained on: images (N, 96, 96, 1) and targets (N, K, 3)."""
    targets = as_targets(heads.spread(points, kinds)[:, list(outputs)])
    return images[..., None].astype(np.float32), targets


def as_targets(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Joins points (N, K, 2) with weights: 1 where there is a label inside the image, 0 elsewhere; holds no NaN."""
    inside = np.asarray(((points > -0.5) & (points < CROP_SIZE - 0.5)).all(axis=2))  # false where a coordinate is NaN
    place = np.where(inside[:, :, None], points, 0)
    return np.concatenate([place, inside[:, :, None]], axis=2).astype(np.float32)
