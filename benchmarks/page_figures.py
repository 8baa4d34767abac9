"""The two figures of the benchmarks' page that the README shows: speed and accuracy."""

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from training.reports.style import COLOURS as PALETTE

NAMES = {"fkd": "fkd", "facemesh": "MediaPipe FaceMesh", "dlib": "dlib, trained on 300-W"}
COLOURS = dict(zip(NAMES, PALETTE, strict=False))
OTHER = PALETTE[-1]


def draw_speed(numbers: dict[str, Any], path: Path) -> None:
    """Draws milliseconds per frame against faces per frame, a line per program."""
    rows = numbers["results"]
    faces = [row["faces"] for row in rows]
    series = {"fkd": [row["ms"] for row in rows]}
    series |= {name: [row["peers"][name]["ms"] for row in rows] for name in rows[0]["peers"]}
    figure = Figure(figsize=(6.4, 3.6), layout="constrained")
    axes = figure.add_subplot()
    for name, values in series.items():
        axes.plot(faces, values, "o-", color=COLOURS.get(name, OTHER), label=NAMES.get(name, name))
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks(faces, [str(count) for count in faces])
    ticks = [tick for tick in (1, 2, 5, 10, 20, 50, 100) if min(map(min, series.values())) / 2 < tick]
    axes.set_yticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    axes.set_xlabel("faces in the frame")
    axes.set_ylabel("ms per 640×480 frame")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    figure.savefig(path, dpi=130)


def draw_accuracy(numbers: dict[str, Any], path: Path) -> None:
    """Draws each program's mean error on the faces that all found, and the share of faces that it found."""
    programs = numbers["programs"]
    names = list(programs)
    figure = Figure(figsize=(6.4, 2.4), layout="constrained")
    panels = figure.subplots(1, 2, sharey=True)
    for axes, key, title in (
        (panels[0], "mean_common", "mean error on faces that all found, %"),
        (panels[1], "found_percent", "faces found, %"),
    ):
        values = [programs[name][key] for name in names]
        bars = axes.barh(range(len(names)), values, color=[COLOURS.get(name, OTHER) for name in names])
        axes.bar_label(bars, fmt="%.2f" if key == "mean_common" else "%.1f", padding=3)
        axes.set_title(title, fontsize=9)
        axes.set_xlim(0, 1.2 * max(values))
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_yticks(range(len(names)), [NAMES.get(name, name) for name in names])
    panels[0].invert_yaxis()
    figure.savefig(path, dpi=130)
