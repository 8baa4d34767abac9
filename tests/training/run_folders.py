"""Folders of runs and ensembles as trainings leave them, with made-up predictions.

Reports, ensembles and submissions read them.
"""

import csv
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from tracker.keypoints import COUNT
from training.data.dataset import Dataset
from training.files import write_arrays, write_json
from training.fitting.options import Options

COST = {"parameters": 1000, "seconds": 90.0, "peak_memory_mb": 500.0}
PASSES = [9.0, 3.0, 2.0, 2.5]
"""Validation RMSE by epoch; the training RMSE is half of it."""
FAR = 1e4
"""What the made-up networks say of mirrored images, and in the convention that is not asked for."""


def write_run(
    folder: Path,
    dataset: Dataset,
    folds: dict[int, list[int]],
    *,
    noise: float = 1.0,
    parts: tuple[str, ...] = ("joint",),
    maps: bool = False,
    second: tuple[int, ...] = (),
    test: dict[int, np.ndarray] | None = None,
    shift_of_mirrored: float | None = None,
    **options: Any,
) -> Path:
    """Writes a run; its predictions are the labels, or the image's centre, plus noise.

    Args:
        folder: the run folder.
        dataset: its data.
        folds: the held-out rows of each finished fold.
        noise: standard deviation of the noise in pixels.
        parts: names of its networks; no history is written if there is none.
        maps: whether the histories are those of networks with maps.
        second: keypoints with a second output.
        test: (M, 15, 2) answers for the test images of some folds, to which no noise is added.
        shift_of_mirrored: what is added to the answers for mirrored images; None: they are far off.
        options: those that differ from the model's own.
    """
    given = asdict(Options(**({"model": "baseline"} | options)))
    record = {"options": given, "data": str(dataset.source), "data_sha256": dataset.digest}
    folder.mkdir(parents=True)
    write_json(folder / "run.json", record | {"second_outputs": list(second), "versions": {}, "rows": 0})
    rng = np.random.default_rng([given["seed"], *folder.name.encode()])
    for fold, rows in folds.items():
        place = folder / f"fold-{fold}"
        place.mkdir()
        labels = np.nan_to_num(dataset.training.points[rows], nan=48.0)
        arrays = {
            "validation": _outputs(labels, dataset.training.kinds[rows], second, rng, noise),
            "test": _outputs(np.full((len(dataset.test), COUNT, 2), 48.0), dataset.test_kinds(), second, rng, noise),
        }
        if test and fold in test:
            arrays["test"][0] = test[fold]
        if shift_of_mirrored is not None:
            for outputs in arrays.values():
                outputs[1] = outputs[0] + shift_of_mirrored
        write_arrays(place / "predictions.npz", {"rows": np.array(rows)} | arrays)
        for part in parts:
            (place / part).mkdir()
            _write_history(place / part / "history.csv", "points_rmse" if maps else "rmse")
        write_json(place / "result.json", COST | {"seconds": COST["seconds"] * (fold + 1)})
    return folder


def write_ensemble(folder: Path, dataset: Dataset, members: list[Path], rows: list[int]) -> Path:
    """Writes an ensemble of 15 outputs whose predictions are the labels, or the image's centre, plus half a pixel."""
    folder.mkdir(parents=True)
    record = {"data": str(dataset.source), "data_sha256": dataset.digest, "members": [str(each) for each in members]}
    write_json(folder / "ensemble.json", record | {"method": "average", "flips": True})
    held = np.nan_to_num(dataset.training.points[rows], nan=48.0) + np.float32(0.5)
    test = np.full((len(dataset.test), COUNT, 2), 48.5, np.float32)
    write_arrays(folder / "predictions.npz", {"rows": np.array(rows), "validation": held, "test": test})
    return folder


def _outputs(
    points: np.ndarray, kinds: np.ndarray, second: tuple[int, ...], rng: np.random.Generator, noise: float
) -> np.ndarray:
    outputs = np.full((2, len(points), COUNT + len(second), 2), FAR, np.float32)
    outputs[0, :, :COUNT] = points + rng.normal(0, noise, points.shape)
    for place, keypoint in enumerate(second):
        sparse = kinds == 1
        outputs[0, sparse, COUNT + place] = outputs[0, sparse, keypoint]
        outputs[0, sparse, keypoint] = FAR
    return outputs


def _write_history(path: Path, name: str) -> None:
    rows = [[epoch, 1.0, value / 2, 1.0, value] for epoch, value in enumerate(PASSES)]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["epoch", "loss", name, "val_loss", f"val_{name}"], *rows])
