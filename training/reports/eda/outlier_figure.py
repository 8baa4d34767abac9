"""The section on outliers: the faces whose labels surprise most."""

from typing import Any

import numpy as np

from tracker.keypoints import KEYPOINTS
from training.data.dataset import Dataset
from training.reports.eda.common import names_of, show_row
from training.reports.eda.outliers import ROWS_PER_COORDINATE, Expectations, expectations
from training.reports.page import Page
from training.reports.rows import number, row_name, unit
from training.reports.style import COLOURS, figure

ACROSS, DOWN = 6, 3
LIMIT = 5.0
"""Standard deviations: a label beyond is counted. Of a normal distribution's, exp(-12.5) = 4 in a million are."""
LISTED = 12
_EXPECTED = COLOURS[6]


def add(page: Page, dataset: Dataset) -> dict[str, Any]:
    """Adds the section; returns its numbers."""
    expected = expectations(dataset.training)
    rows, keypoints = expected.worst()
    sizes = expected.deviations[rows, keypoints]
    facts: dict[str, Any] = {"judged_rows": len(rows), "limit": LIMIT, "rows_beyond": int((sizes > LIMIT).sum())}
    page.section("Outliers")
    if not len(rows):
        page.text(
            f"Too few complete rows to say what is usual: a kind needs {ROWS_PER_COORDINATE} for each coordinate."
        )
        return {"outliers": facts | {"worst": []}}
    apart = np.linalg.norm(dataset.training.points[rows, keypoints] - expected.points[rows, keypoints], axis=1)
    facts["worst"] = [
        {unit(dataset): number(dataset, int(row)), "keypoint": KEYPOINTS[keypoint], "deviations": float(size),
         "pixels": float(distance)}
        for row, keypoint, size, distance in zip(rows, keypoints, sizes, apart, strict=True)
    ][:100]  # fmt: skip
    for paragraph in _text(facts, expected):
        page.text(paragraph)
    _draw(page, dataset, expected)
    page.table(
        (unit(dataset), "keypoint", "pixels off", "standard deviations"),
        [(str(each[unit(dataset)]), names_of((KEYPOINTS.index(each["keypoint"]),))[0], f"{each['pixels']:.1f}",
          f"{each['deviations']:.1f}") for each in facts["worst"][:LISTED]],
        "The most surprising label of each face; facts.json lists the first hundred.",
    )  # fmt: skip
    return {"outliers": facts}


def _draw(page: Page, dataset: Dataset, expected: Expectations) -> None:
    rows, keypoints = (each[: ACROSS * DOWN] for each in expected.worst())
    down = -(-len(rows) // ACROSS)
    made, grid = figure(1.75 * down + 0.1, down, ACROSS)
    for axes, row, keypoint in zip(grid.flat, rows, keypoints, strict=False):
        size = expected.deviations[row, keypoint]
        show_row(axes, dataset.training, int(row), f"{row_name(dataset, int(row))}: {size:.1f}")
        place, label = expected.points[row, keypoint], dataset.training.points[row, keypoint]
        axes.plot(*np.stack([label, place]).T, color=_EXPECTED, lw=1.5, clip_on=True)
        axes.plot(*label, "o", mfc="none", mec=_EXPECTED, ms=8, mew=1.5)
        axes.plot(*place, "x", color=_EXPECTED, ms=6, mew=1.8)
    for axes in grid.flat[len(rows) :]:
        axes.set_visible(False)
    page.figure(
        "outliers",
        made,
        "The faces with the most surprising label, which is ringed; the cross is where the other labels suggest it. "
        "Above: how far apart they are, in standard deviations.",
    )


def _text(facts: dict[str, Any], expected: Expectations) -> list[str]:
    judged = int((~np.isnan(expected.deviations)).sum())
    chance = judged * float(np.exp(-(LIMIT**2) / 2))
    return [
        f"{facts['rows_beyond']:,} of {facts['judged_rows']:,} faces have a label more than {LIMIT:g} standard "
        f"deviations from where their other labels suggest it; were all labels drawn from a normal distribution, about "
        f"{chance:.1f} would. These may be wrong labels, or right ones of extreme poses and expressions: each has to "
        "be looked at before it is left out. A loss that grows slower than the square (Huber, Wing) limits their "
        "weight.",
        "How it is measured: a normal distribution over all coordinates is fitted to the complete rows of each kind, "
        "robustly; each label is compared with its expectation given the others of its face. Position, size and "
        "turn of the head in the picture do not count as surprising.",
    ]
