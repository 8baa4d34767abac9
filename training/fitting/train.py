"""Trains the networks of one fold of a model, one part after the other."""

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tracker.quiet import quiet_stderr
from tracker.sinks.base import writing
from training.augment_crops import AUGMENTATIONS
from training.data.conventions import Heads
from training.data.dataset import Faces96
from training.fitting.batches import Batches, as_batch
from training.fitting.checkpoint import Checkpoint
from training.fitting.devices import Devices
from training.fitting.feed import Given
from training.fitting.loop import Loop, fit
from training.fitting.optimizer import adamw
from training.fitting.options import Options
from training.losses import RMSE, MapLoss, MaskedHuber, MaskedSquaredError, WingLoss
from training.models import Part

LOSSES = {"mse": MaskedSquaredError, "huber": MaskedHuber, "wing": WingLoss}
CLIP, WARM_UP, WEIGHT_DECAY = 100.0, 200, 1e-2


def train_part(
    part: Part,
    folder: Path,
    training: Faces96,
    validation: Faces96,
    heads: Heads,
    options: Options,
    devices: Devices,
    *,
    start: tuple[Part, Path] | None = None,
    verbose: int | str = "auto",
) -> keras.Model:
    """Trains one network, or goes on with it, and returns it with the weights of its best epoch (on the chief).

    Args:
        part: which network.
        folder: for its history, state and weights.
        training: rows to train on.
        validation: rows held out.
        heads: the outputs of the whole model.
        options: how.
        devices: where.
        start: the part to start from, and its weights.
        verbose: how much is printed, as Keras has it.
    """
    if devices.chief:
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
    keras.utils.clear_session()  # the part before this one needs no memory any more
    keras.utils.set_random_seed(options.seed)
    epochs = max(round(part.share * options.epochs), 1)
    batches = Batches(
        training,
        heads,
        part.outputs,
        batch=options.batch,
        seed=options.seed,
        augmentation=AUGMENTATIONS[options.augment],
    )
    held = Given(*as_batch(validation.images, validation.points, validation.kinds, heads, part.outputs))
    with devices.strategy.scope():
        network = part.build()
        names = [name for name in ("points", "maps") if name in network.output]
        trained = keras.Model(network.input, {name: network.output[name] for name in names})
        if start is not None:
            if devices.chief:
                _begin_from(network, part, *start)
            devices.share(network.variables)
        losses = {"points": LOSSES[options.loss]()} | ({"maps": MapLoss()} if "maps" in names else {})
        optimizer = adamw(options.learning_rate, epochs * len(batches), WARM_UP, WEIGHT_DECAY)
        loop = Loop(trained, losses, RMSE, optimizer, CLIP, options.averaging, devices)
        checkpoint = Checkpoint(folder, "val_points_rmse" if "maps" in names else "val_rmse", options.patience)
        fit(loop, batches, held, checkpoint, epochs=epochs, board=folder / "tensorboard", verbose=verbose)
    if devices.chief and checkpoint.best.exists():
        trained.load_weights(checkpoint.best)
    return network


def _begin_from(network: keras.Model, part: Part, other: Part, weights: Path) -> None:
    """Gives a network the weights of another one that is built alike but for its last layer, which has more outputs.

    Of the last layer the columns are taken that give the part's outputs, so that it begins by saying what the other
    network says.
    """
    trained = other.build()
    keras.Model(trained.input, {"points": trained.output["points"]}).load_weights(weights)
    columns = np.array([2 * other.outputs.index(output) + axis for output in part.outputs for axis in (0, 1)])
    mine, theirs = ([layer for layer in each.layers if layer.weights] for each in (network, trained))
    for layer, source in zip(mine, theirs, strict=True):
        values = source.get_weights()
        if layer is mine[-1]:
            values = [value[..., columns] for value in values]
        layer.set_weights(values)


def set_precision(options: Options) -> None:
    """Chooses the arithmetic of all networks built from now on."""
    with quiet_stderr():  # TensorFlow logs that there is no GPU
        automatic = "mixed_float16" if tf.config.list_physical_devices("GPU") else "float32"
    keras.config.set_dtype_policy(automatic if options.precision == "auto" else options.precision)


def predict(network: keras.Model, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Runs a network that gives `points` on images (N, 96, 96) uint8; returns (N, K, 2) float32 pixels."""
    output = np.empty((len(images), *network.output["points"].shape[1:]), np.float32)
    for at in range(0, len(images), 256):
        batch = tf.constant(np.ascontiguousarray(images[at : at + 256, :, :, None]), tf.float32)
        output[at : at + 256] = np.asarray(network(batch, training=False)["points"], np.float32)
    return output
