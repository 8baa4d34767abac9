"""What the figures of the comparison have in common."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from training.reports.compare.entries import Comparison
from training.reports.style import COLOURS, colours_of

GRAY = "#8a94a3"
MARKERS = "osD^v"


def colours(comparison: Comparison) -> dict[str, str]:
    """The colour of each model in every figure, gray for the mean."""
    return {comparison.mean.name: GRAY} | colours_of([entry.name for entry in comparison.entries])


def markers(comparison: Comparison) -> dict[str, str]:
    """The marker of each model: another one where the colours begin again."""
    return {entry.name: MARKERS[i // len(COLOURS) % len(MARKERS)] for i, entry in enumerate(comparison.entries)}


def draw_grid(axes: Axes) -> None:
    """Draws a faint grid behind the data."""
    axes.grid(color="#e3e7ec", linewidth=0.7)
    axes.set_axisbelow(True)


def label_plainly(axis: Axis, steps: Sequence[float]) -> None:
    """Labels a logarithmic axis with plain numbers, at these steps of each power of ten."""
    axis.set_major_locator(LogLocator(subs=list(steps)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())
