"""Augmentation of faces that are 96x96 pixels already, points and pixels together."""

from dataclasses import dataclass

import numpy as np

from tracker.crop import CROP_SIZE, cut_crops, similarity, to_crop
from training.augment import Gray, Points, mirror, spoil


@dataclass(frozen=True, slots=True)
class Augmentation:
    """What happens to a sample, by chance.

    Attributes:
        mirrored: share of the samples that are mirrored.
        rotation: standard deviation in degrees.
        scale: standard deviation of the logarithm of the scale.
        shift: standard deviation in pixels, each way.
        spoiled: share of the samples whose light, sharpness and noise are changed and parts of which are covered.
    """

    mirrored: float = 0.0
    rotation: float = 0.0
    scale: float = 0.0
    shift: float = 0.0
    spoiled: float = 0.0


AUGMENTATIONS = {
    "none": Augmentation(),
    "flip": Augmentation(mirrored=0.5),
    "moderate": Augmentation(mirrored=0.5, rotation=6.0, scale=0.06, shift=2.0, spoiled=0.2),
    "strong": Augmentation(mirrored=0.5, rotation=12.0, scale=0.1, shift=3.0, spoiled=0.5),
}


def augmented(image: Gray, points: Points, how: Augmentation, rng: np.random.Generator) -> tuple[Gray, Points]:
    """Makes one training sample.

    Args:
        image: (96, 96) uint8.
        points: (15, 2) float32 pixels, NaN where there is no label.
        how: what may happen.
        rng: source of chance.

    Returns:
        Image and points of the sample; NaN stays NaN, and points may lie outside of the image.
    """
    if how.rotation or how.scale or how.shift:
        image, points = _moved(image, points, how, rng)
    if rng.random() < how.mirrored:
        image, points = mirror(image, points)
    if rng.random() < how.spoiled:
        image = spoil(image, rng)
    return image, points


def _moved(image: Gray, points: Points, how: Augmentation, rng: np.random.Generator) -> tuple[Gray, Points]:
    angle = np.radians(np.clip(rng.normal(0, how.rotation), -3 * how.rotation, 3 * how.rotation))
    scale = np.exp(np.clip(rng.normal(0, how.scale), -3 * how.scale, 3 * how.scale))
    centre = (CROP_SIZE - 1) / 2 + rng.normal(0, how.shift, 2)
    transform = similarity(centre[None], np.array([angle]), np.array([scale]))
    return cut_crops(image, transform)[0], to_crop(transform, points[None])[0]
