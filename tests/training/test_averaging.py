"""The mean of the weights: what it is, who sees it, and that training goes on with the weights."""

import keras
import numpy as np
import pytest

from training.fitting.averaging import Averaging


def weights(model: keras.Model) -> np.ndarray:
    return np.concatenate([value.ravel() for value in model.get_weights()])


@pytest.mark.parametrize("momentum", [0.0, 0.5])
def test_the_mean_is_seen_while_it_is_used_and_stays_once_adopted(momentum: float) -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    averaging = Averaging(model, momentum)
    mean = weights(model)
    rng = np.random.default_rng(0)
    for number in range(1, 9):
        model.set_weights([rng.normal(size=value.shape) for value in model.get_weights()])
        step = weights(model)
        averaging.add()
        kept = min(momentum, number / (number + 9))
        mean = kept * mean + (1 - kept) * step
        with averaging.used():
            assert weights(model) == pytest.approx(mean, rel=1e-4)
        assert weights(model) == pytest.approx(step)
    averaging.adopt()
    assert weights(model) == pytest.approx(mean, rel=1e-4)
