"""The file that the competition takes, and the score of such a file where a solution is known."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.errors import InputError, OutputError
from tracker.keypoints import COUNT
from tracker.sinks.base import writing
from training.data.csv_files import parse_solution
from training.data.dataset import Asked, Dataset
from training.files import replacing
from training.scores import scores

COLUMNS = ("RowId", "Location")
LARGEST = 96.0
"""The competition takes locations from 0 to 96."""


def write_submission(path: Path, points: NDArray[np.float32], asked: Asked, *, overwrite: bool = False) -> None:
    """Writes what is asked for.

    Args:
        path: the file.
        points: (M, 15, 2) pixels, of the test images; places outside of the image are set to its border.
        asked: what is asked for.
        overwrite: whether a file that exists is replaced.

    Raises:
        OutputError: the file is there already, or cannot be written.
    """
    if path.exists() and not overwrite:
        raise OutputError(f"{path} exists; add --overwrite to replace it.")
    locations = np.clip(points.reshape(len(points), 2 * COUNT)[asked.images, asked.cells], 0, LARGEST)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as part, part.open("w", newline="", encoding="utf-8") as file:
        rows = zip(asked.row_ids.tolist(), (f"{value:.6f}" for value in locations), strict=True)
        csv.writer(file).writerows([COLUMNS, *rows])


def read_locations(path: Path) -> dict[int, float]:
    """Reads a submission or a solution: Location by RowId.

    Raises:
        InputError: it cannot be read, or is no such file; the message names the row.
    """
    try:
        return parse_solution(str(path), path.read_bytes())
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None


@dataclass(frozen=True, slots=True)
class Solution:
    """What is known of the answers.

    Attributes:
        labels: (M, 15, 2) float32 pixels, of the test images; NaN where nothing is known.
        kinds: (M,) int64 kinds of the test images.
        values: how many of the values asked for are known.
    """

    labels: NDArray[np.float32]
    kinds: NDArray[np.int64]
    values: int

    def score(self, points: NDArray[np.floating]) -> dict[str, Any]:
        """Scores predictions (M, 15, 2) by `training.scores.scores`; `rmse` is the competition's own score.

        Locations outside of the image are set to its border before, as in a submission.
        """
        return scores(np.clip(points, 0, LARGEST), self.labels, self.kinds)


def read_solution(path: Path, dataset: Dataset) -> Solution:
    """Reads a solution: a table with the Location of each RowId, or of some.

    Raises:
        InputError: it is no such table, or answers nothing that is asked for.
    """
    asked = asked_of(dataset)
    return Solution(*_spread(path, asked, len(dataset.test)))


def read_submission(path: Path, dataset: Dataset) -> NDArray[np.float32]:
    """Reads a submission as points (M, 15, 2) float32 of the test images, NaN where nothing is asked for.

    Raises:
        InputError: it is no submission, or leaves a question open.
    """
    asked = asked_of(dataset)
    points, _, values = _spread(path, asked, len(dataset.test))
    if values < len(asked.row_ids):
        raise InputError(f"{path} answers {values} of {len(asked.row_ids)} questions.")
    return points


def asked_of(dataset: Dataset) -> Asked:
    """Returns what the competition asks for.

    Raises:
        InputError: there is no table that says so.
    """
    if dataset.asked is None:
        raise InputError(f"{dataset.source} lacks test.csv or IdLookupTable.csv, which say what is asked for.")
    return dataset.asked


def _spread(path: Path, asked: Asked, count: int) -> tuple[NDArray[np.float32], NDArray[np.int64], int]:
    """Puts locations where their questions point to: points (M, 15, 2), kinds (M,), how many were found."""
    known = read_locations(path)
    values = np.array([known.get(row, np.nan) for row in asked.row_ids.tolist()], np.float32)
    found = int(np.isfinite(values).sum())
    if found == 0:
        raise InputError(f"{path} holds none of the {len(values)} RowIds of IdLookupTable.csv.")
    cells = np.full((count, 2 * COUNT), np.nan, np.float32)
    cells[asked.images, asked.cells] = values
    return cells.reshape(count, COUNT, 2), asked.kinds(count), found
