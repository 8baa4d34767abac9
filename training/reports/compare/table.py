"""The table of models, its main score as a figure, and the runs behind it."""

from typing import Any

import numpy as np

from tracker.keypoints import REGIONS
from training.reports.compare.entries import Comparison, Entry, options_of
from training.reports.compare.looks import colours
from training.reports.page import Page
from training.reports.style import figure, spoken
from training.scores import TEST_MIX

HELD_OUT = {
    "rmse": "held-out RMSE",
    "rmse_first": "first kind",
    "rmse_second": "second kind",
    **{f"rmse_{region}": spoken(region) for region in REGIONS},
    "rmse_test_mix": "test mix",
    "error_percent": "error, % of eye distance",
}
"""Scores of the held-out rows, and what stands above their columns."""
TEST = {"test_rmse": "test RMSE", "test_rmse_first": "test, first kind", "test_rmse_second": "test, second kind"}


def columns(comparison: Comparison) -> dict[str, str]:
    """The scores of the table and their headers."""
    return (TEST if comparison.solution is not None else {}) | HELD_OUT


def ratios(comparison: Comparison) -> list[tuple[float | None, float | None]]:
    """The main score of each row of the table in % of the row above, and of the mean; None where it is not known."""
    values = [entry.mean(comparison.main) for entry in comparison.table]
    above = [None, *values[:-1]]
    return [
        (_percent(value, before), None if row == 0 else _percent(value, values[0]))
        for row, (value, before) in enumerate(zip(values, above, strict=True))
    ]


def add_models(page: Page, comparison: Comparison) -> None:
    """Adds the table of models, and what the runs behind it are."""
    page.section(
        "Models",
        "RMSE is the root mean squared error of the labelled coordinates, in pixels of the 96×96 image: lower is "
        "better. Each row shows the plain network of one fold, without mirrored images; over several seeds it is the "
        f"mean. The row “{comparison.mean.name}” gives every face the mean points of the training rows.",
        "Rows of the first kind are labelled with nearly all points, those of the second with no more than four. The "
        f"test mix weighs both as the competition does: RMSE² = {TEST_MIX[0]:g}·A² + {TEST_MIX[1]:g}·B². The error in "
        "% is the mean distance of the points from their labels, in % of the distance between the eye centres. “% of "
        f"above” and “% of mean” compare the {comparison.main_title} with the row above and with the mean.",
        f"{_same_rows(comparison)}Held-out rows did choose the epochs whose weights were kept, which flatters held-out "
        "scores a little.",
    )
    scores = columns(comparison)
    first, *others = scores
    header = ["model", scores[first], "% of above", "% of mean", *(scores[score] for score in others)]
    rows: list[list[object]] = []
    for entry, (above, mean) in zip(comparison.table, ratios(comparison), strict=True):
        parameters, seconds, memory = (entry.cost(name) for name in ("parameters", "seconds", "peak_memory_mb"))
        cells = [entry.mean(first), *(None if value is None else f"{value:.1f}" for value in (above, mean))]
        cost = [
            len(entry.seeds) or None,
            None if parameters is None else round(parameters),
            None if seconds is None else f"{seconds / 60:.1f}",
            None if memory is None else round(memory),
        ]
        rows.append([entry.name, *cells, *(entry.mean(score) for score in others), *cost])
    caption = (
        "Minutes and memory are those of training one fold, of an ensemble all of its networks; of a training that was "
        "resumed, only those since then."
    )
    page.table([*header, "seeds", "parameters", "minutes", "memory, MB"], rows, caption)
    _add_ranges(page, comparison)
    _add_main_figure(page, comparison)
    _add_runs(page, comparison)


