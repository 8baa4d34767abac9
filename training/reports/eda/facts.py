"""The table of facts with which the report begins."""

from typing import Any

import numpy as np

from training.data.dataset import FIRST, SECOND, Dataset
from training.reports.eda.common import percent
from training.reports.page import Page


def add(page: Page, dataset: Dataset) -> dict[str, Any]:
    """Adds the section; returns its numbers."""
    facts = measure(dataset)
    page.section("Facts", _text(facts))
    rows = [
        ("training rows", facts["rows"]),
        ("… complete, with all 15 points", facts["complete_rows"]),
        ("… of the first kind, with up to 15 points", facts["rows_of_first_kind"]),
        ("… of the second kind, with no more than 4 points", facts["rows_of_second_kind"]),
        ("… without any point", facts["rows_without_label"]),
        ("cells without a label", f"{facts['missing_percent']:.1f} %"),
        ("gray level, mean (0 to 255)", f"{facts['pixel_mean']:.1f}"),
        ("gray level, standard deviation", f"{facts['pixel_deviation']:.1f}"),
        ("test images", facts["test_images"]),
        ("values asked for", facts["values_asked"]),
        ("… in images of the second kind", f"{facts['asked_of_second_kind_percent']:.1f} %"),
    ]
    page.table(("what", "how many"), rows)
    return facts


def measure(dataset: Dataset) -> dict[str, Any]:
    """Counts rows, images and cells; gray levels are 0 to 255."""
    faces, asked = dataset.training, dataset.asked
    kinds, labels = faces.kinds, faces.labelled.sum(axis=1)
    levels = np.bincount(faces.images.ravel(), minlength=256)
    mean = float(levels @ np.arange(256)) / levels.sum()
    second = 0 if asked is None else int((dataset.test_kinds()[asked.images] == SECOND).sum())
    return {
        "rows": len(faces),
        "complete_rows": int((labels == faces.points.shape[1]).sum()),
        "rows_of_first_kind": int((kinds == FIRST).sum()),
        "rows_of_second_kind": int((kinds == SECOND).sum()),
        "rows_without_label": int((labels == 0).sum()),
        "missing_percent": 100 * float(np.isnan(faces.points).mean()),
        "pixel_mean": mean,
        "pixel_deviation": float(np.sqrt(levels @ (np.arange(256) - mean) ** 2 / levels.sum())),
        "test_images": len(dataset.test),
        "values_asked": 0 if asked is None else len(asked.cells),
        "asked_of_second_kind_percent": percent(second, 0 if asked is None else len(asked.cells)),
    }


def _text(facts: dict[str, Any]) -> str:
    complete = percent(facts["complete_rows"], facts["rows"])
    text = f"{complete:.0f} % of the {facts['rows']:,} rows carry all 15 points. "
    if facts["rows_of_second_kind"] and facts["rows_of_first_kind"]:
        text += "The rows are of two kinds, which differ in what is labelled: complete rows alone are not all there is "
        return text + "to learn from, and a loss has to leave out what is missing."
    kind = "second" if facts["rows_of_second_kind"] else "first"
    return text + f"All rows are of the {kind} kind, so that nothing has to be kept apart."
