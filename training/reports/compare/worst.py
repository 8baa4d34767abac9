"""The held-out faces on which each model is worst, and how its errors are distributed."""

from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray

from training.reports.compare.entries import Comparison, Entry, Trained
from training.reports.compare.faces import ABOUT_MARKERS, LABEL, PREDICTION
from training.reports.compare.looks import colours, draw_grid, label_plainly
from training.reports.page import Page
from training.reports.rows import number, row_name, unit
from training.reports.style import figure, show_face
from training.scores import face_errors

FACES = 6
SHARES = (50, 90, 95, 99, 100)
"""Percentiles of the errors that are told, and 100 for the largest."""


def errors_of(comparison: Comparison, member: Trained) -> NDArray[np.float64]:
    """The RMSE of each held-out face (R,) in pixels; NaN where a face has no label."""
    return face_errors(member.held, comparison.dataset.training.points[member.rows])


def worst_places(comparison: Comparison, entry: Entry) -> list[int]:
    """Places, among the held-out rows of a model's first run, of the faces with the largest error, worst first."""
    errors = errors_of(comparison, entry.members[0])
    order = np.argsort(-np.where(np.isnan(errors), -1, errors), kind="stable")[:FACES]
    return [int(place) for place in order if not np.isnan(errors[place])]


def add_worst(page: Page, comparison: Comparison) -> None:
    """Adds the worst faces and the distribution of errors; no section where no held-out row has a label."""
    known = [(entry, places) for entry in comparison.entries if (places := worst_places(comparison, entry))]
    if not known:
        return
    page.section(
        "Worst cases",
        "The held-out faces with the largest RMSE, worst first; of a model with several seeds, those of its first run. "
        "Where the crosses lie on the face and the dots do not, the label is at fault and not the model.",
    )
    faces = comparison.dataset.training
    shown, axes = figure(0.4 + 1.68 * len(known), len(known), max(len(places) for _, places in known))
    said = []
    for line, (entry, places) in zip(axes, known, strict=True):
        member, errors = entry.members[0], errors_of(comparison, entry.members[0])
        names = [row_name(comparison.dataset, int(member.rows[place])) for place in places]
        for each, place, name in zip(line, places, names, strict=False):
            row = int(member.rows[place])
            layers = (faces.points[row], LABEL, "o"), (member.held[place], PREDICTION, "x")
            show_face(each, faces.images[row], *layers, title=f"{name}: {errors[place]:.1f} px")
        for each in line[len(places) :]:
            each.remove()
        line[0].set_ylabel(fill(entry.name, 22), fontsize=8)
        said.append(f"{entry.name} {errors[places[0]]:.1f} pixels ({names[0]})")
    caption = f"The largest errors, a row for each model: {'; '.join(said)}. {ABOUT_MARKERS}."
    page.figure("worst_cases", shown, caption)
    _add_distribution(page, comparison)


def records(comparison: Comparison) -> dict[str, Any]:
    """The worst faces and the distribution of errors as numbers."""
    worst = {}
    for entry in comparison.entries:
        rows, errors = entry.members[0].rows.tolist(), errors_of(comparison, entry.members[0])
        worst[entry.name] = [
            {"row": rows[at], unit(comparison.dataset): number(comparison.dataset, rows[at]), "rmse": float(errors[at])}
            for at in worst_places(comparison, entry)
        ]
    return {"worst": worst, "face_rmse_percentiles": percentiles(comparison)}


def percentiles(comparison: Comparison) -> dict[str, dict[str, float]]:
    """The percentiles of each model's errors over the held-out faces of all its runs."""
    found = {}
    for entry in comparison.table:
        errors = _all_errors(comparison, entry)
        if len(errors):
            found[entry.name] = {str(share): float(np.percentile(errors, share)) for share in SHARES}
    return found


def _add_distribution(page: Page, comparison: Comparison) -> None:
    shown, axes = figure(3.8)
    for entry in comparison.table:
        errors = _all_errors(comparison, entry)
        if len(errors):
            style = "--" if entry is comparison.mean else "-"
            axes[0, 0].ecdf(errors, label=entry.name, color=colours(comparison)[entry.name], linestyle=style)
    axes[0, 0].set_xscale("log")
    label_plainly(axes[0, 0].xaxis, (1, 2, 5))
    axes[0, 0].yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol=" %"))
    draw_grid(axes[0, 0])
    axes[0, 0].set_xlabel("RMSE of a face, pixels", fontsize=8)
    axes[0, 0].set_ylabel("held-out faces with at most this error", fontsize=8)
    axes[0, 0].legend(fontsize=8, frameon=False)
    found = percentiles(comparison)
    medians = "; ".join(f"{name} {values['50']:.2f}" for name, values in found.items())
    page.text("The further to the left a curve runs, the smaller the errors; its upper end shows the worst faces.")
    page.figure("cumulative_errors", shown, f"Share of held-out faces by their RMSE. The median face: {medians}.")
    header = ["model", "median", *(f"{share} % below" for share in SHARES[1:-1]), "largest"]
    page.table(header, [[name, *values.values()] for name, values in found.items()], "RMSE of a face in pixels.")


def _all_errors(comparison: Comparison, entry: Entry) -> NDArray[np.float64]:
    errors = np.concatenate([errors_of(comparison, member) for member in entry.members])
    return np.asarray(errors[~np.isnan(errors)])
