"""Last lines that were cut."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.tracker.sinks.given import GIVEN, faces, frame
from tracker import InputError, OutputError
from tracker.cli.main import application
from tracker.sinks import open_points, trim_points

BROKEN_NAME = (frame(3, 'a "b"\nc.jpg'), faces(1, 2))


def written(path: Path) -> Path:
    with open_points(path) as sink:
        for one in (*GIVEN, BROKEN_NAME):
            sink.append(*one)
    return path


def ends_of(content: bytes) -> list[int]:
    """Lengths of the file after each whole line: a line break within quotes of a .csv ends none."""
    ends = []
    inside = False
    for place, byte in enumerate(content, 1):
        inside ^= byte == ord('"')
        if byte == ord("\n") and not inside:
            ends.append(place)
    return ends


@pytest.mark.parametrize("suffix", ["jsonl", "csv"])
def test_a_last_line_that_was_cut_is_taken_off(tmp_path: Path, suffix: str) -> None:
    path = written(tmp_path / f"a.{suffix}")
    content = path.read_bytes()
    ends = ends_of(content) if suffix == "csv" else [i + 1 for i, byte in enumerate(content) if byte == ord("\n")]
    assert len(ends) == (6 if suffix == "csv" else 4)
    assert ends[-1] == len(content)
    for length in range(ends[0], len(content) + 1):
        path.write_bytes(content[:length])
        whole = max(end for end in ends if end <= length)
        assert trim_points(path) == length - whole
        assert path.read_bytes() == content[:whole]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", b"name,age\nme,4"), ("a.jsonl", b'{"name": 1}\n{'), ("a.jsonl", b'{"frame":0'), ("a.csv", b"frame,ti")],
)
def test_what_is_none_of_ours_is_left_as_it_is(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match="nothing was changed"):
        trim_points(path)
    assert path.read_bytes() == content


def test_what_cannot_be_trimmed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="There is no file"):
        trim_points(tmp_path / "a.csv")
    with pytest.raises(InputError, match=r"are recovered, not a\.mp4"):
        trim_points(tmp_path / "a.mp4")
    path = written(tmp_path / "a.csv")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(OutputError, match=r"a\.csv cannot be trimmed: Permission denied"):
        trim_points(path)


def test_the_command_says_what_it_did(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl")
    path.write_bytes(path.read_bytes()[:-1])
    said = [CliRunner().invoke(application, ["recover", str(path)], catch_exceptions=False).output for _ in range(2)]
    assert "was taken off" in said[0]
    assert said[1] == f"{path} is whole\n"
