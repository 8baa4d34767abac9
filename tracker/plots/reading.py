"""Reads points files for plots."""

import json
from dataclasses import dataclass, field
from operator import index
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.errors import InputError
from tracker.keypoints import COUNT, KEYPOINTS
from tracker.measures import MEASURES
from tracker.sinks.coco import frame_file

SUFFIXES = (".jsonl", ".csv", ".parquet", ".json")
_BOX = ("x0", "y0", "x1", "y1")
_NEEDED = ("time", "id", *_BOX, *(f"{name}_{axis}" for name in KEYPOINTS for axis in "xy"))


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The faces of a points file, a row for each face of each frame, in the order of the file.

    Attributes:
        times: (M,) float64, seconds; for pictures their number from 0.
        ids: (M,) int64.
        boxes: (M, 4) float64, left, top, right, bottom in pixels.
        points: (M, 15, 2) float64, pixels.
        measures: (M,) float64 by name, NaN where there is none; empty if the file has none.
        pictures: whether the file is about pictures, which are unrelated to each other.
    """

    times: NDArray[np.float64]
    ids: NDArray[np.int64]
    boxes: NDArray[np.float64]
    points: NDArray[np.float64]
    measures: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    pictures: bool = False

    def __len__(self) -> int:
        return len(self.ids)


def read_table(path: Path | str) -> Table:
    """Reads a points file: .jsonl, .csv, .parquet, or .json (COCO).

    Raises:
        InputError: there is no such file, or it is not a points file.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InputError(f"{path.name} cannot be read as points; files of points end in {', '.join(SUFFIXES)}.")
    if not path.is_file():
        raise InputError(f"There is no file {path}.")
    try:
        if suffix in (".jsonl", ".json"):
            table = _of_lines(path) if suffix == ".jsonl" else _of_coco(path)
        else:
            table = _of_columns(path, suffix)
        if not all(np.isfinite(values).all() for values in (table.times, table.boxes, table.points)):
            raise ValueError("a number is missing")
        return table
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:  # pyarrow's are ValueErrors too
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error).splitlines()[0].rstrip(".")
        raise InputError(f"{path} cannot be read as a points file: {what}.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from None


def _of_columns(path: Path, suffix: str) -> Table:
    import pyarrow.csv
    import pyarrow.parquet

    read = pyarrow.csv.read_csv if suffix == ".csv" else pyarrow.parquet.read_table
    table = read(path)

    def column(name: str) -> NDArray[np.float64]:
        if name not in table.column_names:
            raise KeyError(name)
        values = table[name].to_numpy() if len(table) else np.empty(0)
        return values.astype(np.float64)

    values = {name: column(name) for name in _NEEDED}
    if any(not np.isfinite(column).all() for column in values.values()):
        raise ValueError("a cell is empty")
    pictures = len(table) > 0 and "file" in table.column_names and table["file"].null_count < len(table)
    if pictures and suffix == ".csv":
        pictures = any(table["file"].to_pylist())
    points = np.stack([values[f"{name}_{axis}"] for name in KEYPOINTS for axis in "xy"], axis=1)
    return Table(
        values["time"],
        values["id"].astype(np.int64),
        np.stack([values[name] for name in _BOX], axis=1),
        points.reshape(-1, COUNT, 2),
        {name: column(name) for name in MEASURES if name in table.column_names},
        bool(pictures),
    )


def _of_lines(path: Path) -> Table:
    with path.open(encoding="utf-8") as file:
        records = [_record(line, number) for number, line in enumerate(file, 1)]
    faces = [face for record in records for face in record["faces"]]
    times = [record["time"] for record in records for _ in record["faces"]]
    given = bool(faces) and all("measures" in face for face in faces)
    names = [name for name in MEASURES if given and all(name in face["measures"] for face in faces)]
    return Table(
        np.array(times, np.float64),
        np.array([index(face["id"]) for face in faces], np.int64),
        np.array([face["box"] for face in faces], np.float64).reshape(-1, 4),
        np.array([face["points"] for face in faces], np.float64).reshape(-1, COUNT, 2),
        {name: np.array([face["measures"][name] for face in faces], np.float64) for name in names},
        any("file" in record for record in records),
    )


def _of_coco(path: Path) -> Table:
    """Reads what `CocoSink` wrote; the ids of faces and the times are its additions to COCO."""
    content = json.loads(path.read_bytes())
    if not isinstance(content, dict):
        raise TypeError("it holds no object")
    images = {image["id"]: image for image in content["images"]}
    faces = content["annotations"]
    boxes = np.array([face["bbox"] for face in faces], np.float64).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    keypoints = np.array([face["keypoints"] for face in faces], np.float64).reshape(-1, COUNT, 3)
    return Table(
        np.array([images[face["image_id"]]["time"] for face in faces], np.float64),
        np.array([index(face["track_id"]) for face in faces], np.int64),
        boxes,
        keypoints[:, :, :2],
        pictures=any(image["file_name"] != frame_file(number) for number, image in images.items()),
    )


def _record(line: str, number: int) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError:
        raise ValueError(f"line {number} is no JSON") from None
    if not isinstance(record, dict):
        raise TypeError(f"line {number} holds no object")
    return record
