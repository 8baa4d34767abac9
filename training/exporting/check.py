"""Compares what an exported file says with what the trained model says."""

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from tracker.engines.litert import LiteRTEngine
from tracker.errors import EngineError
from tracker.models import KeypointModel
from training.scores import rmse

EXACT = 0.05
"""A file in float32 whose points are further than this from the trained model's, in pixels, is wrong."""
SURELY_EXACT = 0.01
"""So much its confidence may differ."""
WORSE = 2.0
"""An 8-bit file whose error is more than this many % larger than the trained model's is not used unless named."""
BATCH = 64

Answers = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How the answers of a file differ from those of the trained model, on the same crops.

    Attributes:
        mean, largest: distance between the points in pixels.
        confidence: largest difference of the confidence.
        rmse, rmse_trained: root mean squared errors of the file and of the trained model on the labels, in pixels;
            None where there is no label.
    """

    mean: float
    largest: float
    confidence: float
    rmse: float | None
    rmse_trained: float | None

    @property
    def percent_worse(self) -> float:
        """By how much the file's error is larger, in % of the trained model's; 0 where nothing can be compared."""
        if not self.rmse or not self.rmse_trained:
            return 0.0
        return 100 * (self.rmse / self.rmse_trained - 1)


def compare(answers: Answers, trained: Answers, labels: NDArray[np.float32]) -> Agreement:
    """Compares answers (N, 15, 3) of a file with those of the trained model; labels (N, 15, 2) are NaN where missing.

    N must be at least 1.
    """
    distance = np.linalg.norm((answers - trained)[..., :2], axis=2)
    sure = float(np.abs(answers - trained)[..., 2].max())
    errors = (rmse(given[..., :2], labels) for given in (answers, trained))
    return Agreement(float(distance.mean()), float(distance.max()), sure, *errors)


def check_exact(path: Path, agreement: Agreement) -> None:
    """Raises EngineError if a file in float32 does not say what the trained model says."""
    if not (agreement.largest <= EXACT and agreement.confidence <= SURELY_EXACT):
        raise EngineError(
            f"{path.name} does not say what the trained model says: points differ by up to {agreement.largest:.3f} "
            f"pixels, confidence by up to {agreement.confidence:.3f}."
        )


def run_trained(model: keras.Model, crops: NDArray[np.uint8]) -> Answers:
    """Runs the trained model on crops (N, 96, 96); returns (N, 15, 3)."""
    return np.asarray(model.predict(crops[..., None].astype(np.float32), batch_size=BATCH, verbose=0), np.float32)


def run_litert(path: Path, crops: NDArray[np.uint8]) -> Answers:
    """Runs a LiteRT file on crops (N, 96, 96) as the tracker does; returns (N, 15, 3)."""
    return LiteRTEngine(KeypointModel(path)).predict(crops)


def run_onnx(path: Path, crops: NDArray[np.uint8]) -> Answers:
    """Runs an ONNX file on crops (N, 96, 96) with ONNX Runtime; returns (N, 15, 3)."""
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    batches = [crops[start : start + BATCH, :, :, None].astype(np.float32) for start in range(0, len(crops), BATCH)]
    return np.concatenate([session.run(None, {name: batch})[0] for batch in batches])
