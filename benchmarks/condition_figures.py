"""Figures of what `conditions.py` measured: error and faces found, and confidence of covered points."""

from pathlib import Path
from typing import Any

import numpy as np
from condition_levels import COVERING
from matplotlib.axes import Axes
from spoiling import place

from tracker.pipeline import Tracker
from tracker.sources.demo import PORTRAIT
from tracker.sources.images import read_image
from training.reports.style import COLOURS, figure, hide_ticks

COLUMNS = 4
MOST = 15.0
"""Errors above this, %, are cut off: they are all useless."""
SURE = 0.5
LOOKS = {
    "fkd": ("fkd", COLOURS[0], ".-"),
    "facemesh": ("FaceMesh, finding\nall it can", COLOURS[1], ".-"),
    "facemesh_defaults": ("FaceMesh, default\nthreshold", COLOURS[1], ".:"),
    "dlib": ("dlib", COLOURS[2], ".-"),
}
"""What stands in the legend for each program, its colour and its line."""
TITLES = {
    "yaw": "Turned aside (yaw)",
    "size": "Size of the face",
    "roll": "Tilted (roll)",
    "darkness": "Little light",
    "motion": "Motion blur",
    "JPEG": "JPEG",
    "hand": "Hand over the mouth",
    "microphone": "Microphone before the mouth",
    "eye": "One eye covered",
}


def draw(result: dict[str, Any], folder: Path) -> None:
    """Draws what `conditions.measure` returned as curves.png and confidence.png."""
    conditions = result["conditions"]
    _curves(conditions, folder / "curves.png")
    covering = {name: each for name, each in conditions.items() if any("covered" in x for x in each["levels"])}
    if covering:
        _confidence(covering, folder / "confidence.png")


def draw_covered(path: Path, percent: float = 60) -> None:
    """Draws the portrait with each thing in the way, and the tracker's points: filled if their confidence is 0.5."""
    made, axes = figure(3.1, 1, 3)
    image = read_image(PORTRAIT)
    with Tracker() as tracker:
        plain = place(image, tracker.detect(image).points[0], 200)
        for each, (name, spoil) in zip(axes[0], COVERING.items(), strict=True):
            scene = spoil(plain, percent, np.random.default_rng(1))
            face = tracker.detect(scene.image)[0]
            each.imshow(scene.image[:, :, ::-1], interpolation="bilinear")
            for confidence, (x, y) in zip(face.confidence[0], face.points[0], strict=True):
                inside = COLOURS[0] if confidence >= SURE else "none"
                each.plot(x, y, "o", markersize=5, markerfacecolor=inside, markeredgecolor=COLOURS[0])
            each.set_xlim(*np.array([-1, 1]) * 150 + scene.points[:, 0].mean())
            each.set_ylim(*np.array([1, -1]) * 150 + scene.points[:, 1].mean())
            hide_ticks(each)
            each.set_title(_title(name), fontsize=9, loc="left")
    made.savefig(path, dpi=110, facecolor="white")


def _curves(conditions: dict[str, Any], path: Path) -> None:
    """Two panels per condition, one above the other: error, and faces found."""
    bands = -(-len(conditions) // COLUMNS)
    heights = [3, 1.2] * bands
    made, axes = figure(3.1 * bands, 2 * bands, COLUMNS, height_ratios=heights)
    programs = list(next(iter(conditions.values()))["levels"][0]["programs"])
    for number, (name, condition) in enumerate(conditions.items()):
        row, column = 2 * (number // COLUMNS), number % COLUMNS
        error, found = axes[row, column], axes[row + 1, column]
        levels = [level["level"] for level in condition["levels"]]
        ticks = np.arange(len(levels))
        for program in programs:
            words, colour, line = LOOKS[program]
            rows = [level["programs"][program] for level in condition["levels"]]
            means = np.array([np.nan if each["mean"] is None else each["mean"] for each in rows])
            error.plot(ticks, means, line, color=colour, label=words, linewidth=1.4)
            found.plot(ticks, [each["found_percent"] for each in rows], line, color=colour, linewidth=1.4)
        error.set_ylim(0, MOST)
        error.set_yticks([0, 5, 10, 15])
        found.set_ylim(-5, 105)
        error.set_xticks(ticks, [])
        shown = [level if isinstance(level, str) else f"{level:g}" for level in levels]
        found.set_xticks(ticks, shown, fontsize=6.5 if len(shown) > 7 else 8, rotation=90 if len(shown) > 7 else 0)
        error.set_title(_title(name), fontsize=9, loc="left")
        found.set_xlabel(condition["axis"], fontsize=7)
        for each in (error, found):
            each.grid(axis="y", color="#e5e5e5", linewidth=0.6)
        if column == 0:
            error.set_ylabel("error, % of the\neye distance", fontsize=8)
            found.set_ylabel("found, %", fontsize=8)
    for spare in range(len(conditions), bands * COLUMNS):
        for each in axes[2 * (spare // COLUMNS) :, spare % COLUMNS][:2]:
            each.set_axis_off()
    handles, names = axes[0, 0].get_legend_handles_labels()
    corner = axes[2 * (bands - 1), COLUMNS - 1] if len(conditions) < bands * COLUMNS else axes[0, 0]
    corner.legend(handles, names, frameon=False, fontsize=9, loc="center")
    made.savefig(path, dpi=110, facecolor="white")


def _confidence(covering: dict[str, Any], path: Path) -> None:
    """One panel per thing in the way: mean confidence of the points under it and of the others."""
    made, axes = figure(2.6, 1, len(covering), sharey=True)
    for each, (name, condition) in zip(axes[0], covering.items(), strict=True):
        _lines(each, [level for level in condition["levels"] if "covered" in level])
        each.set_title(_title(name), fontsize=9, loc="left")
        each.set_xlabel(condition["axis"], fontsize=8)
        each.grid(axis="y", color="#e5e5e5", linewidth=0.6)
    axes[0, 0].set_ylim(0, 1)
    axes[0, 0].set_ylabel("mean confidence", fontsize=8)
    axes[0, 0].legend(frameon=False, fontsize=7)
    made.savefig(path, dpi=110, facecolor="white")


def _title(name: str) -> str:
    return TITLES.get(name, name.capitalize())


def _lines(axes: Axes, levels: list[dict[str, Any]]) -> None:
    places = [level["level"] for level in levels]
    for kind, colour in (("covered", COLOURS[1]), ("uncovered", COLOURS[0])):
        rows = [level[kind] for level in levels]
        axes.plot(places, [row["confidence"] for row in rows], ".-", color=colour, label=f"{kind} points")
        plain = [row["confidence_plain"] for row in rows]
        axes.plot(places, plain, "--", color=colour, linewidth=1, label="the same, plain picture")
    axes.set_xticks(places)
