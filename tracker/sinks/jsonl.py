"""JSON Lines: one line per frame, documented by `points.schema.json` beside this file."""

from functools import lru_cache
from typing import Any

import orjson

from tracker.faces import Faces
from tracker.frame import Frame
from tracker.sinks.base import Whole
from tracker.sinks.numbers import measures_of, name_of, numbers, points_of, rounded


class JsonlSink(Whole):
    """Writes a line for every frame, also for those without a face; each line is written at once and whole.

    Args:
        path: the file, which is replaced.
    """

    def append(self, frame: Frame, faces: Faces) -> None:
        """Writes the frame's line."""
        self._write(encode(frame, faces) + b"\n")


def encode(frame: Frame, faces: Faces) -> bytes:
    """Returns the line of a frame, without its end, in UTF-8; sinks that ask for the same frame share one encoding."""
    return _encode(frame.index, frame.time, name_of(frame), frame.camera, faces)


# Keyed by the faces, which are compared by identity, and not by the frame, whose picture would be kept in memory.
@lru_cache(maxsize=16)
def _encode(index: int, time: float, name: str | None, camera: int | None, faces: Faces) -> bytes:
    return orjson.dumps(_record(index, time, name, camera, faces))


def _record(index: int, time: float, name: str | None, camera: int | None, faces: Faces) -> dict[str, Any]:
    head: dict[str, Any] = {"frame": index, "time": round(time, 6)}
    if name is not None:
        head["file"] = name
    if camera is not None:
        head["camera"] = camera
    table = rounded(numbers(faces))
    points = points_of(table)
    columns = (faces.ids, table[:, :4], table[:, 4], points[:, :, :2], points[:, :, 2])
    head["faces"] = [
        {"id": face, "box": box, "score": score, "points": xy, "confidence": sure}
        for face, box, score, xy, sure in zip(*(column.tolist() for column in columns), strict=True)
    ]
    if faces.measures:
        names = tuple(faces.measures)
        for face, values in zip(head["faces"], measures_of(faces, names), strict=True):
            face["measures"] = dict(zip(names, values, strict=True))
    return head
