"""Made-up data for the picture book, and a page that shows what was drawn on it."""

import csv
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from tests.training.competition_files import write, write_competition
from tracker.keypoints import INDEX
from training.reports.page import Page

NOSE, LIP, BROW = INDEX["nose_tip"], INDEX["mouth_center_bottom_lip"], INDEX["left_eyebrow_outer_end"]


def write_data(folder: Path) -> Path:
    """70 rows of the first kind, in which one eyebrow is missing in 3 and lips in 2 of these, then 40 of the second."""
    write_competition(folder, first=70, second=40, test=6)
    empty_cells(folder, {4: (BROW,), 5: (BROW, LIP), 6: (BROW, LIP)})
    return folder


def empty_cells(folder: Path, keypoints_of: dict[int, tuple[int, ...]]) -> None:
    """Empties the cells of keypoints in rows of training.csv, counted from 0."""
    with (folder / "training.csv").open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    for row, keypoints in keypoints_of.items():
        for keypoint in keypoints:
            rows[row][2 * keypoint] = rows[row][2 * keypoint + 1] = ""
    write(folder / "training.csv", header, [list(row) for row in rows])


def noise(count: int) -> NDArray[np.uint8]:
    """Images (N, 96, 96) that have nothing in common."""
    return np.random.default_rng(5).integers(0, 256, (count, 96, 96)).astype(np.uint8)


class Drawn(Page):
    """A page that keeps its figures."""

    def __init__(self) -> None:
        super().__init__("", "")
        self.drawn: dict[str, Figure] = {}

    def figure(self, name: str, figure: Figure, caption: str) -> None:
        self.drawn[name] = figure
        super().figure(name, figure, caption)