def records(comparison: Comparison) -> list[dict[str, Any]]:
    """The rows of the table as numbers, with all scores of each run."""
    found = []
    for entry, (above, mean) in zip(comparison.table, ratios(comparison), strict=True):
        scores = {name: entry.spread(name) for name in entry.members[0].scores}
        kind = "mean" if entry is comparison.mean else "ensemble" if entry.options is None else "run"
        found.append({
            "name": entry.name,
            "kind": kind,
            "options": options_of(entry),
            "seeds": entry.seeds,
            **{name: entry.cost(name) for name in entry.members[0].cost},
            "scores": {name: None if spread is None else spread._asdict() for name, spread in scores.items()},
            "percent_of_above": above,
            "percent_of_mean": mean,
            "runs": [
                {
                    "folder": None if member.folder is None else str(member.folder),
                    "seed": None if member.options is None else member.options.seed,
                    "folds": list(member.folds),
                    "held_out_rows": len(member.rows),
                    "scores": member.scores,
                }
                for member in entry.members
            ],
        })  # fmt: skip
    return found


def spoken_score(entry: Entry, score: str) -> str:
    """A model's score in words, with its range over the seeds if there are several."""
    spread = entry.spread(score)
    if spread is None:
        return f"{entry.name} –"
    several = len(entry.seeds) > 1
    return f"{entry.name} {spread.mean:.3f}" + (f" ({spread.low:.3f} to {spread.high:.3f})" if several else "")


def _add_ranges(page: Page, comparison: Comparison) -> None:
    several = [entry for entry in comparison.entries if len(entry.members) > 1]
    if not several:
        return
    scores = columns(comparison)
    rows: list[list[object]] = []
    for entry in several:
        spreads = [entry.spread(score) for score in scores]
        cells = [None if spread is None else f"{spread.low:.3f} to {spread.high:.3f}" for spread in spreads]
        rows.append([entry.name, ", ".join(map(str, entry.seeds)), *cells])
    page.table(
        ["model", "seeds", *scores.values()], rows, "The range of each score over the seeds, from lowest to highest."
    )


def _add_main_figure(page: Page, comparison: Comparison) -> None:
    known = [entry for entry in comparison.table if entry.mean(comparison.main) is not None]
    if not known:
        return
    shown, axes = figure(0.9 + 0.42 * len(known))
    for place, entry in enumerate(known):
        colour, height = colours(comparison)[entry.name], entry.mean(comparison.main) or 0.0
        axes[0, 0].barh(place, height, color=colour, alpha=0.35, height=0.62)
        values = [value for member in entry.members if (value := member.scores[comparison.main]) is not None]
        beside = place + (np.arange(len(values)) - (len(values) - 1) / 2) * (0.5 / len(values))  # of seeds nearly alike
        axes[0, 0].plot(values, beside, "o", color=colour, markersize=5)
        axes[0, 0].annotate(
            f"{height:.3f}", (max(values), place), (7, 0), textcoords="offset points", va="center", fontsize=8
        )
    axes[0, 0].set_yticks(range(len(known)), [entry.name for entry in known])
    axes[0, 0].invert_yaxis()
    axes[0, 0].margins(x=0.1)
    axes[0, 0].set_xlabel(f"{comparison.main_title}, pixels", fontsize=8)
    caption = "; ".join(spoken_score(entry, comparison.main) for entry in known)
    page.figure("models", shown, f"The {comparison.main_title} in pixels, a dot for each seed: {caption}.")


def _add_runs(page: Page, comparison: Comparison) -> None:
    rows: list[list[object]] = []
    for entry in comparison.entries:
        for member in entry.members:
            seed = None if member.options is None else member.options.seed
            folds = ", ".join(map(str, member.folds)) or None
            behind = (entry.name, str(member.folder), seed, folds, len(member.rows), member.scores[comparison.main])
            rows.append([*behind])
    header = ["model", "folder", "seed", "folds", "held-out rows", comparison.main_title]
    page.table(header, rows, "What stands behind the rows of the table above.")


def _same_rows(comparison: Comparison) -> str:
    members = [entry.members for entry in comparison.entries]
    if len(members) == 1:
        return "Held-out rows took no part in the training of the weights. "
    if all(any(a.same_rows(b) for b in theirs) for ours in members for theirs in members for a in ours):
        return "All models hold out the same rows, so their held-out scores can be compared. "
    return "The models do not all hold out the same rows, so their held-out scores differ in part because of these. "


def _percent(value: float | None, of: float | None) -> float | None:
    return 100 * value / of if value is not None and of else None
