"""The keypoint models: where the shipped ones are, and what a user's `--weights` names.

The shipped models are in the package once installed, in `weights/` of a checkout. `fkd train export` writes a folder
with a model in several formats and a record, `model.json`, that says how it must be used (see `tracker.record`).
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tracker.crop import DEFAULT_FRAMING, Framing
from tracker.errors import EngineError
from tracker.loading.formats import kind_of, refused_folder
from tracker.record import RECORD, read_record

KEYPOINTS_FLOAT = "keypoints_float32.tflite"
KEYPOINTS_INT8 = "keypoints_int8.tflite"
KEYPOINTS_KERAS = "keypoints.weights.h5"
DETECTORS = {"full": "face_detection_full_range.tflite", "short": "face_detection_short_range.tflite"}

EXPORT_FOLDER = "export"
"""Where in the folder of a training its exported model is."""
RUN_RECORD = "run.json"
"""By this file the folder of a training is known."""


@dataclass(frozen=True, slots=True)
class KeypointModel:
    """A keypoint network, and what the tracker has to know to use it.

    Attributes:
        path: its file; None for the shipped network in the form that suits the engine.
        framing: how much of a face its crops show.
        confidence: whether its confidence says anything. That of a network which only gives coordinates is constant.
        exported: whether `fkd train export` wrote it.
    """

    path: Path | None = None
    framing: Framing = DEFAULT_FRAMING
    confidence: bool = True
    exported: bool = False


def find_model(weights: Path | str | None) -> KeypointModel:
    """Finds the model that a user names.

    Args:
        weights: a LiteRT file, Keras weights of the shipped architecture, a folder that `fkd train export` wrote, or
            the folder of a training that holds one; None for the shipped model. A LiteRT file beside the record that
            lists it is used as the record says.

    Raises:
        EngineError: nothing is there, or nothing that was exported, or a file of a kind that is not taken, or record
            and file do not fit each other.
    """
    if weights is None:
        return KeypointModel()
    weights = Path(weights)
    if not weights.exists():
        raise EngineError(f"There is no model at {weights}.")
    if not weights.is_dir():
        kind_of(weights)
        beside = weights.parent / RECORD
        if weights.suffix != ".tflite" or not beside.is_file():
            return KeypointModel(weights)
        record = read_record(beside)
        return _exported(weights.parent, weights.name) if weights.name in record.files else KeypointModel(weights)
    for folder in (weights / EXPORT_FOLDER, weights):
        if (folder / RECORD).is_file():
            return _exported(folder, None)
    if (weights / RUN_RECORD).is_file():
        raise EngineError(
            f"{weights} is a training whose model is not exported; export it first: fkd train export {weights}"
        )
    if (reason := refused_folder(weights)) is not None:
        raise EngineError(reason)
    raise EngineError(f"{weights} holds no model that fkd train export wrote: there is no {RECORD} in it.")


def _exported(folder: Path, name: str | None) -> KeypointModel:
    """Returns an exported model by the file's name, or the one that its record recommends."""
    record = read_record(folder / RECORD)
    name = name or record.default
    if name is None:
        raise EngineError(f"{folder} holds no LiteRT file; export one with fkd train export --format int8.")
    record.check(folder / name)
    return KeypointModel(folder / name, record.framing, record.confidence, exported=True)


@cache
def models_folder() -> Path:
    """Returns the folder that holds the shipped models.

    Raises:
        EngineError: it is not there; the installation is broken.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "weights", package.parent / "weights"):
        if (folder / DETECTORS["full"]).is_file():
            return folder
    raise EngineError("The shipped models are missing; install the package again.")
