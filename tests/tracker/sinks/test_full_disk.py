"""No room is left: it is said in a sentence, what was written stays readable, and the other sinks go on."""

import csv
import json
import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pyarrow.parquet
import pytest

from tests.tracker.sinks.given import faces
from tests.tracker.sinks.test_background import Slow
from tracker import Frame, OutputError
from tracker.sinks import Outputs, Sink, open_pictures, open_points, open_video, recover_points
from tracker.sinks.journal import journal_of
from tracker.sources.images import read_image

ROOM = 1 << 18
"""Bytes on the small disk."""
MOST = 3000
"""Frames, of which far fewer must fill it."""


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A folder on a disk of its own; who may not mount one gets a limit of the size of files instead."""
    with tempfile.TemporaryDirectory() as folder:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", folder]
        mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        if not mounted:
            resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, before[1]))
        try:
            yield Path(folder)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
            if mounted:
                subprocess.run(["umount", folder], check=True)


def frames() -> Iterator[Frame]:
    pictures = np.random.default_rng(0).integers(0, 255, (3, 120, 160, 3), np.uint8)
    return (Frame(pictures[index % 3], index, index / 30) for index in range(MOST))


def fill(name: str, sink: Sink) -> int:
    """Gives frames until a sink has failed and some more; returns how many, and checks what is said and done."""
    said: list[str] = []
    other = Slow()
    other.go.set()
    with Outputs(drop=False, say=said.append) as outputs:
        outputs.add(name, sink)
        outputs.add("the other", other)
        given = 0
        for frame in frames():
            outputs.append(frame, faces(1, 2))
            given += 1
            if outputs.failures and given % 20 == 0:
                break
        assert not outputs.over
    assert other.taken == list(range(given))
    first, *more = said
    assert name in first
    assert first.endswith(" Going on without it.")
    assert "No space left" in first or "too large" in first.lower()
    assert all("fkd recover" in sentence for sentence in more)
    assert outputs.exit_code == 2
    return given


def test_lines_end_whole(small_disk: Path) -> None:
    path = small_disk / "a.jsonl"
    given = fill(str(path), open_points(path))
    text = path.read_text(encoding="utf-8")
    assert text.endswith("\n")
    assert [json.loads(line)["frame"] for line in text.splitlines()] == list(range(text.count("\n")))
    assert 100 < text.count("\n") < given


def test_rows_end_whole(small_disk: Path) -> None:
    path = small_disk / "a.csv"
    given = fill(str(path), open_points(path))
    assert path.read_bytes().endswith(b"\n")
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["frame"]) for row in rows] == [index // 2 for index in range(len(rows))]
    assert None not in {value for row in rows for value in row.values()}
    assert 200 < len(rows) < 2 * given


@pytest.mark.parametrize("suffix", ["parquet", "json"])
def test_tables_are_complete_or_can_be_completed_elsewhere(small_disk: Path, tmp_path: Path, suffix: str) -> None:
    path = small_disk / f"a.{suffix}"
    given = fill(str(path), open_points(path))
    if journal_of(path).exists():
        limit = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        path = Path(shutil.copy(path, tmp_path / path.name))
        shutil.copy(journal_of(small_disk / path.name), tmp_path)
        recover_points(path)
    if suffix == "json":
        indices = [row["image_id"] for row in json.loads(path.read_text(encoding="utf-8"))["annotations"]]
    else:
        indices = pyarrow.parquet.read_table(path)["frame"].to_pylist()
    assert indices == [index // 2 for index in range(len(indices))]
    assert 100 < len(indices) < 2 * given


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv"])
def test_a_video_can_be_played_up_to_there(small_disk: Path, suffix: str) -> None:
    path = small_disk / f"a.{suffix}"
    given = fill(str(path), open_video(path, rate=30))
    with av.open(str(path)) as container:
        times = [picture.time for picture in container.decode(video=0)]
    assert times == pytest.approx(np.arange(len(times)) / 30, abs=1e-3)
    assert 3 < len(times) < given


def test_pictures_are_whole(small_disk: Path) -> None:
    small, large = (np.random.default_rng(0).integers(0, 255, (side, side, 3), np.uint8) for side in (100, 400))
    with open_pictures(small_disk / "drawn") as sink:
        sink.append(Frame(small, 0, 0.0, "small.png"), faces())
        with pytest.raises(OutputError, match=r"large\.png cannot be written"):
            sink.append(Frame(large, 1, 1.0, "large.png"), faces())
    assert [file.name for file in (small_disk / "drawn").iterdir()] == ["small.png"]
    assert read_image(small_disk / "drawn" / "small.png").shape == small.shape
