"""Turns a trained network into what ships: Keras weights, and LiteRT in float and in 8-bit arithmetic."""

from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from tracker.crop import CROP_SIZE
from tracker.models import KEYPOINTS_FLOAT, KEYPOINTS_INT8, KEYPOINTS_KERAS
from tracker.network import build_network, inference_model
from training.data.face_set import LabelledFace
from training.samples import Mixture, Samples

FLOAT_OPERATIONS = [
    "SOFTMAX", "FULLY_CONNECTED", "TRANSPOSE", "RESHAPE", "GATHER", "GATHER_ND", "STRIDED_SLICE", "SLICE", "MUL", "SUB",
    "SUM", "SQUARE", "MAXIMUM", "LOG", "LOGISTIC", "CONCATENATION",
]  # fmt: skip
"""What stays in float in the 8-bit model: 256 steps are too few for the probabilities of 576 cells and what follows."""


def export(weights: Path, faces: list[LabelledFace], folder: Path, *, calibration_crops: int = 512) -> list[Path]:
    """Writes the three files that the tracker's engines read.

    Args:
        weights: Keras weights of `tracker.network`.
        faces: training faces, on whose crops the ranges of the 8-bit arithmetic are measured.
        folder: where to write.
        calibration_crops: on how many crops.

    Returns:
        The files.
    """
    network = build_network()
    network.load_weights(weights)
    model = inference_model(network)
    folder.mkdir(parents=True, exist_ok=True)
    network.save_weights(folder / KEYPOINTS_KERAS)
    (folder / KEYPOINTS_FLOAT).write_bytes(_converter(model).convert())
    (folder / KEYPOINTS_INT8).write_bytes(_to_int8(model, _crops(faces, calibration_crops)))
    return [folder / name for name in (KEYPOINTS_KERAS, KEYPOINTS_FLOAT, KEYPOINTS_INT8)]


def _converter(model: keras.Model) -> "tf.lite.TFLiteConverter":
    return tf.lite.TFLiteConverter.from_keras_model(model)


def _to_int8(model: keras.Model, crops: np.ndarray) -> bytes:
    def batches() -> Iterator[list[np.ndarray]]:
        for crop in crops:
            yield [crop[None]]

    converter = _converter(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = batches
    options = tf.lite.experimental.QuantizationDebugOptions(denylisted_ops=FLOAT_OPERATIONS)
    debugger = tf.lite.experimental.QuantizationDebugger(
        converter=converter, debug_dataset=batches, debug_options=options
    )
    return bytes(debugger.get_nondebug_quantized_model())


def _crops(faces: list[LabelledFace], count: int) -> np.ndarray:
    """Crops as in training, (N, 96, 96, 1) float32."""
    chosen = [faces[i] for i in np.random.default_rng(0).permutation(len(faces))[:count]]
    samples = Samples(chosen, steps=1, batch=count, seed=1, mixture=Mixture(human=0.5, empty=0.05))
    crops, _ = samples[0]
    return crops.reshape(-1, CROP_SIZE, CROP_SIZE, 1)
