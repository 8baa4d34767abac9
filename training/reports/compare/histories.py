"""Training histories side by side."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from tracker.errors import InputError
from tracker.keypoints import REGIONS
from training.data.conventions import GROUP_OF
from training.fitting.checkpoint import HISTORY, read_history
from training.reports.compare.entries import Comparison
from training.reports.compare.looks import colours, draw_grid, label_plainly
from training.reports.page import Page
from training.reports.style import COLOURS, figure, spoken

COLUMNS = (("points_rmse", "val_points_rmse"), ("rmse", "val_rmse"))
"""What the RMSE is called in the histories of networks with maps, and of the others."""
ORDER = ("joint", *REGIONS, *dict.fromkeys(GROUP_OF))
PER_ROW = 3


@dataclass(frozen=True, slots=True)
class History:
    """How the training of one network went.

    Attributes:
        model: the name of its model in the report.
        seed, fold, part: which network of the model.
        epochs: passes over the rows, from 1.
        training, validation: RMSE in pixels after each; None where nothing had a label.
    """

    model: str
    seed: int
    fold: int
    part: str
    epochs: list[int]
    training: list[float | None]
    validation: list[float | None]

    @property
    def best(self) -> int | None:
        """The place of the epoch whose weights were kept: the last of those with the lowest validation RMSE."""
        known = [(value, -place) for place, value in enumerate(self.validation) if value is not None]
        return -min(known)[1] if known else None


def read_histories(comparison: Comparison) -> list[History]:
    """Reads the histories of all finished folds.

    Raises:
        InputError: one of them is not what a training writes.
    """
    found = []
    for entry in comparison.entries:
        for member in entry.members:
            if member.folder is None or member.options is None:
                continue
            for fold in member.folds:
                files = sorted((member.folder / f"fold-{fold}").glob(f"*/{HISTORY}"), key=_place)
                for file in files:
                    columns = _read(file)
                    if columns is not None:
                        found.append(History(entry.name, member.options.seed, fold, file.parent.name, *columns))
    return found


def add_histories(page: Page, comparison: Comparison, histories: list[History]) -> None:
    """Adds the section of the histories; none where no history was kept."""
    models = [entry.name for entry in comparison.entries if any(each.model == entry.name for each in histories)]
    if not models:
        return
    page.section(
        "Training histories",
        "RMSE in pixels by passes over the training rows, on the same axes for all models. The gap between a solid and "
        "a dashed line shows how far the network serves its training rows better than others; where a "
        "solid line no longer falls, more epochs bring nothing.",
        "Training rows are measured as the network sees them in training, augmented and with dropout where the model "
        "has it, so a dashed line may lie above. Lines of parts cover different keypoints.",
    )
    columns = min(PER_ROW, len(models))
    rows = -(-len(models) // columns)
    shown, axes = figure(0.7 + 2.7 * rows, rows, columns, sharex=True, sharey=True)
    for each, model in zip(axes.flat, models, strict=False):
        _draw(each, model, [one for one in histories if one.model == model], colours(comparison)[model])
    for each in axes.flat[len(models) :]:
        each.remove()
    for each in axes[:, 0]:
        each.set_ylabel("RMSE, pixels", fontsize=8)
    styles = [
        Line2D([], [], color="#333", linestyle="-", label="validation"),
        Line2D([], [], color="#333", linestyle="--", label="training"),
        Line2D([], [], color="#333", linestyle="", marker="o", markersize=4, label="epoch whose weights were kept"),
    ]
    shown.legend(handles=styles, loc="outside lower center", ncols=3, fontsize=8, frameon=False)
    table = [_summary(model, [one for one in histories if one.model == model]) for model in models]
    said = [
        f"{name} ({part}) reaches {score:.3f} in epoch {epoch}"
        for lines in table
        for name, part, _, _, epoch, score, _ in lines
        if isinstance(score, float)
    ]
    page.figure("histories", shown, f"Training and validation RMSE by epoch: {'; '.join(said)}.")
    header = ["model", "part", "networks", "epochs", "best epoch", "validation RMSE there", "training RMSE there"]
    page.table(header, [line for lines in table for line in lines], "Means over seeds and folds, RMSE in pixels.")


def records(histories: list[History]) -> list[dict[str, Any]]:
    """The histories as numbers."""
    return [
        {
            "model": one.model, "seed": one.seed, "fold": one.fold, "part": one.part, "epochs": one.epochs,
            "training_rmse": one.training, "validation_rmse": one.validation,
            "best_epoch": None if one.best is None else one.epochs[one.best],
        }
        for one in histories
    ]  # fmt: skip


def _draw(axes: Axes, model: str, histories: list[History], colour: str) -> None:
    parts = list(dict.fromkeys(one.part for one in histories))
    for one in histories:
        shade = colour if len(parts) == 1 else COLOURS[parts.index(one.part) % len(COLOURS)]
        marker = "." if len(one.epochs) == 1 else ""
        for values, style, opacity in ((one.training, "--", 0.55), (one.validation, "-", 0.9)):
            axes.plot(one.epochs, _array(values), style, marker=marker, color=shade, linewidth=1.1, alpha=opacity)
        if one.best is not None:
            axes.plot(one.epochs[one.best], _array(one.validation)[one.best], "o", color=shade, markersize=4)
    axes.set_yscale("log")
    label_plainly(axes.yaxis, (1, 1.5, 2, 3, 5, 7))
    axes.tick_params(labelbottom=True)
    draw_grid(axes)
    axes.set_title(model, fontsize=9)
    axes.set_xlabel("epoch", fontsize=8)
    if len(parts) > 1:
        lines = [Line2D([], [], color=COLOURS[i % len(COLOURS)], label=spoken(part)) for i, part in enumerate(parts)]
        axes.legend(handles=lines, fontsize=7, frameon=False, handlelength=1.2)


def _summary(model: str, histories: list[History]) -> list[list[object]]:
    lines: list[list[object]] = []
    for part in dict.fromkeys(one.part for one in histories):
        ours = [one for one in histories if one.part == part]
        best = [(one, one.best) for one in ours if one.best is not None]
        scores = [_mean([getattr(one, name)[at] for one, at in best]) for name in ("validation", "training")]
        epochs = _mean([float(one.epochs[at]) for one, at in best])
        passes = round(sum(len(one.epochs) for one in ours) / len(ours))
        lines.append([model, spoken(part), len(ours), passes, None if epochs is None else round(epochs), *scores])
    return lines


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _array(values: list[float | None]) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values])


def _place(file: Path) -> tuple[int, str]:
    name = file.parent.name
    return (ORDER.index(name) if name in ORDER else len(ORDER), name)


def _read(file: Path) -> tuple[list[int], list[float | None], list[float | None]] | None:
    """Reads epochs, training and validation RMSE; None if the file holds no row."""
    rows = read_history(file.parent)
    if not rows:
        return None
    try:
        names = next(names for names in COLUMNS if names[1] in rows[0])
        training, validation = ([row[name] or None for row in rows] for name in names)  # 0: nothing had a label
        return [int(row["epoch"]) + 1 for row in rows], training, validation
    except (KeyError, StopIteration):
        raise InputError(f"{file} is not the history of a training.") from None
