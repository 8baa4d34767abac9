"""How all figures look: colours of models and regions, and axes without clutter.

Figures are made without pyplot, so that making a report in a notebook or a thread leaves its state alone.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from tracker.keypoints import REGIONS

COLOURS = ("#1f6feb", "#d9480f", "#2b8a3e", "#9c36b5", "#b08900", "#0b7285", "#c2255c", "#5c677d")
"""Told apart also by most people who see colours differently (after Okabe and Ito); dark enough on white."""
REGION_COLOURS = dict(zip(REGIONS, ("#1f6feb", "#d9480f"), strict=True))
WIDTH = 9.0
"""Inches: as wide as the page's column."""


def figure(height: float, rows: int = 1, columns: int = 1, **options: Any) -> tuple[Figure, NDArray[Any]]:
    """Makes a figure of the page's width with rows x columns axes; returns it and the axes (rows, columns)."""
    made = Figure(figsize=(WIDTH, height), layout="constrained")
    axes = np.asarray(made.subplots(rows, columns, squeeze=False, **options))
    for each in axes.flat:
        each.spines[["top", "right"]].set_visible(False)
        each.tick_params(labelsize=8)
    return made, axes


def show_face(
    axes: Axes,
    image: NDArray[np.uint8],
    *layers: tuple[NDArray[np.floating], str, str],
    title: str = "",
    size: float = 14,
) -> None:
    """Shows a face (96, 96) with layers of points over it.

    Args:
        axes: where.
        image: gray levels.
        layers: each of points (15, 2), NaN where there is none, a colour and a marker.
        title: what stands above.
        size: of the markers, in square points.
    """
    axes.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="bilinear")
    for points, colour, marker in layers:
        axes.scatter(points[:, 0], points[:, 1], s=size, c=colour, marker=marker, linewidths=1)
    axes.set_xlim(-0.5, image.shape[1] - 0.5)
    axes.set_ylim(image.shape[0] - 0.5, -0.5)
    hide_ticks(axes)
    if title:
        axes.set_title(title, fontsize=8)


def hide_ticks(axes: Axes) -> None:
    """Leaves nothing but the picture."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def spoken(name: str) -> str:
    """A name for people: `left_eye_center` as `left eye center`."""
    return name.replace("_", " ")


def colours_of(names: Sequence[str]) -> dict[str, str]:
    """A colour for each name, the same in every figure of a report."""
    return {name: COLOURS[index % len(COLOURS)] for index, name in enumerate(names)}
