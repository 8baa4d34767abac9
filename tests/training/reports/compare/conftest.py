"""Runs, an ensemble, and what `fkd train compare` makes of them, once for all tests of this folder."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.competition_files import write, write_competition
from tests.training.reports.compare.plain import FIRST, HELD, SECOND, TWO, read_table
from tests.training.run_folders import write_ensemble, write_run
from training.data.competition import read_dataset
from training.data.dataset import Dataset
from training.reports.compare.report import compare


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FKD_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="package")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_competition(tmp_path_factory.mktemp("data"), first=FIRST, second=SECOND, test=12)


@pytest.fixture(scope="package")
def dataset(data: Path) -> Dataset:
    return read_dataset(data, use_cache=False)


@pytest.fixture(scope="package")
def solution(data: Path) -> Path:
    """Right answers for all that is asked but the first ten values."""
    rng = np.random.default_rng(5)
    rows: list[list[object]] = [
        [row["RowId"], f"{rng.uniform(40, 56):.4f}"] for row in read_table(data / "IdLookupTable.csv")[10:]
    ]
    write(data / "solution.csv", ["RowId", "Location"], rows)
    return data / "solution.csv"


@pytest.fixture(scope="package")
def runs(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three seeds of a baseline, two specialists' networks in two folds, a network with maps, and an ensemble."""
    folder = tmp_path_factory.mktemp("runs")
    found = [write_run(folder / f"b{seed}", dataset, {0: HELD}, second=TWO, seed=seed) for seed in (0, 1, 2)]
    folds = {0: HELD, 1: [0, 2, 17]}
    found.append(write_run(folder / "s", dataset, folds, model="specialists", parts=("eye_centers", "joint")))
    found.append(write_run(folder / "h", dataset, {0: HELD}, model="heatmap", maps=True, noise=0.5))
    return [*found, write_ensemble(folder / "joined", dataset, found[3:5], HELD)]


@pytest.fixture(scope="package")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("out")


@pytest.fixture(scope="package")
def numbers(data: Path, runs: list[Path], solution: Path, out: Path) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FKD_CACHE", str(out / "cache"))
        returned = compare(runs, out, data=data, solution=solution)
    assert returned == json.loads((out / "compare.json").read_text())
    return returned
