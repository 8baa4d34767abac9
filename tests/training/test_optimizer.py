"""The learning rate that is set once per step is the one that Keras asks for once per variable."""

import keras
import numpy as np
import tensorflow as tf

from training.fitting.optimizer import adamw


def test_the_steps_are_those_of_keras() -> None:
    schedule = keras.optimizers.schedules.CosineDecay(1e-4, 36, warmup_target=1e-2, warmup_steps=4)
    optimizers = adamw(1e-2, 40, 10, 0.1), keras.optimizers.AdamW(schedule, weight_decay=0.1)
    variables = [[tf.Variable([1.0, -2.0]), tf.Variable([[3.0]])] for _ in optimizers]
    ours, theirs = optimizers
    for step in range(45):
        gradients = [tf.constant([0.1 * step, 1.0]), tf.constant([[-1.0]])]
        ours.begin_step()
        for optimizer, each in zip(optimizers, variables, strict=True):
            optimizer.apply(gradients, each)
    assert [variable.shape for variable in ours.variables] == [variable.shape for variable in theirs.variables]
    for mine, other in zip(*variables, strict=True):
        np.testing.assert_array_equal(mine, other)
