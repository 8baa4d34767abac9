"""Puts the picture book of a data set together."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tracker.sinks.base import writing
from training.data.dataset import Dataset
from training.files import write_json
from training.reports.eda import (
    copies,
    counts,
    facts,
    missing,
    offsets,
    outlier_figure,
    pixels,
    row_picture,
    samples,
    shape,
)
from training.reports.page import Page

Section = Callable[[Page, Dataset], dict[str, Any]]
SECTIONS: dict[str, Section] = {
    "facts": facts.add,
    "labels": counts.add,
    "missing labels": missing.add,
    "rows": row_picture.add,
    "samples": samples.add,
    "gray levels": pixels.add,
    "mean face": shape.add,
    "conventions": offsets.add,
    "duplicates": copies.add,
    "outliers": outlier_figure.add,
}
FACTS = "facts.json"


def write_report(
    dataset: Dataset, folder: Path, begun: Callable[[str], None] | None = None
) -> tuple[Path, dict[str, Any]]:
    """Writes the report, its figures as PNG, and its numbers as facts.json.

    Args:
        dataset: what it is about.
        folder: where it goes; files of an earlier report are replaced.
        begun: told the name of each section when its turn comes.

    Returns:
        The page, and the numbers.

    Raises:
        OutputError: the folder cannot be written.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    page = Page(
        "Facial keypoints: the data",
        f"{len(dataset.training):,} labelled faces and {len(dataset.test):,} test images, read from "
        f"{dataset.source.name}: what is labelled, what faces and labels look like, and what follows for a training.",
    )
    numbers: dict[str, Any] = {"data_sha256": dataset.digest}
    for name, add in SECTIONS.items():
        if begun is not None:
            begun(name)
        numbers |= add(page, dataset)
    path = page.write(folder)[0]
    write_json(folder / FACTS, numbers)
    return path, numbers
