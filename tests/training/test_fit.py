"""`fkd train fit` on a small competition: it learns, survives being killed, and says what it was given wrongly."""

import errno
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from tests.conftest import PROGRAMS
from tests.training.competition_files import write_competition
from tracker.errors import InputError, OutputError
from training.cli import application
from training.fitting.checkpoint import Checkpoint, read_history
from training.fitting.devices import Devices
from training.fitting.loop import Loop
from training.fitting.run import open_run
from training.losses import RMSE

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras and numpy 2


@pytest.fixture(scope="module")
def competition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_competition(tmp_path_factory.mktemp("data"), first=40, second=30)


def command(*words: str | int | Path) -> list[str]:
    return [str(PROGRAMS / "fkd"), "train", "fit", *map(str, words)]


@pytest.fixture
def fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """The command in this process, which has TensorFlow already."""
    monkeypatch.setenv("FKD_CACHE", str(tmp_path))
    return lambda *words: CliRunner().invoke(application, ["fit", *map(str, words)])


WITHOUT_TENSORFLOW = """
import sys
sys.modules["tensorflow"] = sys.modules["keras"] = None
from tracker.cli.main import fkd
sys.argv = ["fkd", "train", "fit", *sys.argv[1:]]
fkd()
"""


def refuse(*words: str | int | Path, cache: Path, message: str) -> None:
    """Sees to it that these words are answered by one sentence, before TensorFlow is loaded."""
    result = subprocess.run(
        [sys.executable, "-c", WITHOUT_TENSORFLOW, *map(str, words)],
        env=os.environ | {"FKD_CACHE": str(cache)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def history(run: Path) -> list[dict[str, float]]:
    return read_history(run / "fold-0" / "joint")


def test_a_killed_run_is_resumed_and_ends_as_an_undisturbed_one(
    competition: Path, tmp_path: Path, fit: Callable[..., Result]
) -> None:
    words = ["baseline", "--data", competition, "--epochs", "6", "--batch", "8", "--augment", "moderate"]
    words += ["--averaging", "0.9"]
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
    assert 2 <= len(history(killed)) < 6
    refuse(*words, "--out", killed, cache=tmp_path, message="--resume")
    for result in (fit(*words, "--out", killed, "--resume"), fit(*words, "--out", tmp_path / "whole")):
        assert result.exit_code == 0, result.output
    assert [row["epoch"] for row in history(killed)] == [row["epoch"] for row in history(tmp_path / "whole")]
    scores = [json.loads((run / "fold-0/result.json").read_text())["rmse"] for run in (tmp_path / "whole", killed)]
    assert scores[1] == pytest.approx(scores[0], rel=0.01)
    first, last = (history(killed)[row]["val_rmse"] for row in (0, -1))
    assert last < 0.7 * first
    run = open_run(killed)
    assert run.folds() == [0]
    assert len(run.heads) == 17
    refuse(*words, "--seed", "1", "--out", killed, "--resume", cache=tmp_path, message="other options")


def test_filled_rows_leave_no_output_untrained(competition: Path, tmp_path: Path, fit: Callable[..., Result]) -> None:
    words = ["--data", competition, "--epochs", "1", "--missing", "fill", "--out", tmp_path / "run"]
    assert fit("baseline", *words).exit_code == 0
    assert len(open_run(tmp_path / "run").heads) == 15


def small_loop(outputs: int = 1) -> Loop:
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(outputs)])
    return Loop(network, {}, RMSE, keras.optimizers.SGD(0.1), 1.0, 0.0, Devices())


def test_a_loss_that_is_no_number_ends_the_training_and_is_not_kept(tmp_path: Path) -> None:
    loop = small_loop()
    with pytest.raises(InputError, match="lower --learning-rate"):
        Checkpoint(tmp_path, "val_rmse").finish_epoch(loop, 3, {"loss": float("nan"), "val_rmse": 2.0})
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_said_and_the_epochs_before_it_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loop = small_loop()
    checkpoint = Checkpoint(tmp_path, "val_rmse")
    checkpoint.finish_epoch(loop, 0, {"val_rmse": 2.0})

    def fill(path: Path, **_: object) -> None:
        Path(path).write_bytes(b"half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(np, "savez", fill)
    with pytest.raises(OutputError, match=r"state-00001\.npz cannot be written: No space left"):
        checkpoint.finish_epoch(loop, 1, {"val_rmse": 1.0})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best.weights.h5", "history.csv", "state-00000.npz"]
    again = Checkpoint(tmp_path, "val_rmse")
    assert again.resume(loop) == 1
    assert [row["val_rmse"] for row in again.history] == [2.0]


def test_a_damaged_state_is_said(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path, "val_rmse")
    checkpoint.finish_epoch(small_loop(), 0, {"val_rmse": 2.0})
    with pytest.raises(InputError, match=r"state-00000\.npz is the state of another network"):
        checkpoint.resume(small_loop(outputs=3))
    (tmp_path / "history.csv").write_text("epoch,val_rmse\n0,two\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"history\.csv is not the history"):
        checkpoint.resume(small_loop())
    (tmp_path / "state-00000.npz").write_bytes(b"")
    with pytest.raises(InputError, match=r"state-00000\.npz is damaged.*Without that file"):
        checkpoint.resume(small_loop())


def test_mistakes_are_one_sentence_before_tensorflow_is_loaded(competition: Path, tmp_path: Path) -> None:
    for words, message in (
        (["hourglass", "--data", competition], "no model called 'hourglass'"),
        (["baseline", "--data", competition, "--loss", "l1"], "--loss cannot be 'l1'"),
        (["baseline", "--data", competition, "--seed", 2**32], "--seed cannot be 4294967296"),
        (["baseline", "--data", tmp_path / "nowhere"], "nothing at"),
    ):
        refuse(*words, "--out", tmp_path / "run", cache=tmp_path, message=message)
    assert not (tmp_path / "run").exists()
