"""What networks say of mirrored images is brought back to the image as given, each point under its own name."""

import keras
import numpy as np
import pytest
from keras import layers

from tests.training.competition_files import rendered
from training.data.conventions import Heads
from training.fitting.fold import _predict_part

HEADS = Heads((10, 14))


def follower(outputs: tuple[int, ...]) -> keras.Model:
    """A network that answers with the image's centre of gravity; output k lies k + 1 pixels right of it and k below."""
    image = keras.Input((96, 96, 1))
    y, x = np.mgrid[:96, :96].astype(np.float32)
    share = layers.Reshape((96 * 96, 1))(image)
    share = share / keras.ops.sum(share, axis=1, keepdims=True)
    centre = keras.ops.sum(share * np.stack([x.ravel(), y.ravel()], axis=1), axis=1, keepdims=True)
    beside = np.array([(output + 1, output) for output in outputs], np.float32)
    return keras.Model(image, {"points": centre + beside})


@pytest.mark.parametrize("outputs", [tuple(range(len(HEADS))), *HEADS.regions().values()])
def test_a_point_of_the_mirror_is_that_of_the_other_side(outputs: tuple[int, ...]) -> None:
    images = np.stack([rendered(np.random.default_rng(seed))[0] for seed in range(3)])
    network, shape = follower(outputs), (len(HEADS), 2)
    plain, mirrored = (_predict_part(network, images, outputs, shape, mirror) for mirror in (None, HEADS.mirror))
    others = [output for output in range(len(HEADS)) if output not in outputs]
    assert np.isnan(plain[:, others]).all()
    assert np.isnan(mirrored[:, others]).all()
    for output in outputs:
        other = HEADS.mirror[output]
        centre = plain[:, output] - [output + 1, output]
        assert mirrored[:, output] == pytest.approx(centre + np.array([-(other + 1), other]), abs=1e-2)
