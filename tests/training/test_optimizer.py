"""The learning rate's course."""

import keras
import numpy as np
import pytest

from training.fitting.optimizer import adamw


@pytest.mark.parametrize(("steps", "warm_up"), [(1000, 100), (40, 400), (1, 400), (0, 0)])
def test_the_rate_is_that_of_keras_with_its_warm_up(steps: int, warm_up: int) -> None:
    optimizer = adamw(3e-3, steps, warm_up, 0.02)
    rising = min(warm_up, max(steps, 1) // 10)
    expected = keras.optimizers.schedules.CosineDecay(
        3e-5, max(steps, 1) - rising, warmup_target=3e-3, warmup_steps=rising
    )
    for step in np.linspace(0, 1.2 * steps, 23).astype(int).tolist():
        rate = float(optimizer._learning_rate(step))
        assert rate == pytest.approx(float(expected(step)), rel=1e-4, abs=1e-9), step
    assert float(optimizer.learning_rate) == pytest.approx(3e-5 if rising else 3e-3)
