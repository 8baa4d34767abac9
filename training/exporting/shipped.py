"""Turns the trained network that ships into its files: Keras weights, and LiteRT in float and in 8-bit arithmetic."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.crop import CROP_SIZE
from tracker.models import KEYPOINTS_FLOAT, KEYPOINTS_INT8, KEYPOINTS_KERAS
from tracker.network import build_network, inference_model
from tracker.sinks.base import writing
from training.data.face_set import LabelledFace
from training.exporting.convert import freeze, to_float, to_int8
from training.samples import Mixture, Samples


def export_shipped(
    weights: Path, faces: list[LabelledFace], folder: Path, *, calibration_crops: int = 512
) -> list[Path]:
    """Writes the three files that the tracker's engines read.

    Args:
        weights: Keras weights of `tracker.network`.
        faces: training faces, on whose crops the ranges of the 8-bit arithmetic are measured.
        folder: where to write.
        calibration_crops: on how many crops.

    Returns:
        The files.

    Raises:
        OutputError: they cannot be written.
    """
    network = build_network()
    network.load_weights(weights)
    model = freeze(inference_model(network))
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        network.save_weights(folder / KEYPOINTS_KERAS)
        (folder / KEYPOINTS_FLOAT).write_bytes(to_float(model))
        (folder / KEYPOINTS_INT8).write_bytes(to_int8(model, _crops(faces, calibration_crops)))
    return [folder / name for name in (KEYPOINTS_KERAS, KEYPOINTS_FLOAT, KEYPOINTS_INT8)]


def _crops(faces: list[LabelledFace], count: int) -> NDArray[np.float32]:
    """Crops as in training, (N, 96, 96, 1) float32."""
    chosen = [faces[i] for i in np.random.default_rng(0).permutation(len(faces))[:count]]
    samples = Samples(chosen, steps=1, batch=count, seed=1, mixture=Mixture(human=0.5, empty=0.05))
    crops, _ = samples.rows(0, np.arange(count))
    return crops.reshape(-1, CROP_SIZE, CROP_SIZE, 1)
