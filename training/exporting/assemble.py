"""Puts the networks of a trained model together: one Keras model from crops to points and confidence."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import keras
import numpy as np
from keras import layers

from tracker.crop import CROP_SIZE
from tracker.errors import InputError
from tracker.keypoints import COUNT
from tracker.loading.arrays import load_weights
from tracker.quiet import quiet_stderr
from training.calibrate import calibrate_confidence, of_competition
from training.data.dataset import Faces96
from training.fitting.run import Run
from training.models import Part, find_family

UNKNOWN = 0.5
"""The confidence that a model gives which has none."""


@dataclass(frozen=True, slots=True)
class Assembled:
    """A trained model in one piece.

    Attributes:
        model: from crops (N, 96, 96, 1) float32, gray levels 0 to 255, to (N, 15, 3) float32: x, y in crop pixels and
            confidence of each keypoint in the first convention.
        confidence: whether the confidence says anything. Otherwise it is 0.5 throughout.
        calibrated: whether its curve was fitted to held-out faces; otherwise it is that of the network that ships.
    """

    model: keras.Model
    confidence: bool
    calibrated: bool


def assemble(run: Run, fold: int, held: Faces96) -> Assembled:
    """Puts the networks of a fold together, in float32, whatever arithmetic they were trained in.

    Networks that only served as the start of others are left out, and so are the outputs of the second convention.

    Args:
        run: the training.
        fold: which of its folds.
        held: faces that it was not trained on, for the confidence of a network that has maps.

    Raises:
        InputError: the weights of a network are missing or do not fit it.
    """
    parts = [part for part in find_family(run.options.model).parts(run.heads) if not part.helper]
    with quiet_stderr(), _float32():  # TensorFlow logs that there is no GPU
        networks = [_trained(part, run, fold) for part in parts]
        confidence = all("confidence" in network.output for network in networks)
        fitted = [_calibrate(network, run, held) for network in networks] if confidence else [False]
        model = _joined(parts, networks, confidence=confidence)
    return Assembled(model, confidence, all(fitted))


def _trained(part: Part, run: Run, fold: int) -> keras.Model:
    """Returns a part's network with its best weights."""
    network = part.build()
    given = [name for name in ("points", "maps") if name in network.output]
    path = run.fold_folder(fold) / part.name / "best.weights.h5"
    try:
        load_weights(keras.Model(network.input, {name: network.output[name] for name in given}), path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path} does not hold the weights of a trained {run.options.model}: {error}.") from None
    return network


def _calibrate(network: keras.Model, run: Run, held: Faces96) -> bool:
    judged = of_competition(held, run.heads, seed=run.options.seed)
    return calibrate_confidence(network, judged)


def _joined(parts: list[Part], networks: list[keras.Model], *, confidence: bool) -> keras.Model:
    crop = keras.Input((CROP_SIZE, CROP_SIZE, 1), name="crop")
    columns = []
    for part, network in zip(parts, networks, strict=True):
        points = network.output["points"]
        if confidence:
            column = layers.Reshape((len(part.outputs), 1), name="column")(network.output["confidence"])
            answer = layers.Concatenate(name="points_confidence")([points, column])
        else:
            answer = keras.ops.pad(points, [[0, 0], [0, 0], [0, 1]], constant_values=UNKNOWN)
        columns.append(keras.Model(network.input, answer, name=part.name)(crop))
    merged = columns[0] if len(columns) == 1 else layers.Concatenate(axis=1, name="merge")(columns)
    order = np.argsort([output for part in parts for output in part.outputs])[:COUNT]
    if len(order) < merged.shape[1] or (order != np.arange(COUNT)).any():
        merged = keras.ops.take(merged, order, axis=1)
    model = keras.Model(crop, merged, name="keypoints")
    model.trainable = False
    return model


@contextmanager
def _float32() -> Iterator[None]:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
