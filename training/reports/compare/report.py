"""Puts the comparison of trained models together: a page with its figures, and all numbers beside it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.files import write_json
from training.reports.compare import conventions, faces, histories, keypoints, table, worst
from training.reports.compare.entries import Comparison
from training.reports.compare.reading import read_comparison
from training.reports.page import Page

NUMBERS = "compare.json"


def compare(
    folders: Sequence[Path], out: Path, *, data: Path | None = None, solution: Path | None = None
) -> dict[str, Any]:
    """Compares trained models and writes what came of it.

    Args:
        folders: of runs and of ensembles on the same data, in the order in which they are to stand in the table.
        out: the folder for `report.html`, its figures as PNG, and `compare.json`.
        data: where the data is; if None, where the first of them found it.
        solution: the table of the right answers for the test images, if it is known.

    Returns:
        The content of `compare.json`: `models` (the table's rows, RMSE in pixels), `worth`, `histories`,
        `test_faces`, `worst` and `face_rmse_percentiles`, and what was compared.

    Raises:
        InputError: something that is named cannot be compared.
        OutputError: the folder cannot be written.
    """
    comparison = read_comparison(folders, data, solution)
    trainings = histories.read_histories(comparison)
    numbers = {
        "data_sha256": comparison.dataset.digest,
        "training_rows": len(comparison.dataset.training),
        "test_images": len(comparison.dataset.test),
        "solution_values": None if comparison.solution is None else comparison.solution.values,
        "main_score": comparison.main,
        "models": table.records(comparison),
        "worth": conventions.worth(comparison),
        "histories": histories.records(trainings),
        "test_faces": faces.errors_of_images(comparison),
        **worst.records(comparison),
    }
    page = Page("Trained models side by side", _summary(comparison))
    table.add_models(page, comparison)
    conventions.add_worth(page, comparison)
    keypoints.add_keypoints(page, comparison)
    histories.add_histories(page, comparison, trainings)
    faces.add_test_faces(page, comparison)
    worst.add_worst(page, comparison)
    page.write(out)
    write_json(out / NUMBERS, numbers)
    return numbers


def _summary(comparison: Comparison) -> str:
    dataset, count = comparison.dataset, len(comparison.entries)
    said = (
        f"{count} model{'' if count == 1 else 's'} of {len(dataset.training):,} labelled faces, measured on rows held "
    )
    said += "out of their training"
    if comparison.solution is None:
        return f"{said}."
    return f"{said} and on {comparison.solution.values:,} known values of {len(dataset.test):,} test images."
