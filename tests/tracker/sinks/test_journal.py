"""Files that can be read only once they are closed, and what is left of them if they never are."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest

from tests.tracker.sinks.given import GIVEN, faces
from tracker import Faces, Frame, InputError, OutputError
from tracker.sinks import open_points, recover_points
from tracker.sinks.base import BaseSink
from tracker.sinks.journal import Journaled, journal_of

SUFFIXES = ("parquet", "json")
FACE = (
    b'{"size":[4,4],"frame":0,"time":0,"faces":[{"id":1,"box":[0,0,1,1],"score":1,"points":['
    + b",".join([b"[1,1]"] * 15)
    + b'],"confidence":['
    + b",".join([b"1"] * 15)
    + b"]}]}\n"
)


def content(path: Path) -> Any:
    if path.suffix == ".json":
        return json.loads(path.read_text(encoding="utf-8"))
    return pyarrow.parquet.read_table(path).to_pylist()


def complete(path: Path, given: list[tuple[Frame, Faces]], measures: tuple[str, ...] = ()) -> Path:
    with open_points(path, measures=measures) as sink:
        for one in given:
            sink.append(*one)
    return path


def cut_short(path: Path, given: list[tuple[Frame, Faces]], measures: tuple[str, ...] = ()) -> Path:
    """Writes a file and its journal as a kill leaves them."""
    with open_points(path, measures=measures) as sink:
        for one in given:
            sink.append(*one)
        left = {file: file.read_bytes() for file in (path, journal_of(path))}
    for file, data in left.items():
        file.write_bytes(data)
    return path


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_that_was_completed_has_no_journal(tmp_path: Path, suffix: str) -> None:
    path = complete(tmp_path / f"a.{suffix}", GIVEN)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_is_recovered_is_what_would_have_been_written(tmp_path: Path, suffix: str) -> None:
    path = cut_short(tmp_path / f"a.{suffix}", GIVEN)
    with pytest.raises((ValueError, OSError)):
        content(path)
    assert recover_points(path) == (3, 3)
    assert content(path) == content(complete(tmp_path / f"b.{suffix}", GIVEN))
    assert sorted(file.name for file in tmp_path.iterdir()) == [f"a.{suffix}", f"b.{suffix}"]


def test_measures_are_recovered(tmp_path: Path) -> None:
    one = faces(1, 2)
    measured = Faces(
        one.points, one.confidence, one.boxes, one.scores, one.ids, {"yaw": [1.23456, np.nan], "roll": [0.0, -9.5]}
    )
    given = [(GIVEN[0][0], measured)]
    path = cut_short(tmp_path / "a.parquet", given, ("yaw", "roll"))
    recover_points(path)
    assert content(path) == content(complete(tmp_path / "b.parquet", given, ("yaw", "roll")))
    assert [row["yaw"] for row in content(path)] == [pytest.approx(1.2346), None]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("missing", [1, 2, 100])
def test_a_line_that_was_cut_is_left_out(tmp_path: Path, suffix: str, missing: int) -> None:
    path = cut_short(tmp_path / f"a.{suffix}", GIVEN)
    journal = journal_of(path)
    journal.write_bytes(journal.read_bytes()[:-missing])
    assert recover_points(path) == (2, 2)
    assert content(path) == content(complete(tmp_path / f"b.{suffix}", GIVEN[:2]))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_that_waits_to_be_recovered_is_kept(tmp_path: Path, suffix: str) -> None:
    path = cut_short(tmp_path / f"a.{suffix}", GIVEN)
    path.unlink()
    with pytest.raises(OutputError, match=rf"`fkd recover .*a\.{suffix}`"):
        open_points(path)
    assert recover_points(path) == (3, 3)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows itself protects open files.")
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_is_being_written_is_left_alone(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    with open_points(path) as sink:
        sink.append(*GIVEN[0])
        with pytest.raises(InputError, match="being written at this moment"):
            recover_points(path)
        for overwrite in (False, True):
            with pytest.raises(OutputError, match="being written by another program"):
                open_points(path, overwrite=overwrite)
        for given in GIVEN[1:]:
            sink.append(*given)
    assert content(path) == content(complete(tmp_path / f"b.{suffix}", GIVEN))


def test_overwriting_replaces_the_journal_too(tmp_path: Path) -> None:
    path = cut_short(tmp_path / "a.json", GIVEN)
    with open_points(path, overwrite=True):
        pass
    assert content(path)["images"] == []
    assert not journal_of(path).exists()


@pytest.mark.parametrize(
    "line",
    [
        b"no JSON\n",
        b"{}\n",
        b"[1]\n",
        b'{"size":[4,4],"frame":0,"time":0,"faces":[{"id":1}]}\n',
        b'{"size":[-4,4],"frame":0,"time":0,"faces":[]}\n',
        b'{"size":[4],"frame":0,"time":0,"faces":[]}\n',
        b'{"size":[9223372036854775808,4],"frame":0,"time":0,"faces":[]}\n',
        b'{"size":[4,4],"frame":18446744073709551615,"time":0,"faces":[]}\n',
        b'{"size":[4,4],"frame":"0","time":0,"faces":[]}\n',
        b'{"size":[4,4],"frame":0,"time":"now","faces":[]}\n',
        b'{"size":[4,4],"frame":0,"time":0,"file":1,"faces":[]}\n',
        FACE.replace(b'"id":1', b'"id":18446744073709551615'),
        FACE.replace(b'"score":1', b'"score":1e300'),
    ],
)
def test_a_damaged_journal_changes_nothing(tmp_path: Path, line: bytes) -> None:
    path = cut_short(tmp_path / "a.json", GIVEN)
    journal = journal_of(path)
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join([*lines[:2], line, *lines[3:]]))
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(InputError, match=r"a\.json\.journal is damaged"):
        recover_points(path)
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before


@pytest.mark.parametrize("head", [b"", b"[]\n", b'{"journal":99,"measures":[]}\n', b'{"journal":1,"measures":[2]}\n'])
def test_what_is_no_journal_is_refused(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "a.json.journal").write_bytes(head)
    with pytest.raises(InputError, match=r"a\.json\.journal is no journal"):
        recover_points(tmp_path / "a.json")


def test_without_a_journal_there_is_nothing_to_recover(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no"):
        recover_points(complete(tmp_path / "a.json", GIVEN))
    with pytest.raises(InputError, match=r"have a journal, not a\.jsonl"):
        recover_points(complete(tmp_path / "a.jsonl", GIVEN))


def test_what_cannot_be_written_is_said_and_the_journal_kept(tmp_path: Path) -> None:
    path = cut_short(tmp_path / "a.json", GIVEN)
    path.unlink()
    path.mkdir()
    with pytest.raises(OutputError, match="cannot be recovered"):
        recover_points(path)
    assert journal_of(path).exists()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.json", "a.json.journal"]


class Incomplete(BaseSink):
    """A sink that takes all, and cannot be completed."""

    def __init__(self, path: Path, measures: Sequence[str]) -> None:
        pass

    def append(self, frame: Frame, faces: Faces) -> None:
        pass

    def close(self) -> None:
        raise OutputError("No space.")


def test_what_cannot_be_completed_says_how_it_can_be_later(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    sink = Journaled(path, (), Incomplete)
    sink.append(*GIVEN[0])
    with pytest.raises(OutputError, match=rf"^{path} is not complete; make room and run `fkd recover {path}`"):
        sink.close()
    sink.close()  # said once
    assert journal_of(path).is_file()
    assert recover_points(path) is not None
    assert len(content(path)) == 2
