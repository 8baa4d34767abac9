"""Streams as a user has them: the program on the one side, the examples on the other."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pycocotools.coco import COCO
from rerun.chunk import RrdReader

from tests.conftest import PROGRAMS, Run, environment
from tests.tracker.sinks.test_udp import listening, port_of
from tracker.sources.demo import PORTRAIT

EXAMPLES = Path(__file__).parents[2] / "examples"
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a program that goes on by itself, and ends it after the test."""
    started: list[subprocess.Popen[str]] = []

    def start_it(*words: str | Path) -> "subprocess.Popen[str]":
        started.append(
            subprocess.Popen(
                [str(word) for word in words],
                cwd=tmp_path,
                env=environment() | {"PYTHONPATH": os.pathsep.join(sys.path)},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
        return started[-1]

    yield start_it
    for process in started:
        process.kill()
        process.communicate()


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(type=kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def test_a_video_goes_to_several_places_at_once(run: Run, clip: Path, tmp_path: Path) -> None:
    with listening() as receiver:
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        send = ["--send", f"udp://127.0.0.1:{port_of(receiver)}"]
        files = ["--points", "a.json", "--points", "a.jsonl", "--rerun", "a.rrd"]
        result = run("fkd", "video", clip, *send, *files)
        assert result.returncode == 0, result.stderr
        assert result.stderr == ""
        assert [f"written: {name}" in result.stdout for name in ("a.json", "a.jsonl", "a.rrd")] == [True] * 3
        lines = (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()
        assert [receiver.recv(65536).decode() for _ in range(60)] == lines
    assert len(COCO(tmp_path / "a.json").imgs) == 60
    assert "/image/face/0" in {chunk.entity_path for chunk in RrdReader(tmp_path / "a.rrd").stream().to_chunks()}


def test_a_stream_alone_writes_no_file(run: Run, clip: Path, tmp_path: Path) -> None:
    result = run("fkd", "video", clip, "--send", f"osc://127.0.0.1:{free_port(socket.SOCK_DGRAM)}")
    assert result.returncode == 0, result.stderr
    assert list(tmp_path.iterdir()) == []
    assert "frames dropped" in result.stderr


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--send", "http://127.0.0.1:80"], "osc://HOST:PORT"),
        (["--send", "ws://127.0.0.1:TAKEN"], "taken"),
        (["--rerun", "a.mp4"], ".rrd"),
    ],
)
def test_what_cannot_be_is_one_sentence(run: Run, options: list[str], word: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        options = [option.replace("TAKEN", str(taken.getsockname()[1])) for option in options]
        result = run("fkd-live", "--demo", "--no-window", *options)
    assert result.returncode == 2, result.stderr
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith("fkd: ")
    assert line.endswith(".")
    assert word in line


def test_a_virtual_camera_that_is_not_there_is_said_once(run: Run) -> None:
    result = run("fkd-live", "--demo", "--no-window", "--virtual-camera", "/dev/no-such-camera")
    assert result.returncode == 2, result.stderr
    (line,) = [line for line in result.stdout.splitlines() if "/dev/no-such-camera" in line]
    assert line.endswith(".")
    assert result.stderr == ""


@pytest.mark.parametrize(
    ("example", "scheme", "says"),
    [
        ("osc_receiver.py", "osc", r"face 0: lips 0.0"),
        ("udp_receiver.py", "udp", "face 0: nose at "),
    ],
)
def test_a_receiver_hears_the_demo(start: Start, example: str, scheme: str, says: str) -> None:
    port = free_port(socket.SOCK_DGRAM)
    receiver = start(sys.executable, EXAMPLES / example, str(port))
    start(PROGRAMS / "fkd-live", "--demo", "--no-window", "--send", f"{scheme}://127.0.0.1:{port}")
    assert says in first_line(receiver)


def test_a_client_reads_the_demo_in_its_own_time(start: Start) -> None:
    address = f"ws://127.0.0.1:{free_port(socket.SOCK_STREAM)}"
    program = start(PROGRAMS / "fkd-live", "--demo", "--no-window", "--send", address)
    connected = time.monotonic() + 30
    while time.monotonic() < connected:
        client = start(sys.executable, EXAMPLES / "websocket_client.py", address)
        if "faces" in (line := first_line(client)):
            break
    began, first = time.monotonic(), float(line.split(" s:")[0])
    last = first
    while last < first + 1:
        last = float(first_line(client).split(" s:")[0])
    assert time.monotonic() - began > 0.5  # unhurried, it would be over in less
    assert program.poll() is None


def test_the_other_examples_run(run: Run, clip: Path, tmp_path: Path, start: Start) -> None:
    assert run("fkd", "video", clip, "--points", "clip.json").returncode == 0
    counted = start(sys.executable, EXAMPLES / "coco_reader.py", "clip.json").communicate(timeout=60)[0]
    assert "frame_000059.png [0]" in counted
    drawing = start(sys.executable, EXAMPLES / "supervision_drawing.py", PORTRAIT, "drawn.png")
    assert drawing.communicate(timeout=60)[0] == "1 faces\n"
    assert (tmp_path / "drawn.png").stat().st_size > 1000


def test_examples_are_short_and_each_is_run_by_a_test() -> None:
    folder = Path(__file__).parents[1]
    tests = [Path(__file__), folder / "tracker/sinks/test_websocket_page.py", folder / "test_examples.py"]
    texts = "".join(path.read_text(encoding="utf-8") for path in tests)
    assert [path.name for path in EXAMPLES.iterdir() if f'"{path.name}' not in texts] == []
    assert all(len(path.read_text(encoding="utf-8").splitlines()) <= 30 for path in EXAMPLES.iterdir())
