"""Makes the network's confidence mean something: the chance that a point is close to where a person would set it."""

from dataclasses import dataclass

import keras
import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracker.crop import CROP_SIZE
from tracker.keypoints import COUNT, LEFT_EYE, LEFT_OUTER_CORNER, RIGHT_EYE, RIGHT_OUTER_CORNER
from training.augment import JITTER_SHARES, JITTERS, jittered_crop, low_resolution, no_face, spoil
from training.augment_crops import AUGMENTATIONS, augmented
from training.data.conventions import Heads
from training.data.dataset import Faces96
from training.data.face_set import LabelledFace
from training.fitting.batches import as_targets
from training.samples import NO_FACE, TARGET_CHANNELS, target

CLOSE = 0.1
"""A point is close when it is off by less than this share of the distance between the outer eye corners."""
CORNERS_PER_CENTRES = 1.4
"""Distance between the outer eye corners in distances between the eye centres, for rows without labels of corners."""
FEWEST = 100
"""With fewer points that are close, or fewer that are not, no curve is fitted."""
DEFAULT_CURVE = (-3.184, -12.339)
"""Slope and offset of the curve of the network that ships, for networks for which none can be fitted."""
ROUNDS = 4
NO_FACE_SHARE = 0.1
_STANDARD_FACE = np.full((COUNT, 2), (CROP_SIZE - 1) / 2, np.float32)
_STANDARD_FACE[:11, 1] -= 0.45 * CROP_SIZE / 2.5
_STANDARD_FACE[11:, 1] += 0.55 * CROP_SIZE / 2.5
_STANDARD_FACE[[LEFT_EYE, RIGHT_EYE], 0] += np.array([1, -1], np.float32) * CROP_SIZE / 5


@dataclass(frozen=True, slots=True)
class Judged:
    """Crops, and where the points in them are.

    Attributes:
        crops: (N, 96, 96, 1) float32 gray levels.
        targets: (N, 15, 3) float32, as in `training.losses`.
        eyes: (N,) float32, distance between the outer eye corners in pixels; NaN where it is not known, and then only
            points of crops without a face can be judged.
    """

    crops: NDArray[np.float32]
    targets: NDArray[np.float32]
    eyes: NDArray[np.float32]


def calibrate_confidence(network: keras.Model, judged: Judged) -> bool:
    """Fits the network's confidence curve by logistic regression on faces that it was not trained on.

    Half of the weight is on the points that are not close, so that 0.5 is where a point is as likely to be wrong as
    right were both kinds equally frequent. Where there are too few points of a kind, or a point is the likelier to be
    right the less its map says, the curve is `DEFAULT_CURVE`.

    Args:
        network: from `tracker.network.build_network`, its first 15 outputs the keypoints in order; its layer
            `confidence_curve` is changed.
        judged: crops of labelled faces and a share of crops without a face, none of whose points is close.

    Returns:
        Whether a curve was fitted.
    """
    layer = network.get_layer("confidence_curve")
    layer.set_weights([np.ones((1, 1), np.float32), np.zeros(1, np.float32)])
    predicted = network.predict(judged.crops, batch_size=64, verbose=0)
    confidence = np.clip(predicted["confidence"][:, :COUNT], 1e-6, 1 - 1e-6)
    log_spread = np.log(confidence / (1 - confidence))
    close, known = _judge(predicted["points"][:, :COUNT], judged)
    enough = min(close[known].sum(), (~close[known]).sum()) >= FEWEST
    slope, offset = _logistic_regression(log_spread[known], close[known]) if enough else DEFAULT_CURVE
    fitted = bool(enough and slope < 0)
    if not fitted:
        slope, offset = DEFAULT_CURVE
    layer.set_weights([np.full((1, 1), slope, np.float32), np.full(1, offset, np.float32)])
    return fitted


