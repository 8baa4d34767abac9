"""Tables with one row per face: CSV and Parquet, with the same columns."""

import csv
import io
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tracker.faces import Faces
from tracker.frame import Frame
from tracker.sinks.base import BaseSink, Whole, writing
from tracker.sinks.numbers import NUMBERS, measures_of, name_of, numbers, rounded

if TYPE_CHECKING:
    import pyarrow

FRAME_COLUMNS = ("frame", "time", "file")
COLUMNS = (*FRAME_COLUMNS, "id", *NUMBERS)
"""Names of the columns; what they hold is as in `points.schema.json`, with the box as x0, y0, x1, y1."""

ROWS_AT_ONCE = 4096
"""So many rows make a row group of a Parquet file."""


class CsvSink(Whole):
    """Writes a CSV file: a header, then a row per face; whole rows only.

    Args:
        path: the file, which is replaced.
        measures: names of the measures that the faces will have, for further columns.
    """

    def __init__(self, path: Path, measures: Sequence[str] = ()) -> None:
        self._measures = measures
        super().__init__(path, _text([(*COLUMNS, *measures)]))

    def append(self, frame: Frame, faces: Faces) -> None:
        """Writes the frame's faces."""
        if len(faces):
            head = (frame.index, round(frame.time, 6), _cell(name_of(frame)))
            columns = [faces.ids.tolist(), rounded(numbers(faces)).tolist()]
            if self._measures:
                columns.append(measures_of(faces, self._measures))
            self._write(_text([(*head, face, *chain(*values)) for face, *values in zip(*columns, strict=True)]))


class ParquetSink(BaseSink):
    """Writes a Parquet file: a row per face, in row groups; readable once closed.

    Args:
        path: the file, which is replaced.
        measures: names of the measures that the faces will have, for further columns.
    """

    def __init__(self, path: Path, measures: Sequence[str] = ()) -> None:
        import pyarrow.parquet

        self._path, self._measures = path, measures
        self._schema = _schema(measures)
        with writing(path):
            self._writer = pyarrow.parquet.ParquetWriter(path, self._schema, compression="zstd")
        self._waiting: list[tuple[int, float, str | None, NDArray[np.int64], NDArray[np.float64]]] = []
        self._measured: list[list[float | None]] = []
        self._rows = 0

    def append(self, frame: Frame, faces: Faces) -> None:
        """Takes the frame's faces; they are written when a row group is full."""
        if len(faces):
            self._waiting.append((frame.index, frame.time, name_of(frame), faces.ids, numbers(faces)))
            self._rows += len(faces)
            if self._measures:
                self._measured.extend(measures_of(faces, self._measures))
        if self._rows >= ROWS_AT_ONCE:
            self._flush()

    def close(self) -> None:
        """Writes what is left and completes the file; may be called twice."""
        if self._writer.is_open:
            try:
                self._flush()
            finally:
                with writing(self._path):
                    self._writer.close()

    def _flush(self) -> None:
        import pyarrow

        if not self._waiting:
            return
        indices, times, names, ids, tables = zip(*self._waiting, strict=True)
        counts = [len(table) for table in tables]
        columns: list[Any] = [
            np.repeat(indices, counts),
            np.repeat(np.round(times, 6), counts),
            np.repeat(np.array(names, object), counts),
            np.concatenate(ids),
            *rounded(np.concatenate(tables)).T.astype(np.float32),
            *zip(*self._measured, strict=True),
        ]
        self._waiting.clear()
        self._measured.clear()
        self._rows = 0
        arrays = [pyarrow.array(column, field.type) for column, field in zip(columns, self._schema, strict=True)]
        with writing(self._path):
            self._writer.write_table(pyarrow.table(arrays, schema=self._schema))


def _cell(name: str | None) -> str | None:
    """A file's name in a cell, where a spreadsheet runs nothing: what would be a formula begins with `./`.

    A carriage return, which readers take for the end of a row, is written as `\\r`.
    """
    if name is None:
        return None
    name = name.replace("\r", "\\r")
    return f"./{name}" if name.startswith(("=", "+", "-", "@", "\t", "\n")) else name


def _text(table: Iterable[Iterable[Any]]) -> bytes:
    """Rows as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(table)
    return text.getvalue().encode("utf-8")


def _schema(measures: Sequence[str]) -> "pyarrow.Schema":
    import pyarrow

    kinds = {"frame": pyarrow.int64(), "time": pyarrow.float64(), "file": pyarrow.string(), "id": pyarrow.int64()}
    return pyarrow.schema(
        [(name, kinds.get(name, pyarrow.float32())) for name in (*COLUMNS, *measures)],
        metadata={"description": "Keypoints per face; coordinates in pixels of the input, time in seconds."},
    )
