"""What takes the steps: AdamW, with a learning rate that rises over the first steps and falls along a cosine.

Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019.
"""

import math
from typing import Any

import keras
from keras import ops

Tensor = Any
FIRST_SHARE = 0.01
"""What share of its highest value the learning rate begins with."""


class RiseAndFall(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that rises in a straight line and falls along half a cosine, to 0.

    Keras's own `CosineDecay` does the same with branches, and AdamW asks for the rate once per variable: tracing a step
    of the network that ships then takes twice as long.

    Args:
        highest: the rate between rise and fall.
        steps: of both together.
        warm_up: steps of the rise.
    """

    def __init__(self, highest: float, steps: int, warm_up: int) -> None:
        self.highest, self.steps, self.warm_up = highest, steps, warm_up

    def __call__(self, step: Tensor) -> Tensor:
        """Returns the rate of a step, counted from 0."""
        step = ops.cast(step, "float32")
        risen = FIRST_SHARE + (1 - FIRST_SHARE) * step / max(self.warm_up, 1)
        fallen = ops.clip((step - self.warm_up) / max(self.steps - self.warm_up, 1), 0.0, 1.0)
        return self.highest * ops.where(step < self.warm_up, risen, 0.5 + 0.5 * ops.cos(math.pi * fallen))

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments."""
        return {"highest": self.highest, "steps": self.steps, "warm_up": self.warm_up}


def adamw(learning_rate: float, steps: int, warm_up: int, weight_decay: float) -> keras.optimizers.Optimizer:
    """Makes the optimizer of a training.

    Args:
        learning_rate: at its highest; it begins with a hundredth of that.
        steps: of the whole training; a training without any counts as one step.
        warm_up: steps in which the rate rises, a tenth of all at most.
        weight_decay: share of the learning rate by which weights shrink at each step.
    """
    steps = max(steps, 1)
    return keras.optimizers.AdamW(
        RiseAndFall(learning_rate, steps, min(warm_up, steps // 10)), weight_decay=weight_decay
    )
