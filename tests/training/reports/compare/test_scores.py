"""`fkd train compare`: its numbers against plain arithmetic."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.reports.compare.plain import (
    FIRST,
    HELD,
    answers,
    errors_on_test,
    held_out_errors,
    read_table,
    root_mean_square,
)
from tests.training.run_folders import COST
from tracker.keypoints import KEYPOINTS, LEFT_EYE, REGIONS, RIGHT_EYE
from training.data.dataset import CELLS


def test_scores_of_a_run_are_those_of_plain_arithmetic(
    numbers: dict[str, Any], data: Path, runs: list[Path], solution: Path
) -> None:
    run = numbers["models"][1]["runs"][1]
    assert run["folder"] == str(runs[1])
    errors = held_out_errors(data, runs[1], {0: HELD})
    kinds = [[error for row, _, error in errors if (row >= FIRST) == kind] for kind in (False, True)]
    first, second = map(root_mean_square, kinds)
    expected = {
        "rmse": root_mean_square([error for _, _, error in errors]),
        "rmse_first": first,
        "rmse_second": second,
        "rmse_test_mix": math.sqrt(0.649 * first**2 + 0.351 * second**2),
        "rmse_nose_tip": root_mean_square([error for _, cell, error in errors if cell.startswith("nose_tip")]),
    }
    for region, members in REGIONS.items():
        names = {KEYPOINTS[member] for member in members}
        expected[f"rmse_{region}"] = root_mean_square([error for _, cell, error in errors if cell[:-2] in names])
    said = [answers(runs[1], 0, 0, image, test=True) for image in range(12)]
    asked = errors_on_test(data, solution, said)
    expected["test_rmse"] = root_mean_square([error for _, error in asked])
    for name, odd in (("test_rmse_first", 0), ("test_rmse_second", 1)):
        expected[name] = root_mean_square([error for image, error in asked if image % 2 == odd])
    assert {name: run["scores"][name] for name in expected} == pytest.approx(expected, rel=1e-5)


def test_error_is_a_share_of_the_eye_distance(numbers: dict[str, Any], data: Path, runs: list[Path]) -> None:
    table = read_table(data / "training.csv")
    shares = []
    for place, row in enumerate(HELD):
        labels = np.array([float(table[row][cell] or "nan") for cell in CELLS]).reshape(15, 2)
        eyes = math.dist(labels[LEFT_EYE], labels[RIGHT_EYE])
        said = answers(runs[0], 0, row, place)
        shares += [100 * math.dist(a, b) / eyes for a, b in zip(said, labels, strict=True) if not np.isnan(b).any()]
    assert numbers["models"][1]["runs"][0]["scores"]["error_percent"] == pytest.approx(np.mean(shares), rel=1e-5)


def test_the_mean_is_the_first_row_and_the_measure_of_the_others(
    numbers: dict[str, Any], data: Path, solution: Path
) -> None:
    table = read_table(data / "training.csv")
    mean = np.array([np.mean([float(row[cell]) for row in table if row[cell]]) for cell in CELLS])
    row = numbers["models"][0]
    errors = [mean[i] - float(table[r][cell]) for r in HELD for i, cell in enumerate(CELLS) if table[r][cell]]
    assert (row["name"], row["kind"]) == ("mean", "mean")
    assert row["runs"][0]["scores"]["rmse"] == pytest.approx(root_mean_square(errors), rel=1e-5)
    asked = [error for _, error in errors_on_test(data, solution, [mean] * 12)]
    assert row["scores"]["test_rmse"]["mean"] == pytest.approx(root_mean_square(asked), rel=1e-5)
    assert (row["percent_of_above"], row["percent_of_mean"]) == (None, None)
    values = [model["scores"]["test_rmse"]["mean"] for model in numbers["models"]]
    for index, model in enumerate(numbers["models"][1:], 1):
        assert model["percent_of_above"] == pytest.approx(100 * values[index] / values[index - 1])
        assert model["percent_of_mean"] == pytest.approx(100 * values[index] / values[0])


def test_seeds_are_one_row_in_the_order_given(numbers: dict[str, Any]) -> None:
    names = [model["name"] for model in numbers["models"]]
    assert names == ["mean", "baseline", "specialists", "heatmap", "joined"]
    row = numbers["models"][1]
    assert row["seeds"] == [0, 1, 2]
    for score in ("rmse", "test_rmse_second", "rmse_mouth_brows"):
        of_runs = [run["scores"][score] for run in row["runs"]]
        assert len(set(of_runs)) == 3
        assert row["scores"][score] == {
            "mean": pytest.approx(np.mean(of_runs)), "low": min(of_runs), "high": max(of_runs)
        }  # fmt: skip


def test_folds_are_pooled_and_their_test_scores_averaged(
    numbers: dict[str, Any], data: Path, runs: list[Path], solution: Path
) -> None:
    row = numbers["models"][2]
    errors = held_out_errors(data, runs[3], {0: HELD, 1: [0, 2, 17]})
    assert row["runs"][0]["held_out_rows"] == 9
    assert row["scores"]["rmse"]["mean"] == pytest.approx(root_mean_square([error for _, _, error in errors]), rel=1e-5)
    said = [[answers(runs[3], fold, 0, image, test=True) for image in range(12)] for fold in (0, 1)]
    of_folds = [root_mean_square([error for _, error in errors_on_test(data, solution, points)]) for points in said]
    assert row["scores"]["test_rmse"]["mean"] == pytest.approx(sum(of_folds) / 2, rel=1e-5)
    assert (row["seconds"], row["parameters"]) == (1.5 * COST["seconds"], COST["parameters"])


def test_an_ensemble_costs_what_its_networks_cost(numbers: dict[str, Any]) -> None:
    row = numbers["models"][4]
    assert (row["kind"], row["options"], row["seeds"]) == ("ensemble", None, [])
    assert row["scores"]["rmse"]["mean"] == pytest.approx(0.5, rel=1e-5)
    assert (row["parameters"], row["seconds"], row["peak_memory_mb"]) == (3000, 4 * COST["seconds"], 500)


def test_histories_are_read_whatever_their_columns_are_called(numbers: dict[str, Any]) -> None:
    found = [(one["model"], one["seed"], one["fold"], one["part"]) for one in numbers["histories"]]
    joint = [("baseline", seed, 0, "joint") for seed in (0, 1, 2)]
    both = [("specialists", 0, fold, part) for fold in (0, 1) for part in ("joint", "eye_centers")]
    assert found == [*joint, *both, ("heatmap", 0, 0, "joint")]
    for one in numbers["histories"]:
        assert one["epochs"] == [1, 2, 3, 4]
        assert one["validation_rmse"] == [9, 3, 2, 2.5]
        assert one["training_rmse"] == [4.5, 1.5, 1, 1.25]
        assert one["best_epoch"] == 3
