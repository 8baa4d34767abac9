"""Averages a network's weights over the steps of its training: the average is the better network.

Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", 1992.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import tensorflow as tf


class Averaging(keras.callbacks.Callback):
    """Follows the trainable weights with an exponential mean, which is what validation sees.

    Keras optimizers can do this themselves, but put the mean in place of the weights whenever `fit` returns, and here
    that is after every epoch.

    Args:
        model: the compiled model.
        momentum: how much of the mean is kept at each step, 0 to 1; less during the first steps, so that the random
            weights of the beginning are soon forgotten. 0: the mean is the weights.
    """

    def __init__(self, model: keras.Model, momentum: float) -> None:
        super().__init__()
        self.momentum = momentum
        self._weights = [variable.value for variable in model.trainable_variables] if momentum else []
        self._means = [tf.Variable(weight, trainable=False) for weight in self._weights]
        self._steps = tf.Variable(0.0, trainable=False)
        self._update = tf.function(self._add)

    @property
    def variables(self) -> list[Any]:
        """What a training that goes on needs to know."""
        return [*self._means, self._steps]

    @contextmanager
    def used(self) -> Iterator[None]:
        """The model holds the means for a while."""
        kept = [tf.identity(weight) for weight in self._weights]
        for weight, mean in zip(self._weights, self._means, strict=True):
            weight.assign(mean)
        try:
            yield
        finally:
            for weight, value in zip(self._weights, kept, strict=True):
                weight.assign(value)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002 - Keras's
        """Adds the weights after a step."""
        if self.momentum:
            self._update()

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002 - Keras's
        """Validation looks at the means."""
        self._validation = self.used()
        self._validation.__enter__()

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002 - Keras's
        """Training goes on with the weights."""
        self._validation.__exit__(None, None, None)

    def _add(self) -> None:
        self._steps.assign_add(1.0)
        momentum = tf.minimum(self.momentum, self._steps / (self._steps + 9.0))
        for weight, mean in zip(self._weights, self._means, strict=True):
            mean.assign(mean + (1.0 - momentum) * (weight - mean))
