"""What a trained model says of faces it has not seen: the one form in which reports and ensembles get it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.errors import InputError
from training.data.competition import read_dataset
from training.data.dataset import Dataset
from training.fitting.run import RECORD, open_run

ENSEMBLE_RECORD = "ensemble.json"
ARRAYS = "predictions.npz"


@dataclass(frozen=True, slots=True)
class Predictions:
    """Predictions in the convention of each row.

    Attributes:
        name: of the model.
        rows: (R,) int64, the training rows that were held out.
        validation: (R, 15, 2) float32 pixels, of these rows by networks that did not train on them.
        test: (M, 15, 2) float32 pixels, of the test images.
    """

    name: str
    rows: NDArray[np.int64]
    validation: NDArray[np.float32]
    test: NDArray[np.float32]


def read_predictions(folder: Path, dataset: Dataset, *, flips: bool = False) -> Predictions:
    """Reads the predictions of a run or of an ensemble.

    Held-out rows of several folds are put together; for test images the folds' predictions are averaged.

    Args:
        folder: the folder of a run, or what `fkd train ensemble` wrote.
        dataset: the data that it was trained on.
        flips: whether predictions for the mirrored image are averaged in. An ensemble has its own already.

    Raises:
        InputError: it is neither, or of other data, or no fold of it is done.
    """
    if (folder / ENSEMBLE_RECORD).is_file():
        record = json.loads((folder / ENSEMBLE_RECORD).read_text(encoding="utf-8"))
        _check(folder, record["data_sha256"], dataset)
        with np.load(folder / ARRAYS) as arrays:
            return Predictions(folder.name, arrays["rows"], arrays["validation"], arrays["test"])
    folds = read_folds(folder, dataset, flips=flips)
    return Predictions(
        folder.name,
        np.concatenate([fold.rows for fold in folds]),
        np.concatenate([fold.validation for fold in folds]),
        _mean([fold.test for fold in folds]),
    )


def read_folds(folder: Path, dataset: Dataset, *, flips: bool = False) -> list[Predictions]:
    """Reads the predictions of each fold of a run whose training is done; arguments as of `read_predictions`."""
    run = open_run(folder)
    _check(folder, run.digest, dataset)
    if not run.folds():
        raise InputError(f"{folder}: no fold of this training is done; go on with it by fkd train fit --resume.")
    folds = []
    for fold in run.folds():
        with np.load(run.fold_folder(fold) / ARRAYS) as arrays:
            rows, ways = arrays["rows"], slice(0, 2 if flips else 1)
            validation, test = (_mean(arrays[name][ways]) for name in ("validation", "test"))
        folds.append(
            Predictions(
                f"{folder.name}, fold {fold}",
                rows,
                run.heads.select(validation, dataset.training.kinds[rows]),
                run.heads.select(test, dataset.test_kinds()),
            )
        )
    return folds


def dataset_of(folder: Path, given: Path | None = None) -> Dataset:
    """Reads the data of a run or an ensemble: from where it says, or from another place.

    Raises:
        InputError: the folder is no run and no ensemble, or the data is not there.
    """
    record = next((path for path in (folder / ENSEMBLE_RECORD, folder / RECORD) if path.is_file()), None)
    if record is None:
        raise InputError(f"{folder} is neither the folder of a training nor of an ensemble.")
    data = given or Path(json.loads(record.read_text(encoding="utf-8"))["data"])
    if not data.exists():
        raise InputError(f"{folder} was trained on {data}, which is not there any more; name its place with --data.")
    return read_dataset(data)


def _mean(answers: Sequence[NDArray[np.float32]] | NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.mean(answers, axis=0, dtype=np.float32), np.float32)


def _check(folder: Path, digest: str, dataset: Dataset) -> None:
    if digest != dataset.digest:
        raise InputError(f"{folder} was trained on other data than {dataset.source}.")
