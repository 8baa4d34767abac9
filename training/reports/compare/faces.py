"""What the models say of the same test faces."""

from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from training.reports.compare.entries import Comparison, Entry
from training.reports.page import Page
from training.reports.style import figure, show_face
from training.scores import face_errors

ENLARGED = 10
"""The ImageId of the test image that is shown by itself: the one by which the competition's solutions are compared."""
FACES = 6
PER_ROW = 3
SIDE = 9.3
"""Inches for a row of enlarged faces, with their titles."""
LABEL, PREDICTION = "#ffd43b", "#ff4d4d"
ABOUT_MARKERS = "Red crosses are predictions, yellow dots labels"


def add_test_faces(page: Page, comparison: Comparison) -> None:
    """Adds predictions on test faces; no section where there is no test image."""
    if len(comparison.dataset.test) == 0:
        return
    page.section(
        "Test faces",
        "What each model says of the same test images: of a model with several seeds or folds, its first network. "
        + ("Crosses should lie on the dots, as far as there are any." if comparison.solution is not None else ""),
    )
    ids = comparison.dataset.test_ids
    enlarged = np.flatnonzero(ids == ENLARGED)
    if len(enlarged):
        _add_enlarged(page, comparison, int(enlarged[0]))
    images = choose_images(comparison)
    entries = comparison.entries
    shown, axes = figure(0.4 + 1.68 * len(entries), len(entries), len(images))
    for line, entry in zip(axes, entries, strict=True):
        for each, image in zip(line, images, strict=True):
            _show(each, comparison, entry, image, f"image {ids[image]}")
        line[0].set_ylabel(fill(entry.name, 22), fontsize=8)
    listed = ", ".join(map(str, ids[images].tolist()))
    page.figure(
        "test_faces", shown, f"Predictions on the test images {listed}, a row for each model. {_about(comparison)}"
    )


def choose_images(comparison: Comparison) -> NDArray[np.int64]:
    """Chooses up to 6 test images, evenly from both kinds, with image 10 first if there is one: indices."""
    ids, kinds = comparison.dataset.test_ids, comparison.dataset.test_kinds()
    first = np.flatnonzero(ids == ENLARGED)
    others = np.lexsort((ids, kinds))
    others = others[ids[others] != ENLARGED]
    count = min(FACES - len(first), len(others))
    places = ((np.arange(count) + 0.5) * len(others) / max(count, 1)).astype(int)
    return np.concatenate([first, others[places]])


def errors_of_images(comparison: Comparison) -> dict[str, Any]:
    """The images shown, and the RMSE of each model on them if the solution is known."""
    images = choose_images(comparison)
    found: dict[str, Any] = {"images": comparison.dataset.test_ids[images].tolist()}
    if comparison.solution is not None:
        labels = comparison.solution.labels[images]
        for entry in comparison.entries:
            errors = face_errors(entry.members[0].test[images], labels).tolist()
            found.setdefault("rmse", {})[entry.name] = [None if np.isnan(error) else error for error in errors]
    return found


def _add_enlarged(page: Page, comparison: Comparison, image: int) -> None:
    entries = comparison.entries
    columns = min(PER_ROW, max(len(entries), 2))
    rows = -(-len(entries) // columns)
    shown, axes = figure(0.3 + (SIDE / columns) * rows, rows, columns)
    for each, entry in zip(axes.flat, entries, strict=False):
        _show(each, comparison, entry, image, entry.name, size=34)
    for each in axes.flat[len(entries) :]:
        each.remove()
    page.figure(f"test_image_{ENLARGED}", shown, f"Test image {ENLARGED}, as each model sees it. {_about(comparison)}")


def _show(axes: Axes, comparison: Comparison, entry: Entry, image: int, title: str, size: float = 14) -> None:
    points = entry.members[0].test[image]
    layers = [(points, PREDICTION, "x")]
    if comparison.solution is not None:
        labels = comparison.solution.labels[image]
        layers.insert(0, (labels, LABEL, "o"))
        error = face_errors(points[None], labels[None])[0]
        title += "" if np.isnan(error) else f": {error:.2f} px"
    show_face(axes, comparison.dataset.test[image], *layers, title=title, size=size)


def _about(comparison: Comparison) -> str:
    if comparison.solution is None:
        return "Red crosses are predictions."
    return f"{ABOUT_MARKERS}, as far as they are known; above stands the RMSE of the image in pixels."
