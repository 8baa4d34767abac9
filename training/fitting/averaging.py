"""Averages a network's weights over the steps of its training: the average is the better network.

Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", 1992.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import tensorflow as tf


class Averaging:
    """Follows the trainable weights with an exponential mean, which is what validation sees.

    Args:
        model: what is trained.
        momentum: how much of the mean is kept at each step, 0 to 1; less during the first steps, so that the random
            weights of the beginning are soon forgotten. 0: the mean is the weights.
    """

    def __init__(self, model: keras.Model, momentum: float) -> None:
        self.momentum = momentum
        self._weights = [variable.value for variable in model.trainable_variables] if momentum else []
        self._means = [tf.Variable(weight, trainable=False) for weight in self._weights]
        self._steps = tf.Variable(0.0, trainable=False)
        self._update = tf.function(self._add, autograph=False)

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

    def add(self) -> None:
        """Adds the weights after a step."""
        if self.momentum:
            self._update()

    def adopt(self) -> None:
        """Puts the means in place of the weights, for good."""
        for weight, mean in zip(self._weights, self._means, strict=True):
            weight.assign(mean)

    def _add(self) -> None:
        self._steps.assign_add(1.0)
        momentum = tf.minimum(self.momentum, self._steps / (self._steps + 9.0))
        for weight, mean in zip(self._weights, self._means, strict=True):
            mean.assign(mean + (1.0 - momentum) * (weight - mean))
