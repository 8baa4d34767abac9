"""The engine for CPUs: LiteRT with XNNPACK kernels, no TensorFlow."""

import os
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from tracker.crop import CROP_SIZE
from tracker.engines.base import check_crops
from tracker.errors import EngineError
from tracker.keypoints import COUNT
from tracker.loading.formats import kind_of
from tracker.loading.litert import read_checked
from tracker.loading.shipped import read_shipped
from tracker.models import KEYPOINTS_INT8, KeypointModel, models_folder
from tracker.quiet import quiet_stderr

LARGEST_BATCH = 64
"""Larger batches are cut in pieces."""
MAX_THREADS = 4
"""More threads than this do not help a network of this size."""


class LiteRTEngine:
    """Runs a LiteRT file.

    Args:
        model: which; the shipped one is run in 8-bit arithmetic.
        threads: how many threads; as many as there are processors, at most four, if None.

    Raises:
        EngineError: the file is missing or is not a model from crops to keypoints.
    """

    def __init__(self, model: KeypointModel | None = None, threads: int | None = None) -> None:
        self.model = model or KeypointModel()
        path = self.model.path or models_folder() / KEYPOINTS_INT8
        self.threads = threads or min(processors(), MAX_THREADS)
        content = read_shipped(path) if self.model.path is None else _read(path)
        try:
            with quiet_stderr():
                self._interpreter = Interpreter(model_content=content, num_threads=self.threads)
                self._input = self._interpreter.get_input_details()[0]
                self._output = self._interpreter.get_output_details()[0]
                self._check(str(path))
                self._batch = 0
                self._resize(1)
        except (ValueError, RuntimeError, OSError) as error:
            raise EngineError(
                f"{path} is not a LiteRT model that can be run here: {str(error).splitlines()[0]}"
            ) from None
        kind = "int8" if "int8" in path.stem else "float32"
        self.name = f"LiteRT {kind}, CPU, {self.threads} threads"

    def predict(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See `tracker.engines.base.Engine.predict`."""
        check_crops(crops, CROP_SIZE)
        if len(crops) <= LARGEST_BATCH:
            return self._run(crops)
        pieces = [self._run(crops[start : start + LARGEST_BATCH]) for start in range(0, len(crops), LARGEST_BATCH)]
        return np.concatenate(pieces)

    def close(self) -> None:
        """LiteRT frees its memory with the object."""

    def _run(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        if len(crops) == 0:
            return np.empty((0, COUNT, 3), np.float32)
        self._resize(len(crops))
        self._interpreter.set_tensor(self._input["index"], crops[:, :, :, None].astype(np.float32))
        self._interpreter.invoke()
        return np.asarray(self._interpreter.get_tensor(self._output["index"]), np.float32)

    def _resize(self, batch: int) -> None:
        if batch != self._batch:
            self._interpreter.resize_tensor_input(self._input["index"], [batch, CROP_SIZE, CROP_SIZE, 1])
            self._interpreter.allocate_tensors()
            self._batch = batch

    def _check(self, path: str) -> None:
        given, gives = tuple(self._input["shape"][1:]), tuple(self._output["shape"][1:])
        if given != (CROP_SIZE, CROP_SIZE, 1) or gives != (COUNT, 3):
            raise EngineError(f"{path} is not a keypoint model: it takes {given} and gives {gives} per crop.")


def _read(path: Path) -> bytes:
    """Returns what is in a LiteRT file that was looked through; raises EngineError if it cannot be trusted."""
    if kind_of(path) != "litert":
        raise EngineError(f"{path} is a file of Keras weights, which the engine keras runs; leave out --engine litert.")
    try:
        return read_checked(path)
    except (ValueError, OSError) as error:
        raise EngineError(f"{path} is not a LiteRT model that can be run here: {error}.") from None


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
