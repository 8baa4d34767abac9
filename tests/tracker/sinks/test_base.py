"""Files that are to be written: which may be, and how."""

import io
import os
from pathlib import Path

import pytest

from tracker import OutputError
from tracker.sinks.base import Whole, check_distinct, check_free, claim, replace_whole, write_whole


def test_a_file_that_may_be_written_is_there_with_its_folder(tmp_path: Path) -> None:
    claim(tmp_path / "a" / "b" / "c.csv", overwrite=False)
    assert (tmp_path / "a" / "b" / "c.csv").read_bytes() == b""


def test_a_file_that_exists_is_claimed_only_to_be_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("precious", encoding="utf-8")
    with pytest.raises(OutputError, match=r"a\.csv exists already; use --overwrite to replace it\.$"):
        claim(path, overwrite=False)
    claim(path, overwrite=True)
    assert path.read_text(encoding="utf-8") == "precious"  # what comes may fail before anything is written
    with pytest.raises(OutputError, match=r"is a folder; name a file in it\.$"):
        claim(tmp_path, overwrite=True)


def test_outputs_differ_from_the_input_and_from_each_other(tmp_path: Path) -> None:
    source, one, other = (tmp_path / name for name in ("in.png", "one.csv", "other.csv"))
    source.touch()
    check_distinct(source, one, other)
    check_distinct(source)
    for outputs in ((source,), (one, one), (one, other, one), (one, tmp_path / "." / "one.csv"), (one, source)):
        with pytest.raises(OutputError, match=rf"{outputs[-1].name} is named twice"):
            check_distinct(source, *outputs)


def test_without_a_file_as_input_outputs_differ_from_each_other(tmp_path: Path) -> None:
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    check_distinct(None, one, other)
    with pytest.raises(OutputError, match=r"one\.csv is named twice"):
        check_distinct(None, one, other, tmp_path / "." / "one.csv")


def test_links_are_what_they_lead_to(tmp_path: Path) -> None:
    source, link, hard = (tmp_path / name for name in ("in.png", "link.png", "hard.png"))
    source.touch()
    link.symlink_to(source)
    os.link(source, hard)
    for output in (link, hard):
        with pytest.raises(OutputError, match="named twice"):
            check_distinct(source, output)


def test_the_folder_of_a_picture_is_no_place_for_its_copy(tmp_path: Path) -> None:
    source = tmp_path / "in.png"
    source.touch()
    with pytest.raises(OutputError, match="named twice"):
        check_distinct(source, tmp_path)
    check_distinct(source, tmp_path / "drawn")


def test_pieces_come_one_after_the_other(tmp_path: Path) -> None:
    with Whole(tmp_path / "a", b"head") as file:
        file._write(b" one")
        file._write(b"")
        file._write(b" two")
    assert (tmp_path / "a").read_bytes() == b"head one two"


class Small:
    """A file that takes three bytes at once, and fails in the end."""

    def __init__(self, room: int) -> None:
        self.content, self.room = b"", room

    def write(self, piece: bytes) -> int:
        if len(self.content) + 3 > self.room:
            raise OSError(28, "No space left on device")
        self.content += piece[:3]
        return min(len(piece), 3)

    def truncate(self, length: int) -> None:
        self.content = self.content[:length]

    def seek(self, place: int) -> None:
        assert place == len(self.content)


def test_a_piece_is_written_whole_or_not_at_all() -> None:
    file = Small(14)
    assert write_whole(file, b"abcdefgh", 0) == 8  # type: ignore[arg-type]
    with pytest.raises(OSError, match="No space"):
        write_whole(file, b"ijklmnop", 8)  # type: ignore[arg-type]
    assert file.content == b"abcdefgh"


def test_after_a_full_disk_a_file_ends_on_its_last_whole_piece(tmp_path: Path) -> None:
    room = 14  # of 16 bytes that are to be written
    with Whole(tmp_path / "a", b"head") as file:
        write, file._file = file._file.write, (disk := Full(file._file, room))  # type: ignore[assignment]
        file._write(b" one")
        file._write(b" two")
        assert disk.left == 2
        with pytest.raises(OutputError, match=r"a cannot be written: No space left on device\.$"):
            file._write(b" end")
        assert write(b"!") == 1
    assert (tmp_path / "a").read_bytes() == b"head one two!"


class Full:
    """A file on a disk that has room for so many bytes in all."""

    def __init__(self, file: io.FileIO, room: int) -> None:
        self.file, self.left = file, room - file.tell()
        self.truncate, self.seek, self.close = file.truncate, file.seek, file.close

    def write(self, piece: bytes) -> int:
        if self.left == 0:
            raise OSError(28, "No space left on device")
        count = self.file.write(piece[: self.left])
        self.left -= count
        return count


def test_what_is_wrong_is_said_of_the_file(tmp_path: Path) -> None:
    long = tmp_path / ("long" * 100)
    (tmp_path / "text").touch()
    for act in (
        lambda: check_free(long, overwrite=True),
        lambda: claim(tmp_path / "text" / "a", overwrite=True),
        lambda: Whole(tmp_path / "missing" / "a"),
    ):
        with pytest.raises(OutputError, match=rf"^{tmp_path}/\S+ cannot be written: \w.*\.$"):
            act()


def test_a_file_is_replaced_at_once_or_not_at_all(tmp_path: Path) -> None:
    path, target = tmp_path / ("a" * 240), tmp_path / "target"  # its name and five signs more would be too long
    target.write_bytes(b"precious")
    path.symlink_to(target)
    replace_whole(path, b"new")
    assert (path.read_bytes(), path.is_symlink(), target.read_bytes()) == (b"new", False, b"precious")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="directory"):
        replace_whole(tmp_path / "folder", b"new")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [path.name, "folder", "target"]
