"""How many rows have a label for each keypoint."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.keypoints import KEYPOINTS
from training.data.dataset import FIRST, SECOND, Dataset, Faces96
from training.reports.eda.common import KIND_COLOURS, KIND_NAMES, ORDER, names_of, percent
from training.reports.page import Page
from training.reports.style import figure


def add(page: Page, dataset: Dataset) -> dict[str, Any]:
    """Adds the section; returns its numbers."""
    counts = label_counts(dataset.training)
    totals = counts.sum(axis=0)
    page.section("Labels per keypoint", _text(totals, len(dataset.training)))
    if totals.any():
        made, ((axes,),) = figure(4.6)
        places, left = np.arange(len(ORDER)), np.zeros(len(ORDER))
        for kind in (FIRST, SECOND):
            numbers = counts[kind, list(ORDER)]
            if numbers.any():
                axes.barh(places, numbers, left=left, color=KIND_COLOURS[kind], label=KIND_NAMES[kind], height=0.75)
            left = left + numbers
        for place, total in zip(places, left, strict=True):
            axes.annotate(f"{total:,.0f}", (total, place), (4, 0), textcoords="offset points", va="center", fontsize=9)
        axes.set_yticks(places, names_of(ORDER), fontsize=9)
        axes.invert_yaxis()
        axes.set_xlim(0, 1.1 * max(len(dataset.training), 1))
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.set_xlabel("rows", fontsize=9)
        made.legend(*axes.get_legend_handles_labels(), loc="outside upper right", ncols=2, fontsize=9, frameon=False)
        page.figure("labels", made, "Rows with a label for each keypoint, by kind of row.")
    return {
        "labels": {name: {"first": int(counts[FIRST, i]), "second": int(counts[SECOND, i])}
                   for i, name in enumerate(KEYPOINTS)}
    }  # fmt: skip


def label_counts(faces: Faces96) -> NDArray[np.int64]:
    """Counts the rows that have a keypoint, both of its cells: (2, 15), for each kind of row."""
    kinds = faces.kinds
    return np.array([faces.labelled[kinds == kind].sum(axis=0) for kind in (FIRST, SECOND)], np.int64)


def _text(totals: NDArray[np.int64], rows: int) -> str:
    if not totals.any():
        return "No keypoint of any row has a label."
    most, fewest = int(totals.max()), int(totals.min())
    if most == fewest:
        return f"Every keypoint has a label in {most:,} of {rows:,} rows."
    rarest = names_of((int(totals.argmin()),))[0]
    text = (
        f"The keypoint labelled most often has {most:,} labels ({percent(most, rows):.0f} % of the rows), "
        f"the rarest, {rarest}, {fewest:,} ({percent(fewest, rows):.0f} %). "
    )
    if fewest > most / 2:
        return text + "All keypoints are learned from about as many faces."
    return text + (
        "A loss that is averaged over labelled cells is ruled by the keypoints that have many, so errors have to be "
        "read keypoint by keypoint too."
    )
