"""The engine for GPUs: the Keras network as one compiled call per batch. Importing this module loads TensorFlow."""

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

from tracker.cache import adopt_libraries
from tracker.quiet import quiet_stderr

with quiet_stderr():  # TensorFlow logs at import
    adopt_libraries()
    import keras
    import tensorflow as tf

    from tracker.network import build_network, inference_model

from tracker.crop import CROP_SIZE
from tracker.engines.base import check_crops
from tracker.errors import EngineError
from tracker.keypoints import COUNT
from tracker.loading.arrays import load_weights, set_weights
from tracker.loading.formats import kind_of
from tracker.loading.shipped import read_shipped
from tracker.models import KEYPOINTS_KERAS, KeypointModel, models_folder

BATCHES = (1, 2, 4, 8, 16, 32, *range(64, 1025, 64))
"""Batches are filled up to the next of these sizes, so that a GPU's library chooses its kernels for few sizes only;
larger ones are cut."""


class KerasEngine:
    """Runs the network of `tracker.network` with TensorFlow.

    Args:
        model: the shipped one, or Keras weights (`.weights.h5`) of its architecture.
        warm_up: up to which size batches are run once at the start, so that none of them is slow when it first comes.

    Raises:
        EngineError: the weights are missing or do not fit the network.
    """

    def __init__(self, model: KeypointModel | None = None, warm_up: int = 4) -> None:
        self.model = model or KeypointModel()
        with quiet_stderr():
            network = _with_weights(self.model.path)
            inference = inference_model(network)
            inference.trainable = False
            # bytes go to the device; what turns them into points runs there in one call, traced once for all sizes
            self._compiled = tf.function(
                lambda crops: inference(tf.cast(crops, tf.float32)[..., None], training=False),
                input_signature=[tf.TensorSpec((None, CROP_SIZE, CROP_SIZE), tf.uint8)],
                autograph=False,
            )
            for size in BATCHES:
                if size <= warm_up:
                    self._run(np.zeros((size, CROP_SIZE, CROP_SIZE), np.uint8))
        device = "GPU" if gpus() else "CPU"
        self.name = f"Keras float32, {device}"

    def predict(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See `tracker.engines.base.Engine.predict`."""
        check_crops(crops, CROP_SIZE)
        if len(crops) == 0:
            return np.empty((0, COUNT, 3), np.float32)
        largest = BATCHES[-1]
        return np.concatenate([self._run(crops[start : start + largest]) for start in range(0, len(crops), largest)])

    def close(self) -> None:
        """TensorFlow frees its memory with the process."""

    @property
    def traces(self) -> int:
        """How often TensorFlow has traced the network: once, however many batches of whatever size have come."""
        return int(self._compiled.experimental_get_tracing_count())

    def _run(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        size = next(size for size in BATCHES if size >= len(crops))
        filled = np.zeros((size, CROP_SIZE, CROP_SIZE), np.uint8)
        filled[: len(crops)] = crops
        return np.asarray(self._compiled(tf.constant(filled)))[: len(crops)]


def _with_weights(path: Path | None) -> keras.Model:
    """Builds the network with the weights of a file; of the one that ships if None."""
    if path is None:
        content = read_shipped(models_folder() / KEYPOINTS_KERAS)
        network = build_network()
        set_weights(network, content)
        return network
    if kind_of(path) != "keras":
        raise EngineError(f"{path} is a LiteRT file, which the engine litert runs; leave out --engine keras.")
    network = build_network()
    try:
        load_weights(network, path)
    except (ValueError, OSError) as error:
        raise EngineError(f"{path} does not hold weights of the network that ships: {error}.") from None
    return network


def gpus() -> list[str]:
    """Names of the GPUs that TensorFlow can use."""
    with quiet_stderr():
        return [device.name for device in tf.config.list_physical_devices("GPU")]
