"""Faces and their 15 keypoints, in images and in streams.

from tracker import Tracker, open_source

with Tracker() as tracker:
    for frame, faces in tracker.track(open_source("clip.mp4")):
        print(frame.time, faces.ids, faces.points.shape)
"""

import os
import sys
from typing import TYPE_CHECKING, Any

MOST_PIXELS = 1 << 28
"""A picture of more pixels is not read: a file of a few bytes can claim to be so large that no memory holds it."""
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(MOST_PIXELS))  # before OpenCV is loaded, which reads it once
if sys.platform == "win32":  # before OpenCV is loaded, which reads it: cameras would take many seconds to open
    os.environ.setdefault("OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS", "0")

if TYPE_CHECKING:
    from tracker.errors import CameraError, EngineError, FkdError, InputError, OutputError, StageError
    from tracker.faces import Face, Faces
    from tracker.frame import Frame
    from tracker.keypoints import KEYPOINTS
    from tracker.pipeline import Settings, Tracker
    from tracker.sources import Source, open_source

__version__ = "0.1.0"

__all__ = [
    "KEYPOINTS",
    "CameraError",
    "EngineError",
    "Face",
    "Faces",
    "FkdError",
    "Frame",
    "InputError",
    "OutputError",
    "Settings",
    "Source",
    "StageError",
    "Tracker",
    "open_source",
]

_HOMES = {
    "keypoints": ("KEYPOINTS",),
    "errors": ("CameraError", "EngineError", "FkdError", "InputError", "OutputError", "StageError"),
    "faces": ("Face", "Faces"),
    "frame": ("Frame",),
    "pipeline": ("Settings", "Tracker"),
    "sources": ("Source", "open_source"),
}


def __getattr__(name: str) -> Any:
    """Imports a public name when it is first asked for, so that `fkd --help` does not wait for OpenCV."""
    from importlib import import_module

    for module, names in _HOMES.items():
        if name in names:
            value = getattr(import_module(f"tracker.{module}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module 'tracker' has no attribute {name!r}")
