"""The errors of each keypoint."""

import numpy as np
from matplotlib.figure import Figure

from tracker.keypoints import KEYPOINTS
from training.reports.compare.entries import Comparison, Entry
from training.reports.compare.looks import colours, draw_grid, markers
from training.reports.page import Page
from training.reports.style import figure, spoken


def add_keypoints(page: Page, comparison: Comparison) -> None:
    """Adds the errors per keypoint, as tables and as a figure."""
    page.section(
        "Keypoints",
        "The RMSE of each keypoint in pixels: lower is better. A keypoint with two conventions is scored in that of "
        "each row.",
    )
    titles = _titles(comparison)
    if not titles:
        page.text("No held-out row has a label.")
        return
    caption = f"RMSE per keypoint on {' and '.join(titles.values())}: {_extremes(comparison)}."
    page.figure("keypoints", draw_keypoints(comparison), caption)
    for prefix, title in titles.items():
        listed = [_of_keypoints(entry, prefix) for entry in comparison.table]
        rows = [[spoken(name), *(values[index] for values in listed)] for index, name in enumerate(KEYPOINTS)]
        page.table(["keypoint", *(entry.name for entry in comparison.table)], rows, f"RMSE in pixels, {title}.")


def draw_keypoints(comparison: Comparison) -> Figure:
    """Draws the errors per keypoint: a dot for each model, on the same axes for held-out rows and test images."""
    titles = _titles(comparison)
    shown, axes = figure(5.2, 1, len(titles), sharex=True, sharey=True)
    places, count = np.arange(len(KEYPOINTS)), len(comparison.entries)
    for each, (prefix, title) in zip(axes[0], titles.items(), strict=True):
        for index, entry in enumerate(comparison.entries):
            values = [np.nan if value is None else value for value in _of_keypoints(entry, prefix)]
            marker, colour = markers(comparison)[entry.name], colours(comparison)[entry.name]
            beside = places + min(0.6 / count, 0.12) * (index - (count - 1) / 2)
            each.plot(values, beside, marker, color=colour, label=entry.name, markersize=4.5, alpha=0.9)
        each.set_yticks(places, [spoken(name) for name in KEYPOINTS])
        draw_grid(each)
        each.set_title(title, fontsize=9)
        each.set_xlabel("RMSE, pixels", fontsize=8)
    axes[0, 0].set_xlim(left=0)  # only now that all is drawn: it also fixes the other end
    axes[0, 0].invert_yaxis()
    handles, labels = axes[0, 0].get_legend_handles_labels()
    shown.legend(handles, labels, loc="outside lower center", ncols=4, fontsize=8, frameon=False)
    return shown


def _titles(comparison: Comparison) -> dict[str, str]:
    """What the scores are of, by the beginning of their names, as far as anything could be scored."""
    titles = {"": "held-out rows", "test_": "test images"}
    return {
        prefix: title
        for prefix, title in titles.items()
        if any(value is not None for entry in comparison.entries for value in _of_keypoints(entry, prefix))
    }


def _of_keypoints(entry: Entry, prefix: str) -> list[float | None]:
    return [entry.mean(f"{prefix}rmse_{name}") for name in KEYPOINTS]


def _extremes(comparison: Comparison) -> str:
    """The best and the worst keypoint of each model, on the rows of its main score."""
    prefix = comparison.main.removesuffix("rmse")
    said = []
    for entry in comparison.entries:
        values = _of_keypoints(entry, prefix)
        known = sorted(
            (value, spoken(name)) for value, name in zip(values, KEYPOINTS, strict=True) if value is not None
        )
        if known:
            said.append(f"{entry.name} {known[0][0]:.2f} ({known[0][1]}) to {known[-1][0]:.2f} ({known[-1][1]})")
    return "; ".join(said)
