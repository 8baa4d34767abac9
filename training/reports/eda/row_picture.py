"""The picture of the whole file, row by row: what is labelled, and what is asked of the test images."""

from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Patch
from numpy.typing import NDArray

from tracker.keypoints import COUNT
from training.data.dataset import FIRST, SECOND, Dataset
from training.reports.eda.common import KIND_COLOURS, KIND_NAMES, KIND_WORDS, ORDER, names_of
from training.reports.page import Page
from training.reports.rows import number, unit
from training.reports.style import figure

_ABSENT = "#eef1f4"
COLUMNS = 900
"""More rows than this are put together in columns of mixed colour, so that a single gap still shows as a pale line."""
FEW_CHANGES = 4
"""Up to so many changes of the kind, the report lists the stretches of the file."""


def add(page: Page, dataset: Dataset) -> dict[str, Any]:
    """Adds the section; returns its numbers."""
    faces = dataset.training
    found = stretches(faces.kinds)
    page.section("Row by row", _text(dataset, found))
    asked = dataset.asked is not None and len(dataset.test) > 0
    made, rows = figure(6.4 if asked else 3.6, 2 if asked else 1)
    (axes,) = rows[0]
    _draw(axes, faces.labelled, faces.kinds, number(dataset, 0))
    axes.set_xlabel(f"{unit(dataset)} of the training data", fontsize=9)
    caption = "Each column is a row of the file, in its order; colour says that the keypoint has a label."
    if asked:
        (below,) = rows[1]
        _draw(below, asked_keypoints(dataset), dataset.test_kinds(), 1)
        below.set_xlabel("test image, in the order of its file", fontsize=9)
        caption += " Below: the same for what is asked of the test images."
    kinds = sorted({*np.unique(faces.kinds).tolist(), *(np.unique(dataset.test_kinds()).tolist() if asked else [])})
    patches = [Patch(color=KIND_COLOURS[kind], label=KIND_NAMES[kind]) for kind in kinds]
    made.legend(handles=[*patches, Patch(color=_ABSENT, label="no label")], loc="outside upper right", ncols=3,
                fontsize=9, frameon=False)  # fmt: skip
    page.figure("rows", made, caption)
    return {"stretches": [{"kind": kind + 1, "first": number(dataset, start), "last": number(dataset, end - 1)}
                          for kind, start, end in found]}  # fmt: skip


def stretches(kinds: NDArray[np.int64]) -> list[tuple[int, int, int]]:
    """Splits the rows (N,) where the kind changes: kind, first row and row after the last of each stretch."""
    bounds = [0, *(np.flatnonzero(np.diff(kinds)) + 1).tolist(), len(kinds)]
    return [(int(kinds[start]), start, end) for start, end in pairwise(bounds) if end > start]


def asked_keypoints(dataset: Dataset) -> NDArray[np.bool_]:
    """Which keypoints are asked of each test image: (M, 15)."""
    asked = np.zeros((len(dataset.test), COUNT), np.bool_)
    if dataset.asked is not None:
        asked[dataset.asked.images, dataset.asked.cells // 2] = True
    return asked


def _draw(axes: Axes, labelled: NDArray[np.bool_], kinds: NDArray[np.int64], first: int) -> None:
    colours = np.array([to_rgb(KIND_COLOURS[FIRST]), to_rgb(KIND_COLOURS[SECOND])])
    picture = np.where(labelled[:, list(ORDER), None], colours[kinds][:, None], to_rgb(_ABSENT)).transpose(1, 0, 2)
    extent = (first - 0.5, first + len(kinds) - 0.5, COUNT - 0.5, -0.5)
    starts = np.unique(np.linspace(0, len(kinds), min(len(kinds), COLUMNS), endpoint=False).astype(np.int64))
    widths = np.diff(np.append(starts, len(kinds)))
    picture = np.add.reduceat(picture, starts, axis=1) / widths[:, None]
    axes.imshow(picture, aspect="auto", interpolation="nearest", extent=extent)
    axes.xaxis.set_major_formatter("{x:,.0f}")
    axes.set_yticks(np.arange(COUNT), names_of(ORDER), fontsize=8)
    axes.hlines(np.arange(COUNT - 1) + 0.5, extent[0], extent[1], colors="white", linewidths=0.8)


def _text(dataset: Dataset, found: list[tuple[int, int, int]]) -> str:
    if len(found) == 1:
        return f"All rows are of the {KIND_WORDS[found[0][0]]} kind; their order says nothing."
    if len(found) <= FEW_CHANGES + 1:
        listed = ", ".join(
            f"{number(dataset, start):,} to {number(dataset, end - 1):,} are of the {KIND_WORDS[kind]} kind"
            for kind, start, end in found
        )
        text = f"The kinds lie apart in the file: {unit(dataset)}s {listed}. "
    else:
        kind, start, end = max(found, key=lambda each: each[2] - each[1])
        text = (
            f"The kind changes {len(found) - 1:,} times along the file; the longest stretch, {unit(dataset)}s "
            f"{number(dataset, start):,} to {number(dataset, end - 1):,}, is of the {KIND_WORDS[kind]} kind. "
        )
    return text + (
        "A share cut off the end of such a file is no fair sample: rows held out for validation are dealt so that each "
        "fold has its part of both kinds."
    )
