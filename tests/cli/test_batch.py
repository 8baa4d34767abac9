import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow.csv
import pytest

from tests.conftest import PROGRAMS, Run, environment

BATCH = (str(PROGRAMS / "fkd"), "batch", "in", "--out", "out", "--threads", "1")


@pytest.fixture
def clips(clip: Path, tmp_path: Path) -> Path:
    """A folder with three videos, one of which is in a folder of its own."""
    for name in ("a.mp4", "b.mp4", "sub/c.mp4"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(clip, path)
    return tmp_path / "in"


@pytest.fixture
def started() -> Iterator["list[subprocess.Popen[str]]"]:
    """Starts a batch; it and its workers are gone at the end."""
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        process.kill()
        process.communicate()


def begin(tmp_path: Path, processes: "list[subprocess.Popen[str]]", *more: str) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [*BATCH, *more], cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    processes.append(process)
    return process


def wait_for(path: Path, process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + 100
    while not path.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)


def results(tmp_path: Path) -> dict[str, tuple[bytes, int]]:
    """Content and time of writing of every result."""
    out = tmp_path / "out"
    found = sorted(out.rglob("*.mp4.parquet"))
    return {str(path.relative_to(out)): (path.read_bytes(), path.stat().st_mtime_ns) for path in found}


def test_results_are_those_of_fkd_video_and_broken_inputs_are_named(run: Run, clips: Path, tmp_path: Path) -> None:
    (clips / "empty.mp4").touch()
    (clips / "text.mov").write_text("Once upon a time\n" * 50, encoding="utf-8")
    (clips / "short.mp4").write_bytes((clips / "a.mp4").read_bytes()[: -(clips / "a.mp4").stat().st_size // 3])
    result = run("fkd", "batch", "in", "in/gone.mp4", "--out", "out", "--json")
    assert result.returncode == 3, result.stderr
    said = json.loads(result.stdout)
    assert (said["inputs"], said["done"], said["broken"]) == (7, 4, 3)
    lines = result.stderr.splitlines()
    assert len(lines) == 3
    assert f"fkd: There is no file {clips / 'gone.mp4'}." in lines
    for name, word in (("empty.mp4", "empty"), ("text.mov", "cannot be read"), ("gone.mp4", "no file")):
        assert any(name in line and word in line for line in lines)
    assert run("fkd", "video", "in/a.mp4", "--points", "one.parquet").returncode == 0
    for name in ("a.mp4", "b.mp4", "sub/c.mp4"):
        assert (tmp_path / "out" / f"{name}.parquet").read_bytes() == (tmp_path / "one.parquet").read_bytes()
    rows = {Path(row["input"]).name: row for row in pyarrow.csv.read_csv(tmp_path / "out" / "summary.csv").to_pylist()}
    assert rows["a.mp4"]["status"] == "done"
    assert (rows["a.mp4"]["frames"], rows["a.mp4"]["faces"], rows["a.mp4"]["ids"]) == (60, 60, 1)
    assert rows["a.mp4"]["duration"] == pytest.approx(2, abs=0.01)
    assert rows["short.mp4"]["status"] == "done"
    assert "breaks off" in rows["short.mp4"]["message"]
    assert rows["empty.mp4"]["status"] == "broken"


def test_a_rerun_does_what_changed_and_leaves_the_rest(run: Run, clips: Path, tmp_path: Path) -> None:
    assert run(*("fkd", *BATCH[1:])).returncode == 0
    before = results(tmp_path)
    assert run(*("fkd", *BATCH[1:])).returncode == 0
    assert results(tmp_path) == before
    os.utime(clips / "b.mp4", (1, 1))
    result = run(*("fkd", *BATCH[1:]))
    assert "3 done (2 of them before)" in result.stdout
    after = results(tmp_path)
    assert [name for name in after if after[name] != before[name]] == ["b.mp4.parquet"]
    assert after["b.mp4.parquet"][0] == before["b.mp4.parquet"][0]
    result = run(*("fkd", *BATCH[1:]), "--measures")
    assert "3 done (0 of them before)" in result.stdout


def test_pictures_and_other_formats(run: Run, folder_of_pictures: Path, tmp_path: Path) -> None:
    assert run("fkd", "batch", folder_of_pictures, "--out", "out", "--format", "jsonl").returncode == 0
    assert run("fkd", "video", folder_of_pictures, "--points", "one.jsonl").returncode == 0
    assert (tmp_path / "out" / "pictures.jsonl").read_bytes() == (tmp_path / "one.jsonl").read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL and no SIGINT for one process")
def test_killed_or_interrupted_it_goes_on_from_there(
    clips: Path, started: "list[subprocess.Popen[str]]", tmp_path: Path
) -> None:
    """SIGKILL after the first result, Ctrl-C after the second, then to the end: every result is made once."""
    assert clips.is_dir()
    one_at_a_time = ("--workers", "1")
    process = begin(tmp_path, started, *one_at_a_time)
    wait_for(tmp_path / "out" / "a.mp4.parquet", process)
    process.kill()
    process.communicate()
    first = results(tmp_path)
    assert "a.mp4.parquet" in first

    process = begin(tmp_path, started, *one_at_a_time)
    wait_for(tmp_path / "out" / "b.mp4.parquet", process)
    process.send_signal(signal.SIGINT)
    said, complaint = process.communicate(timeout=100)
    second = results(tmp_path)
    assert second.items() >= first.items()
    if "sub/c.mp4.parquet" not in second:  # else it was done before the signal came
        assert process.returncode == 130
        assert "goes on from here" in complaint
        assert "1 not reached" in said

    process = begin(tmp_path, started, *one_at_a_time)
    said, complaint = process.communicate(timeout=100)
    assert process.returncode == 0, complaint
    third = results(tmp_path)
    assert third.items() >= second.items()
    assert len(third) == 3
    assert len({content for content, _ in third.values()}) == 1
    assert not list((tmp_path / "out" / ".fkd").glob("work-*"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("in", "--out", "out", "--weights", "none.tflite"), "none.tflite"),
        (("nothing*", "--out", "out"), "nothing"),
        (("in",), "--out"),
        (("in", "--out", "in/a.mp4"), "a.mp4"),
        (("in", "--out", "out", "--focal", "500"), "--measures"),
    ],
)
def test_what_cannot_be_is_refused_at_once(run: Run, clips: Path, words: tuple[str, ...], said: str) -> None:
    assert clips.is_dir()
    result = run("fkd", "batch", *words)
    assert result.returncode == 2
    (line,) = result.stderr.strip().splitlines()
    assert said in line
    assert "Traceback" not in line
