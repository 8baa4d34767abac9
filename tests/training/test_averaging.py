"""The mean of the weights: what it is, who sees it, and that training goes on with the weights."""

import keras
import numpy as np
import pytest

from training.fitting.averaging import Averaging


def line() -> keras.Model:
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(0.1), loss="mse")
    return model


def weights(model: keras.Model) -> np.ndarray:
    return np.concatenate([value.ravel() for value in model.get_weights()])


class _Watch(keras.callbacks.Callback):
    def __init__(self) -> None:
        super().__init__()
        self.steps: list[np.ndarray] = []
        self.tested: list[np.ndarray] = []

    def on_train_batch_end(self, batch: int, logs: object = None) -> None:  # noqa: ARG002 - Keras's
        self.steps.append(weights(self.model))

    def on_test_batch_end(self, batch: int, logs: object = None) -> None:  # noqa: ARG002 - Keras's
        self.tested.append(weights(self.model))


@pytest.mark.parametrize("momentum", [0.0, 0.5])
def test_validation_sees_the_mean_and_training_does_not(momentum: float) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(32, 2)).astype(np.float32), rng.normal(size=(32, 1)).astype(np.float32)
    model, watch = line(), _Watch()
    mean = weights(model)
    averaging = Averaging(model, momentum)
    model.fit(
        x, y, batch_size=8, epochs=2, shuffle=False, validation_data=(x, y), verbose=0, callbacks=[averaging, watch]
    )
    for number, step in enumerate(watch.steps, 1):
        kept = min(momentum, number / (number + 9))
        mean = kept * mean + (1 - kept) * step
        if number == 4:
            assert watch.tested[0] == pytest.approx(mean, rel=1e-4)
    assert weights(model) == pytest.approx(watch.steps[-1])
    with averaging.used():
        assert weights(model) == pytest.approx(mean, rel=1e-4)
    assert weights(model) == pytest.approx(watch.steps[-1])
    plain = line()
    plain.fit(x, y, batch_size=8, epochs=2, shuffle=False, verbose=0)
    assert weights(plain) == pytest.approx(weights(model), rel=1e-5)
