"""Batches of training samples: which faces are drawn how often, and what the losses need to know of each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.crop import CROP_SIZE
from tracker.keypoints import COUNT, MIRROR
from training.augment import DETECTION, JITTER_SHARES, jittered_crop, no_face, sample, spoil
from training.data.face_set import LabelledFace
from training.data.landmarks68 import MIRROR_ALL

TARGET_CHANNELS = 3
"""A target (K, 3) holds x, y and a weight per point; a weight below 0 says that there is no face in the crop."""
NO_FACE = -1.0


@dataclass(frozen=True, slots=True)
class Mixture:
    """Which samples an epoch is made of.

    Attributes:
        human: share of the samples drawn from the faces that people labelled.
        empty: share of the samples that hold no face.
        teacher_weight: weight in the losses of points that another network set.
        landmark_weight: weight in the losses of landmarks that are no keypoints, where faces come with them.
        jitters: how often crops are off as while tracking, as from the detector, and as from it at its worst.
    """

    human: float = 0.6
    empty: float = 0.06
    teacher_weight: float = 0.6
    landmark_weight: float = 0.3
    jitters: Sequence[float] = JITTER_SHARES


class Samples:
    """Random samples without end, cut into epochs, as a `training.fitting.feed.Supply`.

    Row r of batch k of epoch e is the same in every run with the same seed.
    """

    def __init__(
        self,
        faces: list[LabelledFace],
        *,
        steps: int,
        batch: int,
        seed: int,
        mixture: Mixture | None = None,
    ) -> None:
        self.images = [face.gray() for face in faces]
        self.points = [face.points for face in faces]
        self.count = max((len(points) for points in self.points), default=COUNT)
        self.human = np.flatnonzero([face.human for face in faces])
        self.other = np.flatnonzero([not face.human for face in faces])
        self.mixture = mixture or Mixture()
        self.steps, self.batch, self.seed, self.epoch = steps, batch, seed, 0

    def __len__(self) -> int:
        return self.steps

    def size(self, step: int) -> int:  # noqa: ARG002 - all batches are alike
        """How many rows a batch has."""
        return self.batch

    def rows(self, step: int, rows: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Makes rows of a batch: crops (n, 96, 96, 1) and targets (n, K, 3)."""
        crops = np.empty((len(rows), CROP_SIZE, CROP_SIZE, 1), np.float32)
        targets = np.empty((len(rows), self.count, TARGET_CHANNELS), np.float32)
        for place, row in enumerate(rows.tolist()):
            rng = np.random.default_rng((self.seed, self.epoch, step, row))
            crops[place, :, :, 0], targets[place] = self._one(rng)
        return crops, targets

    def _one(self, rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        human = len(self.other) == 0 or (len(self.human) > 0 and rng.random() < self.mixture.human)
        index = rng.choice(self.human if human else self.other)
        image, points = self.images[index], self.points[index]
        if rng.random() < self.mixture.empty:
            crop = no_face(image, points, rng)
            wanted = np.full((self.count, TARGET_CHANNELS), NO_FACE, np.float32)
        else:
            order = MIRROR if self.count == COUNT else MIRROR_ALL
            crop, points = sample(image, points, rng, shares=self.mixture.jitters, order=order)
            wanted = target(points, 1.0 if human else self.mixture.teacher_weight)
        wanted[COUNT:, 2] *= self.mixture.landmark_weight
        return spoil(crop, rng), wanted


def target(points: NDArray[np.float32], weight: float) -> NDArray[np.float32]:
    """Joins points (K, 2) and their weight to a target (K, 3); what is unknown or outside the crop weighs nothing."""
    inside = np.asarray(((points > -0.5) & (points < CROP_SIZE - 0.5)).all(axis=1))
    return np.concatenate([points, (weight * inside)[:, None]], axis=1).astype(np.float32)


def fixed_samples(
    faces: list[LabelledFace], seed: int, count: int = COUNT
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Makes one sample per face for validation, cropped as from the detector, in the picture's own light.

    Args:
        faces: labelled faces.
        seed: of the crops.
        count: how many points the network has; those that are no keypoints are not validated.
    """
    rng = np.random.default_rng(seed)
    crops = np.empty((len(faces), CROP_SIZE, CROP_SIZE, 1), np.float32)
    targets = np.zeros((len(faces), count, TARGET_CHANNELS), np.float32)
    for row, face in enumerate(faces):
        crop, points = jittered_crop(face.gray(), face.points[:COUNT], DETECTION, rng)
        crops[row, :, :, 0], targets[row, :COUNT] = crop, target(points, 1.0)
    return crops, targets
