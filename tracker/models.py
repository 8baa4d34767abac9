"""Where the shipped models are: in the package once installed, in `weights/` of a checkout."""

from functools import cache
from pathlib import Path

from tracker.errors import EngineError

KEYPOINTS_FLOAT = "keypoints_float32.tflite"
KEYPOINTS_INT8 = "keypoints_int8.tflite"
KEYPOINTS_KERAS = "keypoints.weights.h5"
DETECTORS = {"full": "face_detection_full_range.tflite", "short": "face_detection_short_range.tflite"}


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
