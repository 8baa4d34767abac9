"""The two conventions of labelling, measured."""

from dataclasses import asdict
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from numpy.typing import NDArray

from tracker.keypoints import KEYPOINTS, LEFT_EYE, RIGHT_EYE
from training.data.conventions import (
    FEWEST_ROWS,
    SMALLEST_OFFSET,
    SURE,
    Offset,
    in_face_frame,
    measure_offsets,
)
from training.data.dataset import FIRST, SECOND, Dataset, Faces96
from training.reports.eda.common import KIND_COLOURS, KIND_NAMES, add_ellipses, names_of
from training.reports.eda.shape import spread_of
from training.reports.page import Page
from training.reports.style import figure

DOTS = 1500
"""At most so many faces of a kind are drawn as dots."""


def add(page: Page, dataset: Dataset) -> dict[str, Any]:
    """Adds the section; returns its numbers."""
    faces = dataset.training
    offsets = measure_offsets(faces)
    distance = mean_eye_distance(faces)
    page.section("Two conventions of labelling")
    facts = {
        "mean_eye_distance": distance,
        "offsets": [
            asdict(offset) | {"keypoint": KEYPOINTS[offset.keypoint], "apart": offset.apart,
                              "pixels": float(np.hypot(offset.across, offset.down) * (distance or 0))}
            for offset in offsets
        ],
    }  # fmt: skip
    if not offsets or distance is None:
        page.text(
            f"Nothing to compare: each kind has to have {FEWEST_ROWS} rows with both eye centres and the same keypoint."
        )
        return {"conventions": facts}
    page.text(_text(offsets, distance))
    page.text(
        "How it is measured: labels are seen from the middle between the eye centres, in units of the distance between "
        "these, along and across the line that joins them. A keypoint is kept apart where the mean of the second kind "
        f"is off by more than {SMALLEST_OFFSET} eye distances and {SURE:g} standard errors."
    )
    _table(page, offsets, distance)
    _draw(page, faces, offsets)
    return {"conventions": facts}


def mean_eye_distance(faces: Faces96) -> float | None:
    """Mean distance of the labelled eye centres in pixels; None where no row has both."""
    known = faces.labelled[:, [LEFT_EYE, RIGHT_EYE]].all(axis=1)
    between = faces.points[known, LEFT_EYE] - faces.points[known, RIGHT_EYE]
    return float(np.linalg.norm(between, axis=1).mean()) if known.any() else None


def _table(page: Page, offsets: list[Offset], distance: float) -> None:
    header = ("keypoint", "across", "down", "error of down", "across, px", "down, px", "rows, first kind",
              "rows, second kind", "kept apart")  # fmt: skip
    rows = [
        (names_of((each.keypoint,))[0], f"{each.across:+.3f}", f"{each.down:+.3f}", f"{each.error:.4f}",
         f"{each.across * distance:+.2f}", f"{each.down * distance:+.2f}", *each.rows, "yes" if each.apart else "no")
        for each in offsets
    ]  # fmt: skip
    page.table(
        header,
        rows,
        "The second kind's mean minus the first kind's, in eye distances, and in pixels at the mean eye distance of "
        f"{distance:.1f} px. Across is towards the face's left, down towards its chin.",
    )


def _draw(page: Page, faces: Faces96, offsets: list[Offset]) -> None:
    places = in_face_frame(faces.points)
    made, (row,) = figure(4.9, 1, len(offsets))
    keypoints = [offset.keypoint for offset in offsets]
    reach = max(_reach(places[:, keypoint]) for keypoint in keypoints)
    for axes, keypoint in zip(row, keypoints, strict=True):
        for kind in (FIRST, SECOND):
            _draw_kind(axes, places[faces.kinds == kind], keypoint, kind)
        middle = np.nanmean(places[:, keypoint], axis=0)
        axes.set_xlim(middle[0] - reach, middle[0] + reach)
        axes.set_ylim(middle[1] + reach, middle[1] - reach)  # down is down, as in a picture
        axes.set_title(names_of((keypoint,))[0], fontsize=10)
        axes.set_xlabel("across, eye distances", fontsize=9)
        axes.set_aspect("equal")
    row[0].set_ylabel("down from the eyes, eye distances", fontsize=9)
    handles = [Patch(color=colour, label=name) for colour, name in zip(KIND_COLOURS, KIND_NAMES, strict=True)]
    made.legend(handles=handles, loc="outside upper center", ncols=2, fontsize=9, frameon=False)
    page.figure(
        "conventions",
        made,
        "Labels of both kinds in the face's own frame, their means, and ellipses at one and two standard deviations. "
        "One in a hundred may lie outside of the picture.",
    )


def _reach(places: NDArray[np.float64]) -> float:
    """The distance from the mean within which 99 in 100 of the places (N, 2) lie."""
    known = places[~np.isnan(places).any(axis=1)]
    return float(np.percentile(np.linalg.norm(known - known.mean(axis=0), axis=1), 99))


def _draw_kind(axes: Axes, places: NDArray[np.float64], keypoint: int, kind: int) -> None:
    known = places[~np.isnan(places[:, keypoint]).any(axis=1)]
    spread = spread_of(known[:, keypoint : keypoint + 1])
    dots = known[:: -(-len(known) // DOTS), keypoint]
    axes.scatter(dots[:, 0], dots[:, 1], s=5, color=KIND_COLOURS[kind], alpha=0.25, linewidths=0)
    add_ellipses(axes, spread.mean[0], spread.covariance[0], KIND_COLOURS[kind])
    axes.plot(*spread.mean[0], "P", color=KIND_COLOURS[kind], mec="white", ms=10)


def _text(offsets: list[Offset], distance: float) -> str:
    apart = [offset for offset in offsets if offset.apart]
    if not apart:
        return "Both kinds of rows mean the same places by the same names: one output for each keypoint is enough."
    said = [
        f"{names_of((offset.keypoint,))[0]} {abs(offset.down) * distance:.1f} px "
        f"{'lower' if offset.down > 0 else 'higher'}"
        for offset in apart
    ]
    worst = max(np.hypot(each.across, each.down) * max(each.rows) / sum(each.rows) for each in apart) * distance
    return (
        f"The rows of the second kind have the {' and the '.join(said)} than those of the first. A network with one "
        f"output for both learns something between and is off by up to {worst:.1f} px before it makes any error of its "
        "own; so each of these keypoints gets an output for each convention."
    )
