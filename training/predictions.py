"""What a trained model says of faces it has not seen: the one form in which reports and ensembles get it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.errors import InputError
from training.data.competition import read_dataset
from training.data.dataset import Dataset
from training.files import read_arrays, read_json
from training.fitting.run import PREDICTIONS, RECORD, open_run

ENSEMBLE_RECORD = "ensemble.json"


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
        InputError: it is neither, or of other data, or no fold of it is done, or a file of it is damaged.
    """
    if (folder / ENSEMBLE_RECORD).is_file():
        _check(folder, read_ensemble(folder)["data_sha256"], dataset)
        return Predictions(folder.name, *read_arrays(folder / PREDICTIONS, "rows", "validation", "test"))
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
        rows, *answers = read_arrays(run.fold_folder(fold) / PREDICTIONS, "rows", "validation", "test")
        validation, test = (_mean(each[: 2 if flips else 1]) for each in answers)
        folds.append(
            Predictions(
                f"{folder.name}, fold {fold}",
                rows,
                run.heads.select(validation, dataset.training.kinds[rows]),
                run.heads.select(test, dataset.test_kinds()),
            )
        )
    return folds


def read_ensemble(folder: Path) -> dict[str, Any]:
    """Reads the record of an ensemble: `data`, `data_sha256`, `members`, and what else it was made with.

    Raises:
        InputError: it is none.
    """
    record = read_json(folder / ENSEMBLE_RECORD)
    if not {"data", "data_sha256", "members"} <= record.keys():
        raise InputError(f"{folder / ENSEMBLE_RECORD} is not the record of an ensemble.")
    return record


def dataset_of(folder: Path, given: Path | None = None) -> Dataset:
    """Reads the data of a run or an ensemble: from where it says, or from another place.

    Raises:
        InputError: the folder is no run and no ensemble, or the data is not there.
    """
    if (folder / ENSEMBLE_RECORD).is_file():
        trained_on = Path(read_ensemble(folder)["data"])
    elif (folder / RECORD).is_file():
        trained_on = open_run(folder).data
    else:
        raise InputError(f"{folder} is neither the folder of a training nor of an ensemble.")
    data = given or trained_on
    if not data.exists():
        raise InputError(f"{folder} was trained on {data}, which is not there any more; name its place with --data.")
    return read_dataset(data)


def _mean(answers: Sequence[NDArray[np.float32]] | NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.mean(answers, axis=0, dtype=np.float32), np.float32)


def _check(folder: Path, digest: str, dataset: Dataset) -> None:
    if digest != dataset.digest:
        raise InputError(f"{folder} was trained on other data than {dataset.source}.")
