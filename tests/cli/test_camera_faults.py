"""Ctrl-C while a camera is in each of its faults, in the program as it is started."""

import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.conftest import environment

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
import tracker.sources.camera as camera
from tests.tracker.sources.fake_camera import FakeCamera
from tracker.cli.main import fkd_live

device, state = FakeCamera(), sys.argv.pop(1)
if state == "opening":
    device.opening.clear()
device.then = (20, state)
camera.open_camera = device.open
fkd_live()
"""
"""`fkd-live` with a camera that gives 20 pictures and then falls into a state, or never opens."""


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("opening", "since it is being opened"),
        ("failing", "gives no picture any more"),
        ("blocked", "does not answer any more"),
        ("frozen", "the same picture over and over"),
        ("gone", "gives no picture any more"),
    ],
)
def test_ctrl_c_ends_it_in_every_state(tmp_path: Path, state: str, words: str) -> None:
    said, errors = tmp_path / "said", tmp_path / "errors"
    command = [sys.executable, "-u", "-c", PROGRAM, state, "--no-window", "--points", "a.jsonl"]
    with said.open("w") as out, errors.open("w") as err:
        process = subprocess.Popen(
            command, cwd=tmp_path, env=environment() | {"PYTHONPATH": str(ROOT)}, stdout=out, stderr=err
        )
    end = monotonic() + 60
    while words not in said.read_text() and process.poll() is None and monotonic() < end:
        sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=10) == 130
    assert words in said.read_text()
    assert errors.read_text() == ""
    if state != "opening":
        assert (tmp_path / "a.jsonl").read_bytes()[-1:] in (b"\n", b"")  # empty if it fell before the loop began
