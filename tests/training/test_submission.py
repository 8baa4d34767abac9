"""From trained runs to the file that Kaggle takes and its score, by the commands that a user types."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from tests.training.competition_files import write, write_competition
from tests.training.run_folders import write_ensemble, write_run
from tracker.errors import FkdError
from training.cli import application
from training.data.competition import read_dataset
from training.data.dataset import CELLS, Dataset
from training.predictions import read_predictions

RNG = np.random.default_rng(0)
TRUTH = RNG.uniform(10, 80, (4, 15, 2)).astype(np.float32)


def command(*words: str | Path) -> Result:
    return CliRunner().invoke(application, [str(word) for word in words])


def refusal(*words: str | Path) -> str:
    """What a command refuses with."""
    result = command(*words)
    assert isinstance(result.exception, FkdError), result.output
    return str(result.exception)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FKD_CACHE", str(tmp_path / "cache"))
    folder = write_competition(tmp_path / "data", first=20, second=10, test=4)
    with (folder / "IdLookupTable.csv").open(newline="", encoding="utf-8") as file:
        asked = list(csv.DictReader(file))
    rows: list[list[object]] = []
    for row in asked:
        value = TRUTH[int(row["ImageId"]) - 1].ravel()[CELLS.index(row["FeatureName"])]
        rows.append([row["RowId"], f"{value:.6f}"])
    write(folder / "solution.csv", ["RowId", "Location"], rows)
    return folder


@pytest.fixture
def dataset(data: Path) -> Dataset:
    return read_dataset(data)


def test_what_is_submitted_is_scored_as_the_competition_does(data: Path, dataset: Dataset, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", dataset, {0: [0, 1]}, test={0: TRUTH + np.float32([3, 0])}, shift_of_mirrored=0)
    out = tmp_path / "submission.csv"
    assert command("submit", run, "--out", out).exit_code == 0
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["RowId"] for row in rows] == [str(number) for number in range(1, 69)]  # 30 + 4 + 30 + 4 questions
    assert float(rows[0]["Location"]) == pytest.approx(TRUTH[0, 0, 0] + 3, abs=1e-4)
    for answers in (run, out):
        result = command("score", answers, "--data", data, "--solution", data / "solution.csv", "--json")
        assert result.exit_code == 0, result.output
        scores = json.loads(result.output)
        assert scores["values"] == 68
        assert scores["rmse"] == pytest.approx(np.sqrt(4.5), abs=1e-3)  # 3 pixels across, none down
        assert scores["rmse_keypoints"]["nose_tip"] == pytest.approx(np.sqrt(4.5), abs=1e-3)
    printed = command("score", out, "--data", data, "--solution", data / "solution.csv").output
    assert "left_eye_center" in printed
    assert "2.121" in printed


def test_folds_and_mirrored_answers_are_averaged(dataset: Dataset, tmp_path: Path) -> None:
    folds, test = {0: [0, 1, 2], 1: [3, 25]}, {0: TRUTH, 1: TRUTH + 4}
    run = write_run(tmp_path / "run", dataset, folds, test=test, shift_of_mirrored=2)
    plain, flipped = (read_predictions(run, dataset, flips=flips) for flips in (False, True))
    assert plain.rows.tolist() == [0, 1, 2, 3, 25]
    assert plain.test == pytest.approx(TRUTH + 2, abs=1e-4)
    assert flipped.test == pytest.approx(TRUTH + 3, abs=1e-4)
    assert flipped.validation == pytest.approx(plain.validation + 1, abs=1e-4)


def test_an_ensemble_is_read_as_a_run_is(data: Path, dataset: Dataset, tmp_path: Path) -> None:
    held = [*range(12), *range(20, 28)]
    good = write_run(tmp_path / "good", dataset, {0: held}, noise=0.5, test={0: TRUTH}, shift_of_mirrored=0)
    bad = write_run(tmp_path / "bad", dataset, {0: held[::-1]}, noise=4, test={0: TRUTH + 9}, shift_of_mirrored=0)
    average = tmp_path / "average"
    result = command("ensemble", good, bad, "--out", average, "--method", "average")
    assert result.exit_code == 0, result.output
    assert read_predictions(average, dataset).test == pytest.approx(TRUTH + 4.5, abs=1e-4)
    assert command("ensemble", good, bad, "--out", tmp_path / "stack").exit_code == 0
    scores = []
    for folder in (average, tmp_path / "stack"):
        answer = command("score", folder, "--solution", data / "solution.csv", "--json")
        scores.append(json.loads(answer.output)["rmse"])
    assert scores[0] == pytest.approx(4.5, abs=0.01)
    assert scores[1] < 0.5 * scores[0]
    assert command("submit", tmp_path / "stack", "--out", tmp_path / "submission.csv").exit_code == 0


def test_mistakes_are_one_sentence(data: Path, dataset: Dataset, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", dataset, {0: [0, 1]}, test={0: TRUTH - 200}, shift_of_mirrored=0)
    out, solution = tmp_path / "out.csv", data / "solution.csv"
    assert command("submit", run, "--out", out).exit_code == 0
    assert {float(line.split(",")[1]) for line in out.read_text().split()[1:]} == {0.0}  # Kaggle takes 0 to 96
    assert "--overwrite" in refusal("submit", run, "--out", out)
    assert "neither the folder of a training" in refusal("submit", tmp_path, "--out", out)
    assert "--data" in refusal("score", out, "--solution", solution)
    write(out, ["RowId", "Location"], [[1, 5]])
    assert "answers 1 of 68" in refusal("score", out, "--data", data, "--solution", solution)
    write(out, ["RowId", "Location"], [[999, 5]])
    assert "none of the 68 RowIds" in refusal("score", run, "--solution", out)
    other = write_competition(tmp_path / "other", first=12, second=0)
    assert "other data" in refusal("submit", run, "--data", other, "--out", tmp_path / "new.csv")
    assert "--method cannot be 'vote'" in refusal("ensemble", run, "--method", "vote", "--out", tmp_path / "e")
    assert "in use" in refusal("ensemble", run, "--out", run)
    (other / "test.csv").unlink()
    alone = write_run(tmp_path / "alone", read_dataset(other), {0: [0, 1]})
    assert "lacks test.csv" in refusal("submit", alone, "--out", tmp_path / "new.csv")


def test_damaged_files_of_runs_and_ensembles_are_named(data: Path, dataset: Dataset, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", dataset, {0: [0, 1]})
    ensemble = write_ensemble(tmp_path / "ensemble", dataset, [run], [0, 1])
    out = tmp_path / "out.csv"
    for file, content in (
        (ensemble / "predictions.npz", ""),
        (ensemble / "ensemble.json", "{"),
        (ensemble / "ensemble.json", "[1]"),
        (ensemble / "ensemble.json", "{}"),
        (run / "fold-0" / "predictions.npz", "PK no zip"),
        (run / "fold-0" / "result.json", "{"),
        (run / "run.json", "{"),
    ):
        kept = file.read_bytes()
        file.write_text(content, encoding="utf-8")
        folder = ensemble if file.parent == ensemble else run
        command_ = "compare" if file.name == "result.json" else "submit"
        assert str(file) in refusal(command_, folder, "--out", out, "--data", data)
        file.write_bytes(kept)
    (ensemble / "predictions.npz").unlink()
    assert "predictions.npz cannot be read: No such file" in refusal("submit", ensemble, "--out", out)
    assert not out.exists()
