"""Makes an ensemble of runs, with all their folds, and keeps it in a folder that reports and submissions read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tracker.errors import InputError, OutputError
from tracker.keypoints import KEYPOINTS
from tracker.sinks.base import writing
from training.data.dataset import FIRST, Dataset
from training.data.duplicates import duplicate_groups
from training.ensembling.stack import Stack, common_rows, fit_stack
from training.files import write_arrays, write_json
from training.fitting.run import PREDICTIONS
from training.predictions import ENSEMBLE_RECORD, read_predictions
from training.scores import scores

METHODS = ("stack", "average")


def make_ensemble(
    runs: Sequence[Path], dataset: Dataset, folder: Path, *, method: str = "stack", flips: bool = True
) -> dict[str, Any]:
    """Joins runs. The predictions of a run's folds for test images are averaged first.

    Args:
        runs: folders of runs on the same data, all with at least one fold that is done.
        dataset: the data.
        folder: where the ensemble is written.
        method: `stack`, which falls back to the average where that is better on rows it has not seen, or `average`.
        flips: whether each network is also asked about the mirrored image.

    Returns:
        What is known of the ensemble: members, weights, and scores on the held-out rows. Those of a stack are of
        stacks fitted without the rows, if there are enough.

    Raises:
        InputError: there is no such method, or the runs have no held-out row in common.
        OutputError: the folder is in use already, or cannot be written.
    """
    if method not in METHODS:
        raise InputError(f"--method cannot be {method!r}; it can be {', '.join(METHODS)}.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(f"{folder} is in use already; name another --out.")
    models = [read_predictions(run, dataset, flips=flips) for run in runs]
    rows, said = common_rows(models)
    kinds, labels = dataset.training.kinds[rows], dataset.training.points[rows]
    groups = duplicate_groups(dataset.training.images[rows]) if dataset.groups is None else dataset.groups[rows]
    if method == "stack":
        stack, unseen = fit_stack(said, labels, kinds, groups)
    else:
        stack, unseen = Stack.average(len(models)), said.mean(axis=0)
    test = stack.predict(np.stack([model.test for model in models]), dataset.test_kinds())
    record = {
        "data": str(dataset.source),
        "data_sha256": dataset.digest,
        "members": [str(run) for run in runs],
        "method": "average" if np.isinf(stack.ridge) else "stack",
        "ridge": None if np.isinf(stack.ridge) else stack.ridge,
        "flips": flips,
        "weights": dict(zip(KEYPOINTS, stack.weights[FIRST].round(4).tolist(), strict=True)),
        "scores": scores(unseen, labels, kinds),
    }
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    write_arrays(folder / PREDICTIONS, {"rows": rows, "validation": unseen, "test": test})
    write_json(folder / ENSEMBLE_RECORD, record)
    return record
