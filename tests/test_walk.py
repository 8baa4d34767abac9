"""The walk of docs/training.md, command by command as it stands there, on files of ten rows of one kind."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import PROGRAMS
from tests.system_calls import needs_strace, read_calls, watched
from tests.training.competition_files import write, write_competition

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
COMMANDS = [line.split(" #")[0].split() for block in BLOCKS for line in block.splitlines() if line.startswith("fkd")]
NOT_HERE = (["fkd", "train", "download"], ["fkd-live", "--camera"], ["tensorboard"])
"""What needs Kaggle, a camera or a person to look at it."""
TRACES = "traces"
TAKEN_AWAY = ("DISPLAY", "KERAS_HOME", "MPLCONFIGDIR", "XDG_CACHE_HOME")


def run(words: list[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    shorter = {"fit": ["--epochs", "1"], "bench": ["--frames", "5"]}
    extra = next((added for word, added in shorter.items() if word in words[:3]), [])
    command = [str(PROGRAMS / words[0]), *words[1:], *extra]
    own = {"FKD_CACHE": str(folder / "c"), "TMPDIR": str(folder / "t"), "HOME": str(folder / "h")}
    return subprocess.run(
        watched(command, folder / TRACES) if shutil.which("strace") and words[1] == "train" else command,
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name not in TAKEN_AWAY} | own,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which all commands were given."""
    folder = tmp_path_factory.mktemp("walk")
    write_competition(folder / "data", first=10, second=0)
    for name in ("t", "h"):
        (folder / name).mkdir()
    with (folder / "data/IdLookupTable.csv").open(encoding="utf-8") as file:
        questions = len(file.readlines()) - 1
    write(folder / "solution.csv", ["RowId", "Location"], [[number + 1, 48] for number in range(questions)])
    for words in COMMANDS:
        if words[: 3 if words[1] == "train" else 2] in NOT_HERE:
            continue
        result = run(words, folder)
        assert result.returncode == 0, (words, result.stderr)
        assert "Warning" not in result.stderr, (words, result.stderr)
    return folder


def test_every_model_was_trained_and_says_something_of_every_face(walked: Path) -> None:
    models = sorted(path.name for path in (walked / "runs").iterdir() if (path / "run.json").is_file())
    assert models == ["baseline", "heatmap", "multibranch", "regions", "specialists"]
    for model in models:
        with np.load(walked / "runs" / model / "fold-0/predictions.npz") as predictions:
            assert predictions["test"].shape == (2, 4, 15, 2)
            assert np.isfinite(predictions["test"]).all()
            assert np.isfinite(predictions["validation"]).all()
    assert not list(walked.rglob("state-*"))


def test_every_command_left_what_it_promises(walked: Path) -> None:
    for name in ("runs/eda/report.html", "runs/compare/report.html", "submission.csv"):
        assert (walked / name).stat().st_size > 500
    compared = json.loads((walked / "runs/compare/compare.json").read_text(encoding="utf-8"))
    assert len(compared["models"]) >= 6
    assert json.loads((walked / "runs/heatmap/export/model.json").read_text(encoding="utf-8"))["model"] == "heatmap"


@needs_strace
def test_nothing_was_sent_and_nothing_else_was_written(walked: Path) -> None:
    seen = read_calls(walked / TRACES, walked)
    assert seen.contacts == []
    allowed = [walked / name for name in ("runs", "submission.csv", ".part-submission.csv", "c", "t")]
    assert [path for path in seen.written if not any(path.is_relative_to(place) for place in allowed)] == []
    assert list((walked / "t").iterdir()) == []
    assert len(seen.written) > 50


def test_the_notebook_runs(walked: Path) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=walked, capture_output=True, text=True, timeout=280, check=False
    )
    assert result.returncode == 0, result.stderr
    assert 0 < float(result.stdout.split()[-1]) < 96


def test_the_walk_shows_every_command(tmp_path: Path) -> None:
    help_text = run(["fkd", "train", "--help"], tmp_path).stdout.split("Commands:")[1]
    commands = {line.split()[0] for line in help_text.splitlines() if re.match(r"  \w", line)}
    shown = {words[2] for words in COMMANDS if words[1] == "train"}
    assert commands - shown == {"shipped", "accuracy"}
