"""The training loop: steps that all devices take together, an epoch's scores, and what is written after each epoch.

Keras's own `fit` cannot train on several machines: it takes the mean over the rows of numbers that have none.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from training.fitting.averaging import Averaging
from training.fitting.checkpoint import Checkpoint
from training.fitting.devices import Devices
from training.fitting.feed import Supply, feed
from training.fitting.optimizer import AdamW
from training.losses import Score

Tensor = Any


class Loop:
    """Trains a network. To be made under the strategy's scope.

    Args:
        network: from images to a dictionary with `points` and the other outputs that have a loss.
        losses: of each output.
        score: of the points.
        optimizer: what takes the steps.
        clip: the longest that the gradient of a variable may be.
        averaging: momentum of the mean of the weights, which is what validation sees; 0 for none.
        devices: where.
        weights: of the outputs' losses in the whole; 1 if None.
    """

    def __init__(
        self,
        network: keras.Model,
        losses: Mapping[str, keras.losses.Loss],
        score: Score,
        optimizer: keras.optimizers.Optimizer,
        clip: float,
        averaging: float,
        devices: Devices,
        weights: Mapping[str, float] | None = None,
    ) -> None:
        self._begin_step = optimizer.begin_step if isinstance(optimizer, AdamW) else lambda: None
        half = keras.config.dtype_policy().name == "mixed_float16"
        self.network, self.losses, self.score, self.devices = network, dict(losses), score, devices
        self.optimizer = keras.optimizers.LossScaleOptimizer(optimizer) if half else optimizer
        self.optimizer.build(network.trainable_variables)
        self.clip = clip
        self.weights = weights or dict.fromkeys(losses, 1.0)
        self.averaging = Averaging(network, averaging)
        alone = len(devices) == 1
        for layer in network.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.synchronized = not alone  # the statistics are those of the whole batch, whoever has its rows
        compiled = alone and bool(tf.config.list_logical_devices("GPU"))  # on a CPU it gains nothing and takes a minute
        # no branch or loop depends on a tensor; autograph would write files of code into the temporary folder
        kind = {"jit_compile": compiled, "autograph": False}
        self._train = tf.function(self._everywhere(self._step), **kind)
        self._validate = tf.function(self._everywhere(self._look), **kind)

    @property
    def state(self) -> list[Any]:
        """All that changes in training: weights, statistics, chance, the optimizer's memory, the means."""
        return [*self.network.variables, *self.optimizer.variables, *self.averaging.variables]

    def train(self, data: Any, supply: Supply, progress: keras.utils.Progbar | None = None) -> dict[str, float]:
        """Takes one step per batch; returns loss and score of the batches as the steps saw them."""
        total = tf.zeros(len(self.losses) + 2, tf.float64)
        for step, batch in enumerate(data):
            self._begin_step()
            total += tf.cast(self._train(*batch), tf.float64)
            self.averaging.add()
            if progress is not None and step + 1 < len(supply):
                progress.update(step + 1)
        return self._named(total, supply)

    def validate(self, data: Any, supply: Supply) -> dict[str, float]:
        """Returns loss and score of the mean of the weights."""
        total = tf.zeros(len(self.losses) + 2, tf.float64)
        with self.averaging.used():
            for batch in data:
                total += tf.cast(self._validate(*batch), tf.float64)
        return {f"val_{name}": value for name, value in self._named(total, supply).items()}

    def _everywhere(self, function: Any) -> Any:
        def run(*batch: Tensor) -> Tensor:
            return self.devices.strategy.reduce("SUM", self.devices.strategy.run(function, batch), axis=None)

        return run

    def _step(self, images: Tensor, targets: Tensor, share: Tensor) -> Tensor:
        variables = self.network.trainable_variables
        with tf.GradientTape() as tape:
            outputs = self.network(images, training=True)
            losses = self._losses(outputs, targets)
            whole = share * tf.add_n([self.weights[name] * losses[name] for name in losses])
            scaled = self.optimizer.scale_loss(whole)
        self.optimizer.apply(self._clipped(tape.gradient(scaled, variables)), variables)
        return self._sums(losses, outputs["points"], targets, share)

    def _clipped(self, gradients: list[Tensor]) -> list[Tensor]:
        """This device's part of the gradients of the whole batch, which the optimizer adds up.

        It is an even part of the clipped sum. Keras clips what each device has before it adds up, which is another
        step than that of one device.
        """
        limit = self.optimizer.scale_loss(self.clip)
        if len(self.devices) > 1:
            gradients = tf.distribute.get_replica_context().all_reduce(tf.distribute.ReduceOp.SUM, gradients)
        return [tf.clip_by_norm(gradient, limit) / len(self.devices) for gradient in gradients]

    def _look(self, images: Tensor, targets: Tensor, share: Tensor) -> Tensor:
        outputs = self.network(images, training=False)
        return self._sums(self._losses(outputs, targets), outputs["points"], targets, share)

    def _losses(self, outputs: Mapping[str, Tensor], targets: Tensor) -> dict[str, Tensor]:
        """The losses of all rows of this device, added up."""
        return {
            name: tf.reduce_sum(loss.call(targets, tf.cast(outputs[name], tf.float32)))
            for name, loss in self.losses.items()
        }

    def _sums(self, losses: Mapping[str, Tensor], points: Tensor, targets: Tensor, share: Tensor) -> Tensor:
        score = self.score.sums(targets, tf.cast(points, tf.float32))
        return tf.where(share > 0, tf.stack([*losses.values(), *score]), 0.0)

    def _named(self, total: Tensor, supply: Supply) -> dict[str, float]:
        """Names losses and score as Keras does: with the output's name before them where there are several outputs."""
        rows = sum(supply.size(step) for step in range(len(supply)))
        *sums, score, count = np.asarray(total).tolist()
        means = dict(zip(self.losses, (value / max(rows, 1) for value in sums), strict=True))
        several = len(means) > 1
        whole = {"loss": sum(self.weights[name] * value for name, value in means.items())}
        parts = {f"{name}_loss": means[name] for name in sorted(means)} if several else {}
        return whole | parts | {("points_" if several else "") + self.score.name: self.score.value(score, count)}


