"""Tables with one row per face: CSV and Parquet, with the same columns."""

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracker.faces import Faces
from tracker.frame import Frame
from tracker.keypoints import KEYPOINTS
from tracker.sinks.base import Closing
from tracker.sinks.jsonl import record

if TYPE_CHECKING:
    import pyarrow

FRAME_COLUMNS = ("frame", "time", "file")
FACE_COLUMNS = ("id", "x0", "y0", "x1", "y1", "score")
POINT_COLUMNS = tuple(f"{name}_{value}" for name in KEYPOINTS for value in ("x", "y", "confidence"))
COLUMNS = FRAME_COLUMNS + FACE_COLUMNS + POINT_COLUMNS
"""Names of the columns; what they hold is as in `points.schema.json`, with the box as x0, y0, x1, y1."""

ROWS_AT_ONCE = 4096
"""So many rows make a row group of a Parquet file."""


class CsvSink(Closing):
    """Writes a CSV file: a header, then a row per face; whole rows only.

    Args:
        path: the file, which is replaced.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb", buffering=0)
        self._write([COLUMNS])

    def append(self, frame: Frame, faces: Faces) -> None:
        """Writes the frame's faces."""
        if len(faces):
            self._write(rows(frame, faces))

    def close(self) -> None:
        """Closes the file; may be called twice."""
        self._file.close()

    def _write(self, table: Any) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(table)
        self._file.write(text.getvalue().encode("utf-8"))


class ParquetSink(Closing):
    """Writes a Parquet file: a row per face, in row groups; readable once closed.

    Args:
        path: the file, which is replaced.
    """

    def __init__(self, path: Path) -> None:
        import pyarrow.parquet

        self._schema = _schema()
        self._writer = pyarrow.parquet.ParquetWriter(path, self._schema, compression="zstd")
        self._rows: list[list[Any]] = []

    def append(self, frame: Frame, faces: Faces) -> None:
        """Takes the frame's faces; they are written when a row group is full."""
        self._rows.extend(rows(frame, faces))
        if len(self._rows) >= ROWS_AT_ONCE:
            self._flush()

    def close(self) -> None:
        """Writes what is left and completes the file; may be called twice."""
        if self._writer.is_open:
            self._flush()
            self._writer.close()

    def _flush(self) -> None:
        import pyarrow

        if self._rows:
            columns = zip(*self._rows, strict=True)
            arrays = [pyarrow.array(column, field.type) for column, field in zip(columns, self._schema, strict=True)]
            self._writer.write_table(pyarrow.table(arrays, schema=self._schema))
            self._rows.clear()


def rows(frame: Frame, faces: Faces) -> list[list[Any]]:
    """Returns a row of `COLUMNS` per face."""
    said = record(frame, faces)
    head = [said["frame"], said["time"], said.get("file")]
    return [
        [*head, face["id"], *face["box"], face["score"], *_points(face["points"], face["confidence"])]
        for face in said["faces"]
    ]


def _points(points: list[list[float]], confidence: list[float]) -> list[float]:
    return [value for (x, y), sure in zip(points, confidence, strict=True) for value in (x, y, sure)]


def _schema() -> "pyarrow.Schema":
    import pyarrow

    kinds = {"frame": pyarrow.int64(), "time": pyarrow.float64(), "file": pyarrow.string(), "id": pyarrow.int64()}
    return pyarrow.schema(
        [(name, kinds.get(name, pyarrow.float32())) for name in COLUMNS],
        metadata={"description": "Keypoints per face; coordinates in pixels of the input, time in seconds."},
    )
