"""Errors of runs by plain arithmetic, from the files themselves."""

import csv
import math
from pathlib import Path

import numpy as np

from training.data.dataset import CELLS

FIRST, SECOND = 14, 8
"""Rows of the two kinds, in this order."""
HELD = [1, 5, 9, 13, 15, 20]
TWO = (10, 14)
"""Keypoints with an output for each convention."""


def read_table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def root_mean_square(errors: list[float]) -> float:
    return math.sqrt(sum(error * error for error in errors) / len(errors))


def answers(folder: Path, fold: int, row: int, place: int, *, test: bool = False) -> np.ndarray:
    """What a run says of a row, by the output that answers in the convention of its kind."""
    with np.load(folder / f"fold-{fold}" / "predictions.npz") as arrays:
        outputs = arrays["test" if test else "validation"][0, place]
    chosen = list(range(15))
    sparse = place % 2 == 1 if test else row >= FIRST
    if sparse and len(outputs) > 15:
        chosen[10], chosen[14] = 15, 16
    return np.asarray(outputs[chosen], np.float64)


def held_out_errors(data: Path, folder: Path, folds: dict[int, list[int]]) -> list[tuple[int, str, float]]:
    """Row, coordinate and error of each labelled value of the held-out rows, from the files themselves."""
    table = read_table(data / "training.csv")
    found = []
    for fold, rows in folds.items():
        for place, row in enumerate(rows):
            said = answers(folder, fold, row, place).ravel()
            labels = [(i, table[row][cell]) for i, cell in enumerate(CELLS)]
            found += [(row, CELLS[i], said[i] - float(label)) for i, label in labels if label]
    return found


def errors_on_test(data: Path, solution: Path, points: list[np.ndarray]) -> list[tuple[int, float]]:
    """Index of the image and error of each value of the solution."""
    lookup = {row["RowId"]: row for row in read_table(data / "IdLookupTable.csv")}
    found = []
    for row in read_table(solution):
        image, cell = int(lookup[row["RowId"]]["ImageId"]) - 1, CELLS.index(lookup[row["RowId"]]["FeatureName"])
        found.append((image, points[image].ravel()[cell] - float(row["Location"])))
    return found
