"""The figure: steadiness against lag, and lag against speed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tracker.smoothing import LEVELS
from training.reports.style import COLOURS, figure

NOISE = "4"
Found = dict[str, dict[str, Any]]


def worst_lag(values: dict[str, Any]) -> float:
    """The largest lag of all motions, frames."""
    return max(values["lag"].values())


def draw(found: Found, strengths: Sequence[float], speeds: Sequence[float]) -> Figure:
    """Draws both panels from a summary by name."""
    made, axes = figure(4.0, columns=2)
    _curve(axes[0, 0], found, strengths)
    _speeds(axes[0, 1], found, speeds)
    return made


def _curve(axes: Axes, found: Found, strengths: Sequence[float]) -> None:
    for name, colour in (("fkd", COLOURS[0]), ("One Euro", COLOURS[1])):
        curve = [found[f"{name} {strength:g}"] for strength in strengths]
        label = "common motion and rest (fkd)" if name == "fkd" else "each point by itself (One Euro)"
        x, y = [worst_lag(each) for each in curve], [each["unrest"][NOISE] for each in curve]
        axes.plot(x, y, color=colour, marker=".", markersize=4, linewidth=1.2, label=label)
    for level in LEVELS:
        x, y = worst_lag(found[level]), found[level]["unrest"][NOISE]
        chosen = level == "normal"
        label = "default" if chosen else None
        axes.plot(x, y, "*" if chosen else "o", color=COLOURS[0], markersize=13 if chosen else 6, label=label)
        axes.annotate(level, (x, y), (7, 5), textcoords="offset points", fontsize=8)
    mesh = _mesh(found)
    axes.plot(worst_lag(mesh), mesh["unrest"][NOISE], "s", color=COLOURS[2], markersize=7, label="FaceMesh")
    axes.axhline(mesh["unrest"][NOISE] / 2, color=COLOURS[2], linewidth=0.8, linestyle="--", label="half of FaceMesh's")
    axes.axvline(1, color="#999999", linewidth=0.8, linestyle=":")
    axes.set_xlim(right=3.2)
    axes.set_ylim(bottom=0)
    axes.set_xlabel("largest lag over all motions, frames at 30 per second", fontsize=8)
    axes.set_ylabel(f"unrest of a still face, noise {NOISE}, % of the eye distance", fontsize=8)
    axes.legend(fontsize=7, frameon=False)


def _speeds(axes: Axes, found: Found, speeds: Sequence[float]) -> None:
    lines = [
        (level, found[level], COLOURS[0], style) for level, style in zip(LEVELS, (":", "-.", "-", "--"), strict=True)
    ]
    lines += [("One Euro", found["One Euro 1"], COLOURS[1], "-"), ("FaceMesh", _mesh(found), COLOURS[2], "-")]
    for name, values, colour, style in lines:
        y = np.array([values["lag"][f"even {speed:g}"] for speed in speeds])
        axes.plot(speeds, y, color=colour, linestyle=style, marker=".", markersize=4, linewidth=1.2, label=name)
    axes.axhline(1, color="#999999", linewidth=0.8, linestyle=":")
    axes.set_xscale("log")
    axes.set_xticks(list(speeds), [f"{speed:g}" for speed in speeds])
    axes.minorticks_off()
    axes.set_xlabel("even speed, face widths per second", fontsize=8)
    axes.set_ylabel("lag, frames", fontsize=8)
    axes.legend(fontsize=7, frameon=False)


def _mesh(found: Found) -> dict[str, Any]:
    return found.get("FaceMesh") or found["FaceMesh, all 468"]
