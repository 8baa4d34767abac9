"""Files of trainings: whole or not there, whatever happens while they are written."""

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from tracker.errors import InputError, OutputError
from training.files import read_arrays, read_json, replacing, write_arrays, write_json


@pytest.mark.parametrize(
    ("failure", "kind", "words"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), OutputError, r"a\.csv cannot be written: No space left"),
        (OSError("HDF5 has no number for it"), OutputError, r"a\.csv cannot be written: HDF5 has no number for it"),
        (KeyboardInterrupt("stopped"), KeyboardInterrupt, "stopped"),
    ],
)
def test_what_was_there_stays_where_writing_fails(
    tmp_path: Path, failure: BaseException, kind: type[BaseException], words: str
) -> None:
    (tmp_path / "a.csv").write_text("before", encoding="utf-8")

    def write_half() -> None:
        with replacing(tmp_path / "a.csv") as part:
            part.write_text("half", encoding="utf-8")
            raise failure

    with pytest.raises(kind, match=words):
        write_half()
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "before"


def test_what_is_written_is_read(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"one": 1})
    write_arrays(tmp_path / "a.npz", {"one": np.arange(3), "two": np.zeros(2)})
    assert read_json(tmp_path / "a.json") == {"one": 1}
    two, one = read_arrays(tmp_path / "a.npz", "two", "one")
    assert (two.tolist(), one.tolist()) == ([0, 0], [0, 1, 2])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "a.npz"]


def test_what_is_missing_or_damaged_is_named(tmp_path: Path) -> None:
    write_arrays(tmp_path / "a.npz", {"one": np.arange(1000)})
    (tmp_path / "short.npz").write_bytes((tmp_path / "a.npz").read_bytes()[:-30])
    for name, asked, words in (
        ("none.npz", "one", r"none\.npz cannot be read: No such file"),
        ("short.npz", "one", r"short\.npz is damaged"),
        ("a.npz", "two", r"a\.npz is damaged, or not what a training writes: .*two"),
    ):
        with pytest.raises(InputError, match=words):
            read_arrays(tmp_path / name, asked)
