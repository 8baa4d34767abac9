"""Parses the competition's tables. What is wrong is reported with the row, counted as a text editor counts lines."""

import csv
import io
import warnings
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tracker.crop import CROP_SIZE
from tracker.errors import InputError
from tracker.keypoints import COUNT
from training.data.cache import Arrays
from training.data.dataset import CELLS

PIXELS = CROP_SIZE * CROP_SIZE
LONGEST_CELL = 1 << 20
LOWEST, HIGHEST = -0.5, float(CROP_SIZE)
"""Coordinates of labels. The competition's go from 0 to 96, and some lips of its faces are set below the last pixel."""
_INDEX_OF_CELL = {name: index for index, name in enumerate(CELLS)}


def parse_training(name: str, content: bytes) -> Arrays:
    """Parses training.csv to `images` (N, 96, 96) uint8 and `points` (N, 15, 2) float32 with NaN for empty cells.

    The columns may stand in any order.

    Raises:
        InputError: columns, pixels or coordinates are not as they should be; the message names the row.
    """
    rows = _rows(name, content)
    _, header = next(rows)
    if sorted(header) != sorted((*CELLS, "Image")):
        raise InputError(f"{name}: {_difference(header, (*CELLS, 'Image'))}")
    order = np.argsort([_INDEX_OF_CELL.get(column, len(CELLS)) for column in header])
    images, points = [], []
    for line, row in rows:
        _check_length(name, line, row, header)
        images.append(_pixels(name, line, row[order[-1]]))
        points.append(_coordinates(name, line, [row[index] for index in order[:-1]]))
    if not images:
        raise InputError(f"{name}: there is no row below the header.")
    return {"images": np.stack(images), "points": np.stack(points)}


def parse_test(name: str, content: bytes) -> Arrays:
    """Parses test.csv to `ids` (M,) int64 and `images` (M, 96, 96) uint8.

    Raises:
        InputError: columns, ids or pixels are not as they should be; the message names the row.
    """
    rows = _rows(name, content)
    _, header = next(rows)
    if sorted(header) != ["Image", "ImageId"]:
        raise InputError(f"{name}: {_difference(header, ('ImageId', 'Image'))}")
    ids, images = [], []
    for line, row in rows:
        _check_length(name, line, row, header)
        ids.append(_whole_number(name, line, "ImageId", row[header.index("ImageId")]))
        images.append(_pixels(name, line, row[header.index("Image")]))
    _check_unique(name, "ImageId", ids)
    return {
        "ids": np.array(ids, np.int64),
        "images": np.array(images, np.uint8).reshape(-1, CROP_SIZE, CROP_SIZE),
    }


def parse_lookup(name: str, content: bytes) -> Arrays:
    """Parses IdLookupTable.csv to `row_ids`, `image_ids` and `cells`, (M,) int64 each.

    Raises:
        InputError: columns, ids or names of coordinates are not as they should be; the message names the row.
    """
    rows = _rows(name, content)
    _, header = next(rows)
    wanted = ("RowId", "ImageId", "FeatureName")
    if sorted(set(header) - {"Location"}) != sorted(wanted):
        raise InputError(f"{name}: {_difference(header, (*wanted, 'Location'))}")
    columns = [header.index(column) for column in wanted]
    parsed = []
    for line, row in rows:
        _check_length(name, line, row, header)
        row_id, image_id, feature = (row[column] for column in columns)
        if feature not in _INDEX_OF_CELL:
            raise InputError(f"{name}: row {line}: there is no coordinate called {feature!r}.")
        numbers = _whole_number(name, line, "RowId", row_id), _whole_number(name, line, "ImageId", image_id)
        parsed.append((*numbers, _INDEX_OF_CELL[feature]))
    _check_unique(name, "RowId", [row_id for row_id, _, _ in parsed])
    table = np.array(parsed, np.int64).reshape(-1, 3)
    return {"row_ids": table[:, 0], "image_ids": table[:, 1], "cells": table[:, 2]}


