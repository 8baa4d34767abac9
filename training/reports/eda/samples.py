"""Sample faces with their labels."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.keypoints import LEFT_EYE, RIGHT_EYE
from training.data.dataset import FIRST, SECOND, Dataset, Faces96
from training.reports.eda.common import show_row
from training.reports.page import Page
from training.reports.rows import number, row_name
from training.reports.style import figure

ACROSS = 6
"""Faces of each sort."""


def add(page: Page, dataset: Dataset) -> dict[str, Any]:
    """Adds the section; returns its numbers."""
    faces = dataset.training
    chosen = choose(faces)
    labels = faces.labelled.sum(axis=1)
    ranges = pose_ranges(faces)
    page.section("Sample faces", _text(ranges))
    made, grid = figure(1.75 * len(chosen) + 0.1, len(chosen), ACROSS)
    for row, (title, rows) in zip(grid, chosen.items(), strict=True):
        for axes, each in zip(row, rows, strict=False):
            show_row(axes, faces, int(each), f"{row_name(dataset, int(each))}: {labels[each]}")
        for axes in row[len(rows) :]:
            axes.set_visible(False)
        row[0].set_ylabel(title, fontsize=9)
    page.figure(
        "samples",
        made,
        "Faces with their labels; above each, its place in the data and how many points it has.",
    )
    return {
        "samples": {title: [number(dataset, int(row)) for row in rows] for title, rows in chosen.items()},
        "pose_5_to_95_percentile": ranges,
    }


def choose(faces: Faces96, seed: int = 0) -> dict[str, NDArray[np.int64]]:
    """Draws up to 6 rows of each sort that there is: complete, first kind with gaps, second kind."""
    rng = np.random.default_rng(seed)
    complete = faces.labelled.all(axis=1)
    sorts = {
        "complete": complete,
        "with gaps": ~complete & (faces.kinds == FIRST),
        "second kind": faces.kinds == SECOND,
    }
    drawn = {}
    for name, rows in sorts.items():
        if rows.any():
            drawn[name] = np.sort(rng.permutation(np.flatnonzero(rows))[:ACROSS])
    return drawn


def pose_ranges(faces: Faces96) -> dict[str, list[float]]:
    """Measures how size, turn and place of the faces vary, by the eye centres; empty where no row has both.

    Returns:
        The 5th and the 95th percentile of `eye_distance` (pixels), `turn` (degrees, clockwise), `x` and `y` (pixels) of
        the middle between the eyes.
    """
    known = faces.labelled[:, [LEFT_EYE, RIGHT_EYE]].all(axis=1)
    if not known.any():
        return {}
    left, right = (faces.points[known, eye].astype(np.float64) for eye in (LEFT_EYE, RIGHT_EYE))
    across, middle = left - right, (left + right) / 2
    measures = {
        "eye_distance": np.hypot(*across.T),
        "turn": np.degrees(np.arctan2(across[:, 1], across[:, 0])),
        "x": middle[:, 0],
        "y": middle[:, 1],
    }
    return {name: np.percentile(values, (5, 95)).tolist() for name, values in measures.items()}


def _text(ranges: dict[str, list[float]]) -> str:
    if not ranges:
        return "Drawn by chance. No row has both eye centres, by which size and turn of the faces could be measured."
    (near, far), (left, right) = ranges["eye_distance"], ranges["turn"]
    return (
        f"Drawn by chance. In nine of ten faces the eye centres are {near:.0f} to {far:.0f} px apart, the line that "
        f"joins them is turned by {left:.0f}° to {right:.0f}°, and its middle lies in a field of "
        f"{ranges['x'][1] - ranges['x'][0]:.0f} × {ranges['y'][1] - ranges['y'][0]:.0f} px. Augmentation by rotation, "
        "scale and shift has to fill these ranges, and need not go far beyond them."
    )
