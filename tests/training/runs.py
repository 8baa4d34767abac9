"""Folders of trained runs, written by hand: what reports, ensembles and submissions read of a training."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.data.conventions import Heads
from training.data.dataset import Dataset
from training.fitting.options import Options
from training.fitting.run import create_run, write_arrays, write_json


def write_run(
    folder: Path,
    dataset: Dataset,
    *,
    rows: list[int],
    fold: int = 0,
    noise: float = 1.0,
    shift_of_mirrored: float = 0.0,
    test: NDArray[np.float32] | None = None,
    options: Options | None = None,
) -> Path:
    """Writes a run with one fold that is done, or adds a fold to one; returns its folder.

    Args:
        folder: of the run.
        dataset: its data.
        rows: the training rows that were held out.
        fold: its number.
        noise: standard deviation in pixels of its answers for held-out rows around the labels.
        shift_of_mirrored: what is added to the answers for mirrored images.
        test: (M, 15, 2) its answers for the test images; zeros if None.
        options: of the run.
    """
    heads = Heads()
    run = create_run(folder, options or Options(model="baseline"), dataset, heads, resume=True)
    rng = np.random.default_rng(fold)
    labels = np.nan_to_num(dataset.training.points[rows], nan=50.0)
    said = (labels + rng.normal(0, noise, labels.shape)).astype(np.float32)
    answers = np.zeros((len(dataset.test), 15, 2), np.float32) if test is None else test
    made = run.fold_folder(fold)
    made.mkdir(parents=True)
    both = {"validation": said, "test": answers}
    arrays = {name: np.stack([values, values + shift_of_mirrored]) for name, values in both.items()}
    write_arrays(made / "predictions.npz", {"rows": np.array(rows)} | arrays)
    write_json(made / "result.json", {"rmse": noise, "parameters": 1000, "seconds": 60.0, "peak_memory_mb": 500.0})
    return folder
