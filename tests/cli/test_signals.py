"""What is left, and with which exit code, when a signal ends the programs."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import av
import pyarrow.parquet
import pytest

from tests.conftest import PROGRAMS, Run, environment
from tracker.interrupt import Interrupt
from tracker.sinks import recover_points

LIVE = ("fkd-live", "--demo", "--no-window", "--record", "a.mp4", "--points", "a.jsonl", "--points", "a.csv")


def start(folder: Path, *words: str | Path, **streams: int) -> "subprocess.Popen[str]":
    command = [str(PROGRAMS / str(words[0])), *map(str, words[1:])]
    return subprocess.Popen(command, cwd=folder, env=environment(), text=True, **streams)  # type: ignore[call-overload,no-any-return]


def until(process: "subprocess.Popen[str]", ready: Callable[[], bool]) -> None:
    """Waits until something is so, or the program has ended."""
    deadline = time.monotonic() + 60
    while not ready() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    assert ready()


def lines_in(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def times_of(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        return [float(picture.time or 0) for picture in container.decode(video=0)]


def check_whole(folder: Path, name: str = "a") -> None:
    """Every frame is in each file, up to the same one."""
    lines = (folder / f"{name}.jsonl").read_text(encoding="utf-8")
    assert lines.endswith("\n")
    records = [json.loads(line) for line in lines.splitlines()]
    assert 0 < len(records) < 360
    assert [record["frame"] for record in records] == list(range(len(records)))
    assert len(times_of(folder / f"{name}.mp4")) == len(records)
    header, *rows = (folder / f"{name}.csv").read_text(encoding="utf-8").split("\n")
    assert rows.pop() == ""
    assert len(rows) == sum(len(record["faces"]) for record in records)
    assert {row.count(",") for row in rows} == {header.count(",")}


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
    ids=lambda value: str(value),
)
def test_the_first_signal_leaves_whole_files(tmp_path: Path, number: signal.Signals, code: int) -> None:
    process = start(tmp_path, *LIVE, stderr=subprocess.PIPE)
    until(process, lambda: lines_in(tmp_path / "a.jsonl") > 5)
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == code, errors
    assert errors == ""
    check_whole(tmp_path)


@pytest.mark.parametrize(
    ("number", "code", "more"), [(signal.SIGINT, 130, ()), (signal.SIGTERM, 143, ("--serve", "0"))], ids=["int", "term"]
)
def test_the_first_signal_leaves_whole_files_of_every_source(
    tmp_path: Path, clip: Path, number: signal.Signals, code: int, more: tuple[str, ...]
) -> None:
    process = start(tmp_path, *LIVE, "--video", clip, *more, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until(process, lambda: lines_in(tmp_path / "a-0.jsonl") > 5 and lines_in(tmp_path / "a-1.jsonl") > 5)
    process.send_signal(number)
    said, errors = process.communicate(timeout=30)
    assert process.returncode == code, errors
    assert errors == ""
    for source, name in enumerate(("clip.mp4", "demo")):
        check_whole(tmp_path, f"a-{source}")
        assert f"camera {source} ({name}): {lines_in(tmp_path / f'a-{source}.jsonl')} frames" in said
        assert f"written: a-{source}.mp4" in said


def test_a_terminal_that_is_closed_leaves_whole_files(tmp_path: Path) -> None:
    """Whatever is printed after that fails, and a session's programs get SIGHUP."""
    terminal, its_end = pty.openpty()
    process = start(tmp_path, *LIVE, stdin=its_end, stdout=its_end, stderr=its_end)
    os.close(its_end)
    until(process, lambda: lines_in(tmp_path / "a.jsonl") > 5)
    os.close(terminal)
    process.send_signal(signal.SIGHUP)
    assert process.wait(timeout=30) == 129
    check_whole(tmp_path)


def test_nobody_reads_what_is_printed(tmp_path: Path, clip: Path) -> None:
    read, write = os.pipe()
    process = start(tmp_path, "fkd", "video", clip, "--points", "a.jsonl", stdout=write, stderr=write)
    os.close(write)
    os.close(read)
    assert process.wait(timeout=60) == 0
    assert lines_in(tmp_path / "a.jsonl") == 60


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed_from_the_start_are_done_without(tmp_path: Path, clip: Path, closed: str) -> None:
    """What is opened first would else be standard error, and get what libraries print there."""
    words = [str(PROGRAMS / "fkd"), "video", str(clip), "--points", "a.csv", "--points", "a.jsonl"]
    command = ["sh", "-c", f'exec "$@" {closed}', "sh", *words]
    assert subprocess.run(command, cwd=tmp_path, env=environment(), timeout=120, check=False).returncode == 0
    lines, rows = ((tmp_path / name).read_text(encoding="utf-8").splitlines() for name in ("a.jsonl", "a.csv"))
    assert [json.loads(line)["frame"] for line in lines] == list(range(60))
    assert {row.count(",") for row in rows} == {53}


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="This system has no SIGHUP.")
def test_a_signal_that_was_to_be_ignored_is() -> None:
    """As `nohup` asks for."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interrupt() as interrupt:
            signal.raise_signal(signal.SIGHUP)
            assert interrupt.signal is None
    finally:
        signal.signal(signal.SIGHUP, before)


PATCHED = """
import sys, threading
{imports}
def stay(*_, **__):
    print("stuck", flush=True)
    threading.Event().wait()
{where} = stay
sys.argv = {words}
from tracker.cli.main import fkd_live
fkd_live()
"""


def stuck(folder: Path, imports: str, where: str) -> "subprocess.Popen[str]":
    """Starts a program that stops at some place for ever, and waits until it is there."""
    program = PATCHED.format(imports=imports, where=where, words=list(LIVE))
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=folder, env=environment(), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "stuck\n"
    process.stdout.close()
    return process


def test_the_second_signal_ends_at_once(tmp_path: Path) -> None:
    """Also when a sink never returns, for which the first waits."""
    process = stuck(tmp_path, "import tracker.sinks.jsonl", "tracker.sinks.jsonl.JsonlSink.append")
    process.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=1)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=10) == 130


def test_the_first_signal_ends_what_has_not_begun(tmp_path: Path) -> None:
    process = stuck(tmp_path, "import tracker.pipeline", "tracker.pipeline.Tracker.__init__")
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 143


def test_a_kill_leaves_all_but_the_last_second(tmp_path: Path, run: Run) -> None:
    process = start(tmp_path, *LIVE, "--points", "a.parquet", "--points", "a.json")
    until(process, lambda: lines_in(tmp_path / "a.jsonl") > 75)
    process.kill()
    process.wait()
    *lines, _ = (tmp_path / "a.jsonl").read_text(encoding="utf-8").split("\n")
    seen = [json.loads(line)["time"] for line in lines]
    clock = [index / 30 for index in range(360)]  # each file may be ahead of another
    assert seen == pytest.approx(clock[: len(seen)], abs=1e-3)
    times = times_of(tmp_path / "a.mp4")
    assert times == pytest.approx(clock[: len(times)], abs=1e-3)
    assert times[-1] > seen[-1] - 1
    said = run("fkd", "recover", "a.parquet")
    assert said.returncode == 0, said.stderr
    assert said.stdout.startswith("written: a.parquet (")
    recover_points(tmp_path / "a.json")
    rows = pyarrow.parquet.read_table(tmp_path / "a.parquet")["time"].to_pylist()
    images = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["images"]
    for recovered in (sorted(set(rows)), [image["time"] for image in images]):
        assert recovered == pytest.approx(clock[: len(recovered)], abs=1e-3)
        assert recovered[-1] > seen[-1] - 1
