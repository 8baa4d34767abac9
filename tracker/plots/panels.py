"""The panels of the plots: each draws one view of a table into axes that it is given."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from tracker.measures import Camera, measure
from tracker.plots.reading import Table

COLOURS = ("#1f6feb", "#d9480f", "#2b8a3e", "#9c36b5", "#b08900", "#0b7285", "#c2255c", "#5c677d")
LINES = len(COLOURS)
"""So many faces have curves and trajectories of their own, those that were there most often."""
BARS = 40
"""So many faces have a bar in the timeline."""
GAP = 3.0
"""A face was away when nothing was seen of it for so many frames."""
CELLS = 96
"""The heat map has so many cells along its longer side."""
THINNED = 4000
"""Of so many rows at most measures are computed, since each takes a search for a pose."""
_SIZE = 100.0

POSE = ("yaw", "pitch", "roll")
MOUTH = ("mouth_opening", "mouth_width")
EYEBROWS = ("left_eyebrow_raise", "right_eyebrow_raise")
_DASHES = ("-", "--", ":")


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A table with what several panels need.

    Attributes:
        table: the faces.
        ids: (K,) int64, those that were there most often first.
        step: seconds from frame to frame, the median; 1 for pictures.
    """

    table: Table
    ids: NDArray[np.int64]
    step: float

    @classmethod
    def of(cls, table: Table) -> "View":
        """Looks over a table."""
        ids, counts = np.unique(table.ids, return_counts=True)
        steps = np.diff(np.unique(table.times))
        return cls(table, ids[np.argsort(-counts, kind="stable")], float(np.median(steps)) if len(steps) else 1.0)

    def colour(self, face: int) -> str:
        """The colour of an id in all panels; gray for those beyond the first."""
        place = int(np.flatnonzero(self.ids == face)[0])
        return COLOURS[place] if place < LINES else "#9aa3ad"

    def rows(self, face: int) -> NDArray[np.int64]:
        """The rows (R,) of a face, by time."""
        rows = np.flatnonzero(self.table.ids == face)
        return rows[np.argsort(self.table.times[rows], kind="stable")]

    def breaks(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where a sequence of rows (R,) goes on after the face was away: places in it, from 1 to R - 1."""
        return np.flatnonzero(np.diff(self.table.times[rows]) > GAP * self.step) + 1


def timeline(axes: Axes, view: View) -> None:
    """When each face was there: a bar per id, with gaps."""
    shown = np.sort(view.ids[:BARS])
    for height, face in enumerate(shown.tolist()):
        rows = view.rows(face)
        parts = [view.table.times[part] for part in np.split(rows, view.breaks(rows))]
        bars = [(part[0] - view.step / 2, part[-1] - part[0] + view.step) for part in parts]
        axes.broken_barh(bars, (height - 0.35, 0.7), facecolors=view.colour(face), linewidth=0)
    axes.set_yticks(range(len(shown)), [f"{face}" for face in shown.tolist()])
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_ylabel("id")
    more = len(view.ids) - len(shown)
    axes.set_title("When faces were there" + (f" ({more} more ids were seen less often)" if more else ""))
    _time_axis(axes, view)


def curves(axes: Axes, view: View, measures: dict[str, NDArray[np.float64]], names: tuple[str, ...], unit: str) -> None:
    """Measures over time: a colour per face, a kind of line per measure."""
    for face in view.ids[:LINES].tolist():
        rows = view.rows(face)
        cuts = view.breaks(rows)
        times = np.insert(view.table.times[rows], cuts, np.nan)
        for name, dashes in zip(names, _DASHES, strict=False):
            values = np.insert(measures[name][rows], cuts, np.nan)
            known = np.isfinite(values) | np.isnan(times)
            marker = "." if known.sum() < 2 * len(cuts) + 3 else ""
            axes.plot(times[known], values[known], dashes, color=view.colour(face), linewidth=1, marker=marker)
    for name, dashes in zip(names, _DASHES, strict=False):
        axes.plot([], [], dashes, color="#1c2430", linewidth=1, label=name.replace("_", " "))
    _legend(axes, len(names))
    axes.set_ylabel(unit)
    _time_axis(axes, view)


def trajectories(axes: Axes, view: View) -> None:
    """Where each face went: the mean of its points, from a dot on; the timeline says which colour is whose."""
    middles = view.table.points.mean(axis=1)
    for face in view.ids[:LINES].tolist():
        rows = view.rows(face)
        path = np.insert(middles[rows], view.breaks(rows), np.nan, axis=0)
        axes.plot(path[:, 0], path[:, 1], color=view.colour(face), linewidth=1)
        axes.plot(
            *middles[rows[0]],
            "o",
            color=view.colour(face),
            markersize=5,
            label=f"id {face}" if face == view.ids[0] else f"{face}",
        )
    more = len(view.ids) > LINES
    axes.set_title("Where they went" + (f" (the {LINES} ids seen most)" if more else ""))
    _picture_axes(axes, view)


def heat_map(axes: Axes, view: View) -> None:
    """How often each place was inside a face's box, in % of the frames that show a face."""
    right, bottom = _extent(view)
    cell = max(right, bottom) / CELLS
    columns, rows = max(1, round(right / cell)), max(1, round(bottom / cell))
    left, top, last, low = np.clip(np.round(view.table.boxes / cell), 0, [columns, rows, columns, rows]).astype(int).T
    edges = np.zeros((rows + 1, columns + 1))  # its double sum counts the boxes over each cell
    for y, x, sign in ((top, left, 1), (top, last, -1), (low, left, -1), (low, last, 1)):
        np.add.at(edges, (y, x), sign)
    counts = edges.cumsum(axis=0).cumsum(axis=1)[:rows, :columns]
    share = 100 * counts / max(len(np.unique(view.table.times)), 1)
    image = axes.imshow(share, cmap="magma", extent=(0, right, bottom, 0), vmin=0, interpolation="nearest")
    bar = axes.figure.colorbar(image, ax=axes, shrink=0.8)
    bar.ax.tick_params(labelsize=7)
    bar.set_label("% of frames", fontsize=8)
    axes.set_title("Where faces were")
    _picture_axes(axes, view)


def measures_of(view: View) -> dict[str, NDArray[np.float64]]:
    """Returns a table's measures (M,), or computes those of the faces that get curves from their points.

    A points file does not say how large the frames were. Without measures of its own, each face is looked at as from
    afar and straight on: angles are then against the line of sight, and there is no distance. Of long tables every
    second row, or fewer, is computed; the others are NaN.
    """
    table = view.table
    if table.measures:
        return table.measures
    chosen = np.flatnonzero(np.isin(table.ids, view.ids[:LINES]))
    chosen = chosen[:: max(1, -(-len(chosen) // THINNED))]
    points = table.points[chosen]
    points = points - points.mean(axis=1, keepdims=True)
    size = np.sqrt((points**2).sum(axis=(1, 2), keepdims=True))
    found = measure(_SIZE * points / np.maximum(size, 1e-9), Camera(10 * _SIZE, (0, 0)))
    measures = {}
    for name in (*POSE, *MOUTH, *EYEBROWS):
        measures[name] = np.full(len(table), np.nan)
        measures[name][chosen] = found[name]
    return measures


def _extent(view: View) -> tuple[float, float]:
    """Width and height of a picture that holds all faces; the files do not say how large the frames were."""
    width, height = np.concatenate([view.table.boxes[:, 2:], view.table.points.max(axis=1)]).max(axis=0, initial=16)
    return float(width), float(height)


def _legend(axes: Axes, columns: int) -> None:
    """Says what the lines are, in the line of the title."""
    look = {"fontsize": 7, "frameon": False, "handlelength": 1.6, "columnspacing": 1.0, "borderaxespad": 0.2}
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=columns, **look)


def _picture_axes(axes: Axes, view: View) -> None:
    right, bottom = _extent(view)
    axes.set_xlim(0, right)
    axes.set_ylim(bottom, 0)
    axes.set_aspect("equal")
    axes.set_xlabel("pixels")


def _time_axis(axes: Axes, view: View) -> None:
    axes.set_xlabel("picture" if view.table.pictures else "seconds")
    axes.grid(axis="x", color="#e3e7ec", linewidth=0.6)
    axes.set_axisbelow(True)
    if view.table.pictures:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
