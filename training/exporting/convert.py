"""Converts a Keras model to LiteRT, in float and in 8-bit arithmetic, and to ONNX."""

import contextlib
import importlib.util
import io
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from tracker.crop import CROP_SIZE
from tracker.errors import InputError
from tracker.quiet import quiet_stderr

FLOAT_OPERATIONS = [
    "SOFTMAX", "FULLY_CONNECTED", "TRANSPOSE", "RESHAPE", "GATHER", "GATHER_ND", "STRIDED_SLICE", "SLICE", "MUL", "SUB",
    "SUM", "SQUARE", "MAXIMUM", "LOG", "LOGISTIC", "CONCATENATION",
]  # fmt: skip
"""What stays in float in the 8-bit model: 256 steps are too few for the probabilities of 576 cells and what follows."""
ONNX_PACKAGES = ("tf2onnx", "onnxruntime")
ONNX_INSTALL = 'pip install "fkd[onnx]"'
ONNX_OPSET = 17
Frozen = Any
"""A function of TensorFlow that holds its weights as constants."""


def freeze(model: keras.Model) -> Frozen:
    """Makes of a model from crops to points what is converted to LiteRT.

    The files are those that come of the model itself, for each of which Keras traces it several times.
    """
    with _silence():
        answer = tf.function(lambda crop: model(crop, training=False), autograph=False)
        crops = tf.TensorSpec((None, CROP_SIZE, CROP_SIZE, 1), tf.float32, name="crop")
        return convert_variables_to_constants_v2(answer.get_concrete_function(crops))


def to_float(model: Frozen) -> bytes:
    """Converts a model to LiteRT in float32."""
    with _converter(model) as converter:
        return bytes(converter.convert())


def to_int8(model: Frozen, crops: NDArray[np.float32]) -> bytes:
    """Converts a model of maps to LiteRT in 8-bit arithmetic up to the maps, and in float from there on.

    Args:
        model: from crops to points.
        crops: (N, 96, 96, 1) float32, on which the ranges of the 8-bit arithmetic are measured.
    """

    def batches() -> Iterator[list[NDArray[np.float32]]]:
        for crop in crops:
            yield [crop[None]]

    with _converter(model) as converter:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = batches
        options = tf.lite.experimental.QuantizationDebugOptions(denylisted_ops=FLOAT_OPERATIONS)
        debugger = tf.lite.experimental.QuantizationDebugger(
            converter=converter, debug_dataset=batches, debug_options=options
        )
        return bytes(debugger.get_nondebug_quantized_model())


def to_int8_weights(model: Frozen) -> bytes:
    """Converts a model of dense layers to LiteRT with 8-bit weights; what flows between layers stays float.

    Layers with many weights multiply in 8 bits, with ranges that are measured for each input as it comes. For a trained
    baseline that is as fast and as small as 8 bits throughout, and an output in 256 steps of 0.4 pixels does not arise:
    points move by 0.03 pixels on average instead of 0.27 (or 0.15 with the output alone in float).
    """
    with _converter(model) as converter:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        return bytes(converter.convert())


def can_write_onnx() -> bool:
    """Whether the packages are installed that write and run ONNX."""
    return all(importlib.util.find_spec(name) is not None for name in ONNX_PACKAGES)


def to_onnx(model: keras.Model) -> bytes:
    """Converts a model to ONNX in float32.

    Raises:
        InputError: a package that this takes is not installed.
    """
    if not can_write_onnx():
        raise InputError(f"ONNX takes packages that are not installed; install them with {ONNX_INSTALL}")
    with tempfile.TemporaryDirectory() as folder, _silence(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras asks numpy for names that numpy has renamed
        path = Path(folder) / "model.onnx"
        crops = tf.TensorSpec((None, CROP_SIZE, CROP_SIZE, 1), tf.float32, name="crop")
        model.export(str(path), format="onnx", verbose=False, input_signature=[crops], opset_version=ONNX_OPSET)
        return path.read_bytes()


@contextlib.contextmanager
def _converter(model: Frozen) -> Iterator["tf.lite.TFLiteConverter"]:
    with tempfile.TemporaryDirectory() as folder, _silence():
        module = tf.Module()
        module.answer = model
        tf.saved_model.save(module, folder, signatures=model)
        yield tf.lite.TFLiteConverter.from_saved_model(folder)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Keeps TensorFlow from telling what it does."""
    with quiet_stderr(), contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the interpreter's future
        yield
