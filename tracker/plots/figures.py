"""The panels put together: on one PNG, or on one HTML page that needs no other file."""

import base64
import io
import warnings
from collections.abc import Callable
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tracker.errors import OutputError
from tracker.plots import panels
from tracker.plots.panels import View
from tracker.plots.reading import Table

SUFFIXES = (".png", ".html")
WIDTH = 10.0
"""Inches."""
RESOLUTION = 120
"""Dots per inch."""
_COMPUTED = "computed from the points; angles against the line of sight"

Draw = Callable[[Axes], None]


def write_plots(table: Table, name: str, path: Path) -> None:
    """Draws a points file.

    Args:
        table: its faces.
        name: what it is called on the plots.
        path: .png or .html, which is replaced.

    Raises:
        OutputError: the name is neither, or the file cannot be written.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise OutputError(f"A plot cannot be written as {path.name}; name the file {' or '.join(SUFFIXES)}.")
    png = path.suffix.lower() == ".png"
    content = _png(_together(table, name)) if png else _page(table, name).encode("utf-8")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}.") from None


def summary(table: Table) -> str:
    """What the file holds, in one sentence."""
    if len(table) == 0:
        return "There is no face in this file."
    ids, frames = len(set(table.ids.tolist())), len(set(table.times.tolist()))
    where = "picture" if table.pictures else "frame"
    return f"{_count(len(table), 'face')} under {_count(ids, 'id')}, in {_count(frames, where)}."


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _over_time(view: View) -> list[tuple[Draw, str, float]]:
    """The panels that share the axis of time: what draws each, its caption and its height in inches."""
    measures = panels.measures_of(view)
    how = "" if view.table.measures else f" ({_COMPUTED})"

    def timeline(axes: Axes) -> None:
        panels.timeline(axes, view)

    def pose(axes: Axes) -> None:
        panels.curves(axes, view, measures, panels.POSE, "degrees")
        axes.set_title(f"Head pose{how}")

    def mouth(axes: Axes) -> None:
        panels.curves(axes, view, measures, panels.MOUTH, "eye distances")
        axes.set_title("Mouth")

    def eyebrows(axes: Axes) -> None:
        panels.curves(axes, view, measures, panels.EYEBROWS, "eye distances")
        axes.set_title("Eyebrows above the eyes")

    bars = min(len(view.ids), panels.BARS)
    return [
        (timeline, "A bar per id: when the face was there.", 1.0 + 0.16 * bars),
        (pose, f"Yaw, pitch and roll; left and up are positive. A colour per id, as in the timeline{how}.", 1.9),
        (mouth, "Opening and width of the mouth, in eye distances.", 1.9),
        (eyebrows, "How far the eyebrows are above the eyes, in eye distances.", 1.9),
    ]


def _in_picture(view: View) -> list[tuple[Draw, str]]:
    def went(axes: Axes) -> None:
        panels.trajectories(axes, view)

    def were(axes: Axes) -> None:
        panels.heat_map(axes, view)

    return [
        (went, "The way of the middle of each face through the picture, from the dot on."),
        (were, "How often each place of the picture was inside a face's box."),
    ]


def _together(table: Table, name: str) -> Figure:
    view = View.of(table)
    if len(table) == 0:
        figure, axes = _figure(1.5)
        axes.axis("off")
        axes.text(0.5, 0.5, summary(table), ha="center", va="center")
    else:
        rows = [] if table.pictures else _over_time(view)
        heights = [*(height for *_, height in rows), 4.0]
        figure = Figure(figsize=(WIDTH, sum(heights) + 0.4), layout="constrained")
        grid = figure.add_gridspec(len(heights), 2, height_ratios=heights)
        shared = None
        for place, (draw, _, _) in enumerate(rows):
            axes = figure.add_subplot(grid[place, :], sharex=shared)
            shared = shared or axes
            _draw(draw, axes)
        for place, (draw, _) in enumerate(_in_picture(view)):
            _draw(draw, figure.add_subplot(grid[-1, place]))
    figure.suptitle(f"{name}: {summary(table)}" if len(table) else name, fontsize=11, parse_math=False)
    return figure


def _page(table: Table, name: str) -> str:
    from jinja2 import Environment, PackageLoader, select_autoescape

    view = View.of(table)
    parts: list[tuple[Draw, str, float]] = []
    if len(table):
        parts = [*([] if table.pictures else _over_time(view)), *((*part, 4.5) for part in _in_picture(view))]
    pictures = []
    for draw, caption, height in parts:
        figure, axes = _figure(height)
        _draw(draw, axes)
        pictures.append((base64.b64encode(_png(figure)).decode("ascii"), caption))
    loader = Environment(loader=PackageLoader("tracker.plots", "templates"), autoescape=select_autoescape(["html"]))
    return loader.get_template("plots.html").render(name=name, summary=summary(table), pictures=pictures)


def _figure(height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.add_subplot()


def _draw(draw: Draw, axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)
    draw(axes)
    axes.set_title(axes.get_title(), loc="left", fontsize=9)
    axes.set_title("")
    axes.xaxis.label.set_fontsize(8)
    axes.yaxis.label.set_fontsize(8)


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # a file's name may have signs that the font lacks
        figure.savefig(buffer, format="png", dpi=RESOLUTION, facecolor="white")
    return buffer.getvalue()
