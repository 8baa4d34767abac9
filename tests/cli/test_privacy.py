"""Nothing is sent, and nothing written that was not named: seen where programs talk to the system, not by patching."""

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import PROGRAMS, environment
from tests.system_calls import Seen, needs_strace, read_calls, watched
from tracker import Faces, Frame
from tracker.sinks import open_points

pytestmark = needs_strace


class House:
    """A user's home, temporary files, and the folder in which commands are given."""

    def __init__(self, place: Path) -> None:
        self.home, self.temporary, self.work, self.traces = (place / name for name in ("home", "tmp", "work", "traces"))
        for folder in (self.home, self.temporary, self.work):
            folder.mkdir()

    def run(self, *command: str | Path) -> Seen:
        own = {"HOME": self.home, "TMPDIR": self.temporary}
        kept = {name: value for name, value in environment().items() if name not in TAKEN_AWAY}
        result = subprocess.run(
            watched(command, self.traces),
            cwd=self.work,
            env=kept | {name: str(folder) for name, folder in own.items()},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        return read_calls(self.traces, self.work)


TAKEN_AWAY = ("XDG_CACHE_HOME", "FKD_CACHE", "MPLCONFIGDIR", "KERAS_HOME")
"""Variables that say where caches are."""


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.fixture
def points(house: House) -> Path:
    """Two files of points in the folder: one that is whole, and one whose program was killed."""
    image, face = (
        np.zeros((16, 16, 3), np.uint8),
        Faces(
            np.full((1, 15, 2), 7.5), np.ones((1, 15)), np.array([[0, 0, 9, 9.0]]), np.ones(1), np.zeros(1, np.int64)
        ),
    )
    whole, broken = house.work / "whole.jsonl", house.work / "broken.parquet"
    with open_points(whole) as sink, open_points(house.temporary / "broken.parquet") as killed:
        for index in range(10):
            for each in (sink, killed):
                each.append(Frame(image, index, index / 10), face)
        for name in (broken.name, f"{broken.name}.journal"):
            shutil.copy(house.temporary / name, house.work)
    for path in house.temporary.iterdir():
        path.unlink()
    return whole


LIVE = ["fkd-live", "--video", "CLIP", "--no-window"]
COMMANDS: dict[str, tuple[list[str], set[str]]] = {
    "live": ([*LIVE, "--points", "p.jsonl", "--record", "a.mp4"], {"p.jsonl", "a.mp4"}),
    "video": (
        ["fkd", "video", "CLIP", "--points", "p.parquet", "--out", "b.mp4"],
        {"p.parquet", "p.parquet.journal", "b.mp4"},
    ),
    "batch": (["fkd", "batch", "CLIP", "--out", "out"], {"out"}),
    "plot": (["fkd", "plot", "POINTS", "--out", "plot.png"], {"plot.png"}),
    "recover": (
        ["fkd", "recover", "broken.parquet"],
        {"broken.parquet", "broken.parquet.journal", "broken.part.parquet"},
    ),
    "bench": (["fkd", "bench", "--frames", "3", "--json"], set()),
    "cameras": (["fkd", "cameras"], set()),
    "doctor": (["fkd", "doctor", "--no-benchmark"], set()),
    "help": (["fkd", "--help"], set()),
}


"""Each command, and what it may write in the folder where it is given, with what it writes in passing."""


@pytest.mark.parametrize(("words", "named"), COMMANDS.values(), ids=COMMANDS)
def test_nothing_is_sent_and_nothing_else_is_written(
    words: list[str], named: set[str], clip: Path, house: House, points: Path
) -> None:
    places = {"CLIP": clip, "POINTS": points}
    before = {path.name for path in house.work.iterdir()}
    seen = house.run(PROGRAMS / words[0], *[places.get(word, word) for word in words[1:]])
    assert seen.contacts == []
    allowed = [*(house.work / name for name in named), house.home / ".cache", house.temporary]
    assert [path for path in seen.written if not any(path.is_relative_to(place) for place in allowed)] == []
    assert {path.name for path in house.work.iterdir()} - named <= before
    assert {path.relative_to(house.home / ".cache").parts[0] for path in house.home.rglob("*/*")} <= {"fkd"}
    assert list(house.temporary.iterdir()) == []


@pytest.mark.parametrize("scheme", ["udp", "osc"])
def test_only_the_address_that_was_named_is_sent_to(scheme: str, clip: Path, house: House) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        port = receiver.getsockname()[1]
        words = [clip if word == "CLIP" else word for word in LIVE[1:]]
        seen = house.run(PROGRAMS / LIVE[0], *words, "--send", f"{scheme}://127.0.0.1:{port}")
    assert seen.contacts
    assert all(f"htons({port})" in call and '"127.0.0.1"' in call for call in seen.contacts if "AF_INET" in call)


def test_what_is_sent_or_written_would_be_seen(house: House) -> None:
    """Also by a process that was started by the program, and by a thread of it."""
    program = """
import pathlib, socket, subprocess, sys, threading
threading.Thread(target=lambda: socket.socket().connect_ex(("127.0.0.1", 9))).start()
subprocess.run([sys.executable, "-c", "import os; open('a', 'w'); os.mkdir('b'); os.rename('a', 'c'); os.remove('c')"])
pathlib.Path.home().joinpath(".secret").touch()
"""
    seen = house.run(sys.executable, "-c", program)
    assert len(seen.contacts) == 1
    assert {house.work / name for name in "abc"} | {house.home / ".secret"} == seen.written