def of_face_set(faces: list[LabelledFace], *, seed: int, rounds: int = ROUNDS) -> Judged:
    """Makes crops of faces with context, cropped and spoiled as in training, and a tenth as many without a face.

    Args:
        faces: faces labelled by people.
        seed: of the crops.
        rounds: how many crops per face.
    """
    rng = np.random.default_rng(seed)
    crops, targets = [], []
    eyes: list[float] = []
    for number in range(rounds):
        for face in faces:
            image, points = face.gray(), face.points
            if rng.random() < NO_FACE_SHARE:
                crops.append(spoil(no_face(image, points, rng), rng))
                targets.append(np.full((COUNT, TARGET_CHANNELS), NO_FACE, np.float32))
                eyes.append(np.nan)
            if number % 2:
                image, points = low_resolution(image, points, rng)
            jitter = JITTERS[rng.choice(len(JITTERS), p=JITTER_SHARES)]
            crop, points = jittered_crop(image, points, jitter, rng)
            crops.append(spoil(crop, rng))
            targets.append(target(points, 1.0))
            eyes.append(float(np.linalg.norm(points[LEFT_OUTER_CORNER] - points[RIGHT_OUTER_CORNER])))
    return _judged(crops, np.stack(targets), eyes)


def of_competition(faces: Faces96, heads: Heads, *, seed: int, rounds: int = ROUNDS) -> Judged:
    """Makes crops of faces of the competition, augmented strongly, and a tenth as many without a face.

    What has no label in the first convention is not judged. A crop without a face is cut beside the face (mostly what
    the border repeats), out of a small part of it, or made of noise.

    Args:
        faces: at least one.
        heads: the outputs of the network.
        seed: of the crops.
        rounds: how many crops per face.
    """
    rng = np.random.default_rng(seed)
    crops, points, empty = [], [], []
    for _ in range(rounds):
        for image, labels in zip(faces.images, faces.points, strict=True):
            if rng.random() < NO_FACE_SHARE:
                crops.append(spoil(no_face(image, _STANDARD_FACE, rng), rng))
                points.append(np.full((COUNT, 2), np.nan, np.float32))
                empty.append(len(crops) - 1)
            crop, moved = augmented(image, labels, AUGMENTATIONS["strong"], rng)
            crops.append(crop)
            points.append(moved)
    placed = np.stack(points)
    targets = as_targets(heads.spread(placed, Faces96(np.stack(crops), placed).kinds)[:, :COUNT])
    targets[empty] = NO_FACE
    corners, centres = (
        np.linalg.norm(placed[:, left] - placed[:, right], axis=1)
        for left, right in ((LEFT_OUTER_CORNER, RIGHT_OUTER_CORNER), (LEFT_EYE, RIGHT_EYE))
    )
    return _judged(crops, targets, np.where(np.isnan(corners), CORNERS_PER_CENTRES * centres, corners))


def _judged(crops: list[NDArray[np.uint8]], targets: NDArray[np.float32], eyes: ArrayLike) -> Judged:
    images = np.stack(crops)[..., None].astype(np.float32)
    return Judged(images, targets.astype(np.float32), np.asarray(eyes, np.float32))


def _judge(points: NDArray[np.float32], judged: Judged) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Returns which points (N, 15) are close, and which can be judged at all."""
    weight, eyes = judged.targets[..., 2], judged.eyes[:, None]
    distance = np.linalg.norm(points - judged.targets[..., :2], axis=-1)
    return (distance < CLOSE * eyes) & (weight > 0), (weight < 0) | (weight > 0) & ~np.isnan(eyes)


def _logistic_regression(x: NDArray[np.float32], label: NDArray[np.bool_]) -> tuple[float, float]:
    """Fits P(label) = 1 / (1 + exp(-(slope x + offset))) by Newton's method, both classes weighing the same."""
    design = np.stack([x, np.ones_like(x)], axis=1).astype(np.float64)
    weight = np.where(label, 0.5 / max(label.sum(), 1), 0.5 / max((~label).sum(), 1))
    theta = np.zeros(2)
    for _ in range(50):
        chance = 1 / (1 + np.exp(np.clip(-design @ theta, -500, 500)))  # classes apart drive theta up
        gradient = design.T @ (weight * (chance - label))
        curvature = design.T @ (design * (weight * chance * (1 - chance))[:, None]) + 1e-9 * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        theta -= step
        if np.abs(step).max() < 1e-8:
            break
    return float(theta[0]), float(theta[1])
