"""Reads the runs and ensembles of a comparison, scores them, and puts runs together that differ in their seed alone."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.errors import InputError
from training.data.dataset import Dataset
from training.data.missing import mean_points
from training.fitting.run import RECORD, open_run
from training.predictions import ENSEMBLE_RECORD, dataset_of, read_ensemble, read_folds, read_predictions
from training.reports.compare.entries import COSTS, MEAN, Comparison, Entry, Scores, Trained
from training.reports.compare.names import name_entries
from training.scores import scores
from training.submission import Solution, read_solution


def read_comparison(folders: Sequence[Path], data: Path | None = None, solution: Path | None = None) -> Comparison:
    """Reads all that is compared.

    Args:
        folders: of runs and of ensembles; a folder that is named twice counts once.
        data: the data; if None, where the first of them found it.
        solution: the table of the right answers.

    Raises:
        InputError: a folder is neither a run nor an ensemble, no fold of a run is done, or not all are of the same
            data; or the solution does not fit to the data.
    """
    folders = list({folder.resolve(): folder for folder in reversed(folders)}.values())[::-1]
    if not folders:
        raise InputError("There is nothing to compare; name the folders of trainings.")
    dataset = dataset_of(folders[0], data)
    answers = None if solution is None else read_solution(solution, dataset)
    groups: dict[object, list[Trained]] = {}
    for folder in folders:
        trained = _read(folder, dataset, answers)
        key = folder if trained.options is None else replace(trained.options, seed=0)
        groups.setdefault(key, []).append(trained)
    members = [tuple(group) for group in groups.values()]
    names = name_entries([(group[0].folder or Path(), group[0].options) for group in members], taken={MEAN})
    entries = tuple(Entry(name, group) for name, group in zip(names, members, strict=True))
    return Comparison(dataset, answers, _mean_entry(entries, dataset, answers), entries)


def _read(folder: Path, dataset: Dataset, solution: Solution | None) -> Trained:
    if (folder / ENSEMBLE_RECORD).is_file():
        said = read_predictions(folder, dataset)
        found = _score(said.rows, said.validation, [said.test], dataset, solution)
        return Trained(folder, None, (), said.rows, said.validation, said.test, _cost_of_ensemble(folder), found)
    folds = read_folds(folder, dataset)
    run = open_run(folder)
    rows = np.concatenate([fold.rows for fold in folds])
    held = np.concatenate([fold.validation for fold in folds])
    cost = _cost([run.result(fold) for fold in run.folds()], fmean)
    found = _score(rows, held, [fold.test for fold in folds], dataset, solution)
    return Trained(folder, run.options, tuple(run.folds()), rows, held, folds[0].test, cost, found)


def _score(
    rows: NDArray[np.int64],
    held: NDArray[np.float32],
    tests: Sequence[NDArray[np.float32]],
    dataset: Dataset,
    solution: Solution | None,
) -> Scores:
    labelled = dataset.training[rows]
    found = _flat(scores(held, labelled.points, labelled.kinds))
    if solution is None:
        return found
    of_folds = [_flat(solution.score(test)) for test in tests]
    for name in of_folds[0]:
        if name != "rmse_test_mix":  # the test images are the mix
            known = [value for fold in of_folds if (value := fold[name]) is not None]
            found[f"test_{name}"] = fmean(known) if known else None
    return found


def _flat(nested: dict[str, Any]) -> Scores:
    """Scores by one name each: `rmse_nose_tip` instead of `nose_tip` in `rmse_keypoints`."""
    flat: Scores = {}
    for name, value in nested.items():
        flat |= {f"rmse_{part}": each for part, each in value.items()} if isinstance(value, dict) else {name: value}
    return flat


def _cost_of_ensemble(folder: Path) -> dict[str, float | None]:
    """What all networks of an ensemble cost together, if its members are still where they were."""
    members = [Path(member) for member in read_ensemble(folder)["members"]]
    if not all((member / RECORD).is_file() for member in members):
        return dict.fromkeys(COSTS)
    runs = [open_run(member) for member in members]
    return _cost([run.result(fold) for run in runs for fold in run.folds()], sum)


def _cost(results: Sequence[dict[str, Any]], join: Callable[[list[float]], float]) -> dict[str, float | None]:
    """The cost of several trainings: the largest memory, the others joined; None where it is not known of all."""
    cost: dict[str, float | None] = {}
    for name in COSTS:
        known = [result[name] for result in results if result.get(name) is not None]
        whole = len(known) == len(results) > 0
        cost[name] = (max if name == "peak_memory_mb" else join)(known) if whole else None
    return cost


def _mean_entry(entries: Sequence[Entry], dataset: Dataset, solution: Solution | None) -> Entry:
    points = mean_points(dataset.training)
    test = np.broadcast_to(points, (len(dataset.test), *points.shape))
    members: list[Trained] = []
    for model in (member for entry in entries for member in entry.members):
        if not any(model.same_rows(known) for known in members):
            held = np.broadcast_to(points, (len(model.rows), *points.shape))
            found = _score(model.rows, held, [test], dataset, solution)
            members.append(Trained(None, None, (), model.rows, held, test, dict.fromkeys(COSTS), found))
    return Entry(MEAN, tuple(members))
