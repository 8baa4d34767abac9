"""Trains all networks of one fold and writes down what came of it."""

import sys
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.data.dataset import Dataset
from training.data.duplicates import duplicate_groups
from training.data.folds import assign_folds
from training.data.missing import handle_missing
from training.files import write_arrays, write_json
from training.fitting.checkpoint import forget_state
from training.fitting.devices import Devices
from training.fitting.options import Options
from training.fitting.run import PREDICTIONS, RESULT, Run
from training.fitting.train import predict, set_precision, train_part
from training.models import find_family
from training.scores import scores


def fold_of_rows(dataset: Dataset, options: Options) -> NDArray[np.int64]:
    """The fold of each training row (N,): rows that show the same picture, person or photograph share one.

    The folds do not depend on the run's seed, so that runs with other seeds hold out the same rows, and can be compared
    and put together.
    """
    groups = duplicate_groups(dataset.training.images) if dataset.groups is None else dataset.groups
    return assign_folds(groups, dataset.training.kinds, options.folds, seed=0)


def train_fold(
    run: Run,
    dataset: Dataset,
    folds: NDArray[np.int64],
    fold: int,
    *,
    devices: Devices | None = None,
    verbose: int | str = "auto",
) -> dict[str, Any]:
    """Trains a fold of a run, or goes on with it; does nothing if it is done.

    Args:
        run: the run.
        dataset: its data.
        folds: (N,) the fold of each training row.
        fold: which one is held out.
        devices: where; every GPU of this machine, or its CPU, if None. Of several machines each calls this function,
            and the chief alone writes.
        verbose: how much is printed, as Keras has it.

    Returns:
        Its result: scores on the held-out rows, parameters, seconds (of the last go), peak memory.
    """
    devices = devices or Devices()
    done = devices.from_chief(run.result(fold) if devices.chief and fold in run.folds() else None)
    return dict(done or devices.from_chief(_train(run, dataset, folds, fold, devices, verbose)))


def _train(
    run: Run, dataset: Dataset, folds: NDArray[np.int64], fold: int, devices: Devices, verbose: int | str
) -> dict[str, Any]:
    folder = run.fold_folder(fold)
    started = time.monotonic()
    set_precision(run.options)
    faces, held = dataset.training, folds == fold
    training, validation = handle_missing(faces[~held], run.options.missing), faces[held]
    shape = (len(run.heads), 2)
    validation_points = np.full((2, len(validation), *shape), np.nan, np.float32)
    test_points = np.full((2, len(dataset.test), *shape), np.nan, np.float32)
    parameters = 0
    parts = find_family(run.options.model).parts(run.heads)
    for part in parts:
        start = next(
            ((other, folder / other.name / "best.weights.h5") for other in parts if other.name == part.start), None
        )
        network = train_part(
            part,
            folder / part.name,
            training,
            validation,
            run.heads,
            run.options,
            devices,
            start=start,
            verbose=verbose,
        )
        if part.helper or not devices.chief:
            continue
        parameters += network.count_params()
        for flipped in (0, 1):
            mirror = run.heads.mirror if flipped else None
            for images, points in ((validation.images, validation_points), (dataset.test, test_points)):
                whole = _predict_part(network, images, part.outputs, shape, mirror)
                points[flipped] = np.where(np.isnan(whole), points[flipped], whole)
    if not devices.chief:
        return {}
    kinds = validation.kinds
    result = scores(run.heads.select(validation_points[0], kinds), validation.points, kinds)
    result |= {"parameters": parameters, "seconds": time.monotonic() - started, "peak_memory_mb": _peak_memory()}
    write_arrays(
        folder / PREDICTIONS, {"rows": np.flatnonzero(held), "validation": validation_points, "test": test_points}
    )
    write_json(folder / RESULT, result)
    for part in parts:
        forget_state(folder / part.name)
    return result


def _predict_part(
    network: Any,
    images: NDArray[np.uint8],
    outputs: tuple[int, ...],
    shape: tuple[int, int],
    mirror: tuple[int, ...] | None,
) -> NDArray[np.float32]:
    """Predictions of a part's outputs, NaN elsewhere, (N, K, 2); mirrored ones brought back to the image as given."""
    whole = np.full((len(images), *shape), np.nan, np.float32)
    given = images if mirror is None else images[:, :, ::-1]
    whole[:, list(outputs)] = predict(network, given)
    if mirror is not None:
        whole = whole[:, list(mirror)]
        whole[:, :, 0] = images.shape[2] - 1 - whole[:, :, 0]
    return whole


def _peak_memory() -> float | None:
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
