"""`fkd train fit` on a small competition: it learns, survives being killed, and says what it was given wrongly."""

import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import keras
import pytest

from tests.training.competition_files import write_competition
from tracker.errors import InputError
from training.fitting.checkpoint import Checkpoint
from training.fitting.devices import Devices
from training.fitting.loop import Loop
from training.fitting.run import open_run
from training.losses import RMSE

FKD = Path(sys.executable).parent / "fkd"


@pytest.fixture(scope="module")
def competition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_competition(tmp_path_factory.mktemp("data"), first=80, second=60)


def command(*words: str | Path) -> list[str]:
    return [str(FKD), "train", "fit", *map(str, words)]


def fit(*words: str | Path, cache: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command(*words),
        env=os.environ | {"FKD_CACHE": str(cache)},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


def history(folder: Path) -> list[dict[str, str]]:
    path = folder / "fold-0" / "joint" / "history.csv"
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_killed_run_is_resumed_and_ends_as_an_undisturbed_one(competition: Path, tmp_path: Path) -> None:
    words = ["baseline", "--data", competition, "--epochs", "8", "--batch", "8", "--augment", "moderate"]
    words += ["--averaging", "0.9"]
    whole = fit(*words, "--out", tmp_path / "whole", cache=tmp_path)
    assert whole.returncode == 0, whole.stderr
    killed = tmp_path / "killed"
    process = subprocess.Popen(
        command(*words, "--out", killed),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"FKD_CACHE": str(tmp_path)},
    )
    deadline = time.monotonic() + 200
    while len(history(killed)) < 2 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert 2 <= len(history(killed)) < 8
    refused = fit(*words, "--out", killed, cache=tmp_path)
    assert refused.returncode == 2
    assert "--resume" in refused.stderr
    resumed = fit(*words, "--out", killed, "--resume", cache=tmp_path)
    assert resumed.returncode == 0, resumed.stderr
    assert [row["epoch"] for row in history(killed)] == [row["epoch"] for row in history(tmp_path / "whole")]
    scores = [json.loads((run / "fold-0/result.json").read_text())["rmse"] for run in (tmp_path / "whole", killed)]
    assert scores[1] == pytest.approx(scores[0], rel=0.01)
    first, last = (float(history(killed)[row]["val_rmse"]) for row in (0, -1))
    assert last < 0.7 * first
    run = open_run(killed)
    assert run.folds() == [0]
    assert len(run.heads) == 17
    other = fit(*words, "--seed", "1", "--out", killed, "--resume", cache=tmp_path)
    assert other.returncode == 2
    assert "other options" in other.stderr


def test_filled_rows_leave_no_output_untrained(competition: Path, tmp_path: Path) -> None:
    words = ["--data", competition, "--epochs", "1", "--missing", "fill", "--out", tmp_path / "run"]
    assert fit("baseline", *words, cache=tmp_path).returncode == 0
    assert len(open_run(tmp_path / "run").heads) == 15


def test_a_loss_that_is_no_number_ends_the_training_and_is_not_kept(tmp_path: Path) -> None:
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    loop = Loop(network, {}, RMSE, keras.optimizers.SGD(0.1), 1.0, 0.0, Devices())
    with pytest.raises(InputError, match="lower --learning-rate"):
        Checkpoint(tmp_path, "val_rmse").finish_epoch(loop, 3, {"loss": float("nan"), "val_rmse": 2.0})
    assert not list(tmp_path.iterdir())


def test_mistakes_are_one_sentence(competition: Path, tmp_path: Path) -> None:
    for words, message in (
        (["hourglass", "--data", competition], "no model called 'hourglass'"),
        (["baseline", "--data", competition, "--loss", "l1"], "--loss cannot be 'l1'"),
        (["baseline", "--data", tmp_path / "nowhere"], "nothing at"),
    ):
        result = fit(*words, "--out", tmp_path / "run", cache=tmp_path)
        assert result.returncode == 2
        assert message in result.stderr
        assert result.stderr.count("\n") == 1
    assert not (tmp_path / "run").exists()
