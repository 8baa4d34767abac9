"""Which keypoints are missing together."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.keypoints import COUNT, KEYPOINTS
from training.data.dataset import FIRST, SECOND, Dataset
from training.reports.eda.common import ORDER, names_of, percent
from training.reports.page import Page
from training.reports.style import COLOURS, figure

SHOWN = 10
"""So many patterns are drawn, the most frequent."""
TOGETHER = 2.0
"""A set that is missing so many times as often as by chance is missing as a set."""
_ABSENT = "#e3e7ec"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A set of keypoints that are missing in the same rows.

    Attributes:
        rows: how many rows lack exactly these.
        missing: the keypoints' indices.
    """

    rows: int
    missing: tuple[int, ...]


def add(page: Page, dataset: Dataset) -> dict[str, Any]:
    """Adds the section; returns its numbers."""
    labelled, kinds = dataset.training.labelled, dataset.training.kinds
    found = patterns(labelled)
    page.section("Missing together", _text(found, labelled))
    if not labelled.all():
        _draw_patterns(page, found)
        parts = {"all rows": labelled}
        if (kinds == SECOND).any() and not labelled[kinds == FIRST].all():
            parts["rows of the first kind alone"] = labelled[kinds == FIRST]
        _draw_together(page, parts)
    return {
        "missing": [{"rows": each.rows, "missing": [KEYPOINTS[i] for i in each.missing]} for each in found],
    }


def patterns(labelled: NDArray[np.bool_]) -> list[Pattern]:
    """Counts which sets of keypoints are missing in labels (N, 15); the most frequent comes first."""
    sets, rows = np.unique(labelled, axis=0, return_counts=True)
    order = np.argsort(-rows, kind="stable")
    return [Pattern(int(rows[i]), tuple(np.flatnonzero(~sets[i]).tolist())) for i in order]


def missing_together(labelled: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Measures how far two keypoints are missing in the same rows (the Jaccard index of the two sets of rows).

    Args:
        labelled: (N, 15), whether a row has a keypoint.

    Returns:
        (15, 15), 0 to 100: of the rows that lack at least one of two keypoints, per cent that lack both. NaN where no
        row lacks either.
    """
    absent = (~labelled).astype(np.float64)
    both = absent.T @ absent
    alone = absent.sum(axis=0)
    either = alone[:, None] + alone - both
    return np.asarray(np.where(either > 0, 100 * both / np.maximum(either, 1), np.nan))


def share_by_chance(labelled: NDArray[np.bool_], missing: tuple[int, ...]) -> float:
    """The share of rows, 0 to 1, that would lack exactly these keypoints if each were missing on its own."""
    absent = (~labelled).mean(axis=0)
    return float(np.where(np.isin(np.arange(COUNT), missing), absent, 1 - absent).prod())


def _text(found: list[Pattern], labelled: NDArray[np.bool_]) -> str:
    gaps = [pattern for pattern in found if pattern.missing]
    if not gaps:
        return "No label is missing: every row has all 15 points."
    rows, most = len(labelled), gaps[0]
    share, chance = percent(most.rows, rows), 100 * share_by_chance(labelled, most.missing)
    text = (
        f"{len(gaps):,} different sets of keypoints are missing. The most frequent one, of {len(most.missing)}, is "
        f"missing in {most.rows:,} rows ({share:.1f} %); were each keypoint missing on its own, in {chance:.1f} %. "
    )
    if share <= TOGETHER * chance:
        return text + "Labels are missing about as they would by chance; a loss that leaves them out is enough."
    return text + (
        "Labels are left out together, by the way a row was labelled: such rows are a kind of their own, and filling "
        "their gaps with means would teach a network that these points never move."
    )


def _draw_patterns(page: Page, found: list[Pattern]) -> None:
    shown = found[:SHOWN]
    made, ((axes, bars),) = figure(1.9 + 0.27 * len(shown), 1, 2, sharey=True, width_ratios=[2.2, 1])
    for row, pattern in enumerate(shown):
        absent = np.isin(ORDER, pattern.missing)
        axes.scatter(np.arange(COUNT), np.full(COUNT, row), s=70, c=np.where(absent, _ABSENT, COLOURS[0]))
        bars.barh(row, pattern.rows, color=COLOURS[7], height=0.6)
        bars.annotate(
            f"{pattern.rows:,}", (pattern.rows, row), (4, 0), textcoords="offset points", va="center", fontsize=9
        )
    axes.set_xticks(np.arange(COUNT), names_of(ORDER), rotation=60, ha="right", rotation_mode="anchor", fontsize=9)
    axes.set_yticks([])
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0)
    bars.set_xscale("log")
    bars.set_xlim(0.7, 5 * shown[0].rows)
    bars.set_xlabel("rows (logarithmic)", fontsize=9)
    page.figure(
        "patterns",
        made,
        f"The {len(shown)} most frequent patterns of {len(found):,}, one a line: a blue dot is a label, a gray one is "
        "missing; the bar says how many rows are so.",
    )


def _draw_together(page: Page, parts: dict[str, NDArray[np.bool_]]) -> None:
    made, (row,) = figure(5.4, 1, 2, sharey=True)
    for axes, (title, labelled) in zip(row, parts.items(), strict=False):
        order = np.array(ORDER)
        matrix = missing_together(labelled)[np.ix_(order, order)]
        shown = axes.imshow(np.ma.masked_invalid(matrix), vmin=0, vmax=100, cmap="Blues")
        axes.set_facecolor("#d5dae1")
        axes.set_title(title, fontsize=10)
        axes.set_xticks(np.arange(COUNT), names_of(ORDER), rotation=60, ha="right", rotation_mode="anchor", fontsize=9)
        axes.set_yticks(np.arange(COUNT), names_of(ORDER), fontsize=9)
    for axes in row[len(parts) :]:
        axes.set_visible(False)
    made.colorbar(shown, ax=list(row[: len(parts)]), shrink=0.6, label="per cent of rows")
    page.figure(
        "missing_together",
        made,
        "Of the rows that lack one of two keypoints, the per cent that lack both. Dark blocks are labels that are "
        "given or left out as one; gray: neither is ever missing.",
    )
