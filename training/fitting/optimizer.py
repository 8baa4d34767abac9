"""What takes the steps: AdamW, with a learning rate that rises over the first steps and falls along a cosine.

Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019.
"""

import keras
import tensorflow as tf


class AdamW(keras.optimizers.AdamW):
    """AdamW that asks its schedule for the learning rate once per step.

    Keras asks once per variable, and a schedule has branches: half of the time before a first step goes into tracing
    and arranging them.

    Args:
        schedule: the learning rate by step.
        weight_decay: share of the learning rate by which weights shrink at each step.
    """

    def __init__(self, schedule: keras.optimizers.schedules.LearningRateSchedule, weight_decay: float) -> None:
        rate = tf.Variable(0.0, trainable=False)
        super().__init__(lambda: rate, weight_decay=weight_decay)
        self._schedule, self._rate = schedule, rate

    def begin_step(self) -> None:
        """Sets the learning rate of the step that is taken next."""
        self._rate.assign(self._schedule(self.iterations))


def adamw(learning_rate: float, steps: int, warm_up: int, weight_decay: float) -> AdamW:
    """Makes the optimizer of a training.

    Args:
        learning_rate: at its highest; it begins with a hundredth of that.
        steps: of the whole training; a training without any counts as one step.
        warm_up: steps in which the rate rises, a tenth of all at most.
        weight_decay: share of the learning rate by which weights shrink at each step.
    """
    steps = max(steps, 1)
    warm_up = min(warm_up, steps // 10)
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=learning_rate / 100,
        decay_steps=steps - warm_up,
        warmup_target=learning_rate,
        warmup_steps=warm_up,
    )
    return AdamW(schedule, weight_decay)
