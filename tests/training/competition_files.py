"""Small files in the competition's form: rendered faces of which the true points are known."""

import csv
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training.data.dataset import CELLS, SPARSE

SHAPE = np.array(
    [[66, 38], [30, 38], [59, 39], [73, 39], [37, 39], [23, 39], [56, 29], [80, 29], [40, 29], [16, 29],
     [48, 62], [64, 77], [32, 77], [48, 73], [48, 83]], np.float32,
)  # fmt: skip
"""Mean points (15, 2) of the rendered faces."""


def rendered(rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """A picture (96, 96) with a dot at each of 15 points (15, 2)."""
    points = ((SHAPE - 48) * rng.normal(1, 0.05) + 48 + rng.normal(0, 2, 2) + rng.normal(0, 0.7, (15, 2))).clip(1, 94)
    image = rng.integers(60, 90, (96, 96)).astype(np.uint8)
    for place in points:
        cv2.circle(image, tuple(np.round(place * 16).astype(int).tolist()), 40, 220, -1, cv2.LINE_AA, 4)
    return image, points.astype(np.float32)


def write_competition(folder: Path, *, first: int, second: int, test: int = 4, seed: int = 0) -> Path:
    """Writes training.csv, test.csv and IdLookupTable.csv with rows of the two kinds; returns the folder."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for number in range(first + second):
        image, points = rendered(rng)
        cells = [f"{value:.4f}" for value in points.ravel()]
        if number >= first:
            points[10, 1] += 7
            points[14, 1] -= 4
            cells = [f"{v:.4f}" if i // 2 in SPARSE else "" for i, v in enumerate(points.ravel())]
        rows.append([*cells, pixels(image)])
    write(folder / "training.csv", [*CELLS, "Image"], rows)
    write(folder / "test.csv", ["ImageId", "Image"], [[i + 1, pixels(rendered(rng)[0])] for i in range(test)])
    asked = [[image + 1, cell] for image in range(test) for cell in (CELLS if image % 2 == 0 else CELLS[:4])]
    lookup = [[row + 1, image, cell, ""] for row, (image, cell) in enumerate(asked)]
    write(folder / "IdLookupTable.csv", ["RowId", "ImageId", "FeatureName", "Location"], lookup)
    return folder


def pixels(image: NDArray[np.uint8]) -> str:
    """An image as the competition writes it."""
    return " ".join(map(str, image.ravel().tolist()))


def write(path: Path, header: list[str], rows: list[list[object]]) -> None:
    """Writes a table."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
