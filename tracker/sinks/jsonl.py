"""JSON Lines: one line per frame, documented by `points.schema.json` beside this file."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.faces import Faces
from tracker.frame import Frame
from tracker.sinks.base import Closing


class JsonlSink(Closing):
    """Writes a line for every frame, also for those without a face; each line is written at once and whole.

    Args:
        path: the file, which is replaced.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb", buffering=0)

    def append(self, frame: Frame, faces: Faces) -> None:
        """Writes the frame's line."""
        line = json.dumps(record(frame, faces), ensure_ascii=False, separators=(",", ":")) + "\n"
        self._file.write(line.encode("utf-8"))

    def close(self) -> None:
        """Closes the file; may be called twice."""
        self._file.close()


def record(frame: Frame, faces: Faces) -> dict[str, Any]:
    """Returns what a line says of a frame: points to a hundredth of a pixel, times to a microsecond."""
    head: dict[str, Any] = {"frame": frame.index, "time": round(frame.time, 6)}
    if frame.name is not None:
        head["file"] = frame.name
    boxes, points = _rounded(faces.boxes, 2), _rounded(faces.points, 2)
    scores, confidence = _rounded(faces.scores, 3), _rounded(faces.confidence, 3)
    head["faces"] = [
        {"id": face, "box": box, "score": score, "points": xy, "confidence": sure}
        for face, box, score, xy, sure in zip(faces.ids.tolist(), boxes, scores, points, confidence, strict=True)
    ]
    return head


def _rounded(array: NDArray[np.float32], decimals: int) -> list[Any]:
    return list(np.round(array.astype(np.float64), decimals).tolist())
