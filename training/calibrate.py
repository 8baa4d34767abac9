"""Makes the network's confidence mean something: the chance that a point is close to where a person would set it."""

import keras
import numpy as np
from numpy.typing import NDArray

from tracker.keypoints import COUNT, LEFT_OUTER_CORNER, RIGHT_OUTER_CORNER
from training.augment import JITTER_SHARES, JITTERS, jittered_crop, low_resolution, no_face, spoil
from training.data.face_set import LabelledFace
from training.samples import NO_FACE, TARGET_CHANNELS, target

CLOSE = 0.1
"""A point is close when it is off by less than this share of the distance between the outer eye corners."""


def calibrate_confidence(network: keras.Model, faces: list[LabelledFace], *, seed: int, rounds: int = 4) -> None:
    """Fits the network's confidence curve by logistic regression on faces that it was not trained on.

    The faces are cropped and spoiled as in training, and a tenth as many crops without a face are added, none of whose
    points is close. Half of the weight is on the points that are not close, so that 0.5 is where a point is as likely
    to be wrong as right were both kinds equally frequent.

    Args:
        network: from `tracker.network.build_network`; its layer `confidence_curve` is changed.
        faces: faces labelled by people.
        seed: of the crops.
        rounds: how many crops per face.
    """
    crops, targets = _crops(faces, seed, rounds)
    layer = network.get_layer("confidence_curve")
    layer.set_weights([np.ones((1, 1), np.float32), np.zeros(1, np.float32)])
    predicted = network.predict(crops, batch_size=64, verbose=0)
    confidence = np.clip(predicted["confidence"], 1e-6, 1 - 1e-6)
    log_spread = np.log(confidence / (1 - confidence))
    close, judged = _judge(predicted["points"], targets)
    slope, offset = _logistic_regression(log_spread[judged], close[judged])
    layer.set_weights([np.full((1, 1), slope, np.float32), np.full(1, offset, np.float32)])


def _crops(faces: list[LabelledFace], seed: int, rounds: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    rng = np.random.default_rng(seed)
    crops, targets = [], []
    for number in range(rounds):
        for face in faces:
            image, points = face.gray(), face.points
            if rng.random() < 0.1:
                crops.append(spoil(no_face(image, points, rng), rng))
                targets.append(np.full((COUNT, TARGET_CHANNELS), NO_FACE, np.float32))
            if number % 2:
                image, points = low_resolution(image, points, rng)
            jitter = JITTERS[rng.choice(len(JITTERS), p=JITTER_SHARES)]
            crop, points = jittered_crop(image, points, jitter, rng)
            crops.append(spoil(crop, rng))
            targets.append(target(points, 1.0))
    return np.stack(crops)[..., None].astype(np.float32), np.stack(targets).astype(np.float32)


def _judge(points: NDArray[np.float32], targets: NDArray[np.float32]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Returns which points (N, 15) are close, and which can be judged at all."""
    distance = np.linalg.norm(points - targets[..., :2], axis=-1)
    eyes = np.linalg.norm(targets[:, LEFT_OUTER_CORNER, :2] - targets[:, RIGHT_OUTER_CORNER, :2], axis=-1)
    close = (distance < CLOSE * eyes[:, None]) & (targets[..., 2] > 0)
    return close, targets[..., 2] != 0


def _logistic_regression(x: NDArray[np.float32], label: NDArray[np.bool_]) -> tuple[float, float]:
    """Fits P(label) = 1 / (1 + exp(-(slope x + offset))) by Newton's method, both classes weighing the same."""
    design = np.stack([x, np.ones_like(x)], axis=1).astype(np.float64)
    weight = np.where(label, 0.5 / max(label.sum(), 1), 0.5 / max((~label).sum(), 1))
    theta = np.zeros(2)
    for _ in range(50):
        chance = 1 / (1 + np.exp(-design @ theta))
        gradient = design.T @ (weight * (chance - label))
        curvature = design.T @ (design * (weight * chance * (1 - chance))[:, None]) + 1e-9 * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        theta -= step
        if np.abs(step).max() < 1e-8:
            break
    return float(theta[0]), float(theta[1])
