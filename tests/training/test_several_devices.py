"""Training on several devices and machines: virtual CPUs stand in for GPUs, processes on loopback for machines."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import PROGRAMS
from tests.training.competition_files import write_competition
from tests.training.small_training import train
from tracker.errors import InputError
from training.fitting.checkpoint import read_history
from training.fitting.devices import Devices

ROOT = Path(__file__).parents[2]
Process = "subprocess.Popen[str]"
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras and numpy 2


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """27 rows: of the 21 to train on the last batch of 8 has 5, which are not the same number for each device."""
    return write_competition(tmp_path_factory.mktemp("data"), first=27, second=0)


def start(words: list[str], cache: Path, config: dict[str, object] | None = None) -> Process:
    variables = {"FKD_CACHE": str(cache)} | ({} if config is None else {"TF_CONFIG": json.dumps(config)})
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(words, cwd=ROOT, env=os.environ | variables, text=True, **pipes)


def start_both(words: list[str], runs: tuple[Path, Path], cache: Path) -> list[Process]:
    """Two machines, each with a folder of its own."""
    with socket.socket() as one, socket.socket() as two:
        for each in (one, two):
            each.bind(("127.0.0.1", 0))
        addresses = [f"127.0.0.1:{each.getsockname()[1]}" for each in (one, two)]
    return [
        start(
            [word.replace("RUN", str(run)) for word in words],
            cache,
            {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}},
        )
        for index, run in enumerate(runs)
    ]


TRAIN = """
import sys
from tracker.imports import import_tensorflow
import_tensorflow()
from tests.training.small_training import train
train(*sys.argv[1:])
"""


def test_the_curve_is_that_of_one_device(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FKD_CACHE", str(tmp_path))
    program = [sys.executable, "-c", TRAIN, str(data)]
    three = start([*program, str(tmp_path / "three"), "cpu:0,cpu:1,cpu:2"], tmp_path)
    runs = (tmp_path / "machines", tmp_path / "other")
    machines = start_both([*program, "RUN", "all"], runs, tmp_path)
    train(str(data), str(tmp_path / "one"), "all")
    for process in (three, *machines):
        _, errors = process.communicate(timeout=280)
        assert process.returncode == 0, errors
    expected = read_history(tmp_path / "one")
    assert len(expected) == 3
    assert expected[-1]["val_points_rmse"] < expected[0]["val_points_rmse"]
    for name in ("three", "machines"):
        for row, wanted in zip(read_history(tmp_path / name), expected, strict=True):
            assert row == pytest.approx(wanted, rel=1e-3), name
    assert (tmp_path / "machines/best.weights.h5").is_file()
    assert not runs[1].exists()


def wait_for_epochs(run: Path, count: int, process: Process) -> None:
    deadline = time.monotonic() + 250
    while len(read_history(run / "fold-0/joint")) < count and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)


def test_when_a_machine_is_killed_the_other_ends_and_both_go_on(data: Path, tmp_path: Path) -> None:
    runs = (tmp_path / "run", tmp_path / "nothing")
    words = [str(PROGRAMS / "fkd"), "train", "fit", "baseline", "--data", str(data), "--out", "RUN"]
    words += ["--epochs", "300", "--patience", "0", "--batch", "8", "--resume"]
    epochs = 0
    for victim in (1, 0):
        machines = start_both(words, runs, tmp_path)
        wait_for_epochs(runs[0], epochs + 2, machines[0])
        machines[victim].send_signal(signal.SIGKILL)
        said, errors = machines[1 - victim].communicate(timeout=250)
        machines[victim].communicate()
        assert machines[1 - victim].returncode == 2, (said, errors)
        assert "machine of this training" in errors
        assert "--resume" in errors
        assert errors.count("fkd:") == 1
        assert "Traceback" not in errors
        known = len(read_history(runs[0] / "fold-0/joint"))
        assert epochs + 2 <= known < 300
        epochs = known
    assert [row["epoch"] for row in read_history(runs[0] / "fold-0/joint")] == list(range(epochs))
    assert not runs[1].exists()


@pytest.mark.parametrize("choice", ["gpu:7", "3", "0", "cpu:0,gpu:0", "cpu:0,cpu:0", "tpu", ""])
def test_what_is_no_device_here_is_refused(choice: str) -> None:
    with pytest.raises(InputError, match="--devices"):
        Devices(choice)


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 3}}', '{"cluster": {}}']
)
def test_a_cluster_that_is_none_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(InputError, match="TF_CONFIG"):
        Devices()
