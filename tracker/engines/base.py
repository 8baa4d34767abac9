"""What the tracker asks of an engine, and which engine runs where."""

import importlib.util
import sys
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tracker.errors import EngineError, InputError
from tracker.loading.formats import kind_of
from tracker.models import KeypointModel, find_model

ENGINES = ("auto", "litert", "keras")
"""What can be asked for."""


class Engine(Protocol):
    """Runs the keypoint network.

    Attributes:
        name: what it is, for people: engine, arithmetic and device.
        model: the network that it runs.
    """

    name: str
    model: KeypointModel

    def predict(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Finds the keypoints of a batch of crops.

        Args:
            crops: (N, 96, 96) uint8; N may be 0.

        Returns:
            (N, 15, 3) float32: x and y in crop pixels and the confidence, 0 to 1, which is constant if the model has
            none. The array is the caller's to keep.
        """
        ...

    def close(self) -> None:
        """Frees what the engine holds; may be called twice."""
        ...


def open_engine(engine: str = "auto", weights: Path | str | None = None, threads: int | None = None) -> Engine:
    """Opens the engine asked for.

    Args:
        engine: `litert`; `keras`; or `auto`: Keras where the machine has an NVIDIA GPU that TensorFlow can use, LiteRT
            elsewhere.
        weights: a LiteRT file, Keras weights of the shipped architecture, or a folder with an exported model (see
            `tracker.models.find_model`); the shipped model if None.
        threads: how many threads LiteRT uses; its own choice if None.

    Raises:
        InputError: there is no such engine.
        EngineError: it cannot run here, or the weights are not for it.
    """
    if engine not in ENGINES:
        raise InputError(f"There is no engine called {engine!r}; there are {', '.join(ENGINES)}.")
    model = find_model(weights)
    if engine == "auto":
        engine = _suited_to(model.path)
    elif engine == "keras" and model.exported:
        raise EngineError(f"{weights} holds an exported model, which the engine litert runs; leave out --engine keras.")
    if engine == "keras":
        from tracker.engines.keras import KerasEngine

        return KerasEngine(model)
    from tracker.engines.litert import LiteRTEngine

    return LiteRTEngine(model, threads)


def _suited_to(path: Path | None) -> str:
    if path is not None:
        return kind_of(path)
    return "keras" if _gpu_for_tensorflow() else "litert"


def _gpu_for_tensorflow() -> bool:
    """Whether TensorFlow sees a GPU; it is imported, which takes two seconds, only where nothing needed is missing."""
    if missing_for_gpu() is not None:
        return False
    from tracker.engines.keras import gpus

    return bool(gpus())


def missing_for_gpu() -> str | None:
    """What this machine lacks for TensorFlow to use a GPU, as far as can be seen without importing it.

    Returns:
        A clause for people, or None if a driver and TensorFlow's own CUDA packages are there; whether they fit each
        other only TensorFlow can tell.
    """
    if sys.platform != "linux":
        return "TensorFlow uses GPUs on Linux only, or on Windows within WSL 2"
    if not any(Path(sign).exists() for sign in ("/proc/driver/nvidia/version", "/dev/nvidia0", "/dev/dxg")):
        return "there is no NVIDIA driver"
    if importlib.util.find_spec("nvidia") is None:
        return "TensorFlow's CUDA packages are not installed"
    return None


def check_crops(crops: NDArray[np.uint8], size: int) -> None:
    """Raises EngineError unless crops are (N, size, size) uint8."""
    if crops.dtype != np.uint8 or crops.ndim != 3 or crops.shape[1:] != (size, size):
        raise EngineError(f"Crops must be (N, {size}, {size}) uint8, not {crops.shape} {crops.dtype}.")
