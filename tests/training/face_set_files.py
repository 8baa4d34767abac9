"""Small face sets: `faces.csv` and the pictures that it names."""

import csv
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training.data.face_set import COLUMNS

Labelled = tuple[str, str, NDArray[np.uint8], NDArray[np.floating]]
"""Collection, group, picture and points (15, 2) of a face."""


def write_face_set(folder: Path, faces: Iterable[Labelled]) -> Path:
    """Writes `faces/faces.csv` and its pictures; those of `ytf` have labels of a teacher. Returns the folder."""
    rows: list[list[object]] = []
    for number, (subset, group, picture, points) in enumerate(faces):
        name = f"{subset}/{number}.png"
        (folder / "faces" / subset).mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / "faces" / name), picture)
        label = "teacher" if subset == "ytf" else "human"
        size = picture.shape[1::-1]
        rows.append([name, subset, group, label, *size, *(f"{value:.2f}" for value in points.ravel())])
    (folder / "faces").mkdir(parents=True, exist_ok=True)
    with (folder / "faces" / "faces.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return folder