def fit(
    loop: Loop,
    training: Supply,
    validation: Supply,
    checkpoint: Checkpoint,
    *,
    epochs: int,
    board: Path | None = None,
    verbose: int | str = "auto",
) -> None:
    """Trains until the epochs are over or the validation score gets no better; goes on where it stopped.

    Args:
        loop: what trains.
        training: rows to train on.
        validation: rows to look at after each epoch.
        checkpoint: what writes the state, and knows it.
        epochs: how many, counted from the beginning of the training.
        board: folder for TensorBoard; None for none.
        verbose: how much is printed, as Keras has it.
    """
    devices = loop.devices
    points = loop.network.output["points"].shape[1]
    with devices.watched():
        epoch = checkpoint.resume(loop)
        batches, held = (feed(supply, devices, points) for supply in (training, validation))
        writers = _writers(board) if devices.chief and board is not None else {}
        while len(training) and epoch < epochs and not checkpoint.finished:
            training.epoch = epoch
            progress = None
            if devices.chief and verbose:
                print(f"Epoch {epoch + 1}/{epochs}")
                progress = keras.utils.Progbar(len(training), verbose=1 if verbose == "auto" else int(verbose))
            row = loop.train(batches, training, progress) | loop.validate(held, validation)
            if progress is not None:
                progress.update(len(training), list(row.items()), finalize=True)
            for name, value in row.items():
                kind, short = ("validation", name[4:]) if name.startswith("val_") else ("train", name)
                if kind in writers:
                    with writers[kind].as_default():
                        tf.summary.scalar(f"epoch_{short}", value, step=epoch)
            checkpoint.finish_epoch(loop, epoch, row)
            epoch += 1
        for writer in writers.values():
            writer.close()


def _writers(folder: Path) -> dict[str, Any]:
    return {kind: tf.summary.create_file_writer(str(folder / kind)) for kind in ("train", "validation")}