def parse_solution(name: str, content: bytes) -> dict[int, float]:
    """Parses a submission or a solution: Location by RowId.

    Raises:
        InputError: columns or numbers are not as they should be; the message names the row.
    """
    rows = _rows(name, content)
    _, header = next(rows)
    if not {"RowId", "Location"} <= set(header):
        raise InputError(f"{name}: {_difference(header, ('RowId', 'Location'))}")
    values: dict[int, float] = {}
    for line, row in rows:
        _check_length(name, line, row, header)
        row_id = _whole_number(name, line, "RowId", row[header.index("RowId")])
        if row_id in values:
            raise InputError(f"{name}: row {line}: RowId {row_id} was there before.")
        values[row_id] = _number(name, line, "Location", row[header.index("Location")])
    return values


def _rows(name: str, content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yields rows with their line numbers, the header first; skips empty lines."""
    csv.field_size_limit(LONGEST_CELL)
    # Decoded piece by piece: the whole of training.csv would take a gigabyte as text.
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline=""))
    empty = True
    try:
        for row in reader:
            if row:
                empty = False
                yield reader.line_num, row
    except UnicodeDecodeError:
        raise InputError(f"{name}: row {_line_that_is_no_text(content)} is not text.") from None
    except csv.Error as error:
        raise InputError(f"{name}: row {reader.line_num}: {error}.") from None
    if empty:
        raise InputError(f"{name} is empty.")


def _line_that_is_no_text(content: bytes) -> int:
    """The line of the first byte that is not UTF-8; the line after the last if there is none."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        content = content[: error.start]
    return content.count(b"\n") + 1


def _difference(header: list[str], wanted: tuple[str, ...]) -> str:
    missing = [column for column in wanted if column not in header]
    if missing:
        return f"the column {missing[0]} is missing" + (f", and {len(missing) - 1} more." if missing[1:] else ".")
    extra = [column for column in header if column not in wanted]
    return f"the column {extra[0]} does not belong there." if extra else "a column is there twice."


def _check_length(name: str, line: int, row: list[str], header: list[str]) -> None:
    if len(row) != len(header):
        raise InputError(f"{name}: row {line} has {len(row)} cells, not {len(header)}.")


def _check_unique(name: str, column: str, ids: list[int]) -> None:
    values, counts = np.unique(np.array(ids, np.int64), return_counts=True)
    if (counts > 1).any():
        raise InputError(f"{name}: {column} {values[counts > 1][0]} is there {counts.max()} times.")


def _pixels(name: str, line: int, text: str) -> NDArray[np.uint8]:
    with warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)  # how numpy says that there was more than numbers
        try:
            values = np.fromstring(text, np.int64, sep=" ")
        except (DeprecationWarning, ValueError):
            raise InputError(f"{name}: row {line}: the pixels are not whole numbers between spaces.") from None
    if len(values) != PIXELS:
        raise InputError(f"{name}: row {line} has {len(values)} pixels, not {PIXELS}.")
    if values.min() < 0 or values.max() > 255:
        raise InputError(f"{name}: row {line}: a pixel is {values[(values < 0) | (values > 255)][0]}, not 0 to 255.")
    return values.astype(np.uint8).reshape(CROP_SIZE, CROP_SIZE)


def _coordinates(name: str, line: int, cells: list[str]) -> NDArray[np.float32]:
    values = [_number(name, line, CELLS[i], cell) if cell.strip() else np.nan for i, cell in enumerate(cells)]
    points = np.array(values, np.float32)
    wrong = np.flatnonzero((points < LOWEST) | (points > HIGHEST))
    if len(wrong):
        raise InputError(f"{name}: row {line}: {CELLS[wrong[0]]} is {points[wrong[0]]:g}, outside of the image.")
    return points.reshape(COUNT, 2)


def _number(name: str, line: int, column: str, cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = np.nan
    if not np.isfinite(value):
        raise InputError(f"{name}: row {line}: {column} is {cell!r}, not a number.")
    return value


def _whole_number(name: str, line: int, column: str, cell: str) -> int:
    try:
        value = int(cell)
        np.int64(value)
    except (ValueError, OverflowError):
        raise InputError(f"{name}: row {line}: {column} is {cell!r}, not a whole number.") from None
    return value
