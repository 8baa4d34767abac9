"""Specialists begin where the joint network ended."""

from pathlib import Path

import keras
import numpy as np
import pytest

from training.data.conventions import Heads
from training.fitting.train import _begin_from, predict
from training.models import find_family

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras and numpy 2


def test_a_specialist_begins_by_saying_what_the_joint_network_says(tmp_path: Path) -> None:
    joint, *specialists = find_family("specialists").parts(Heads((10, 14)))
    network = joint.build()
    images = np.random.default_rng(0).integers(0, 256, (3, 96, 96)).astype(np.uint8)
    weights = tmp_path / "joint.weights.h5"
    keras.Model(network.input, {"points": network.output["points"]}).save_weights(weights)
    said = predict(network, images)
    assert sorted(output for part in specialists for output in part.outputs) == list(range(17))
    for part in specialists[:2]:
        own = part.build()
        assert np.abs(predict(own, images) - said[:, list(part.outputs)]).max() > 0.01
        _begin_from(own, part, joint, weights)
        assert predict(own, images) == pytest.approx(said[:, list(part.outputs)], abs=1e-3)
