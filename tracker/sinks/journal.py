"""Journals: what goes into a file that can be read only once it is closed is kept beside it, frame by frame.

A Parquet file has its index at the end and a COCO file its list of images. If the program is killed before that is
written, `recover` makes the file from the journal.
"""

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import numpy as np
import orjson
from numpy.typing import NDArray

from tracker.errors import InputError, OutputError
from tracker.faces import Faces
from tracker.frame import Frame
from tracker.keypoints import COUNT
from tracker.sinks.base import BaseSink, Sink, Whole
from tracker.sinks.jsonl import encode

VERSION = 1
"""Of the journal's layout: a line of JSON with this and the names of the measures, then a line per frame, which is as
in a .jsonl with the frame's size before it."""

LARGEST = 2**63
"""Numbers of frames and ids are below it, for a Parquet file's columns."""

Opener = Callable[[Path, Sequence[str]], Sink]
"""Opens the sink of a file, which has columns for the measures named."""


def journal_of(path: Path) -> Path:
    """Returns where the journal of a file is: beside it."""
    return path.with_name(f"{path.name}.journal")


def is_being_written(journal: Path) -> bool:
    """Whether a program is writing a journal at this moment; always False on Windows, which protects open files."""
    try:
        with journal.open("rb") as file:
            return not _hold(file)
    except OSError:
        return False


def _hold(file: IO[bytes]) -> bool:
    """Marks an open journal as one that is in hand, until it is closed; False if it is in other hands."""
    if sys.platform != "win32":
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # a file system that knows no locks
            pass
    return True


class Journaled(BaseSink):
    """Writes a file and its journal, which is deleted when the file is complete.

    Args:
        path: the file, which is replaced.
        measures: names of the measures that the faces will have.
        opener: opens the sink that writes the file.
    """

    def __init__(self, path: Path, measures: Sequence[str], opener: Opener) -> None:
        self._path = path
        self._journal = _Journal(journal_of(path), orjson.dumps({"journal": VERSION, "measures": measures}) + b"\n")
        self._closed = False
        try:
            self._sink = opener(path, measures)
        except BaseException:
            self._journal.close()
            journal_of(path).unlink()
            raise

    def append(self, frame: Frame, faces: Faces) -> None:
        """Writes the frame's faces."""
        self._journal.append(frame, faces)
        self._sink.append(frame, faces)

    def close(self) -> None:
        """Completes the file; may be called twice.

        Raises:
            OutputError: it cannot be completed; then the journal is kept.
        """
        if self._closed:
            return
        self._closed = True
        self._journal.close()
        try:
            self._sink.close()
        except OutputError:
            raise OutputError(
                f"{self._path} is not complete; make room and run `fkd recover {self._path}`, which completes it."
            ) from None
        journal_of(self._path).unlink(missing_ok=True)


class _Journal(Whole):
    def __init__(self, path: Path, head: bytes) -> None:
        super().__init__(path, head)
        _hold(self._file)

    def append(self, frame: Frame, faces: Faces) -> None:
        width, height = frame.size
        self._write(b'{"size":[%d,%d],' % (width, height) + encode(frame, faces)[1:] + b"\n")


def recover(path: Path, opener: Opener) -> tuple[int, int]:
    """Makes a file from its journal, and deletes the journal.

    Args:
        path: the file, which is replaced once the new one is complete.
        opener: opens the sink that writes it.

    Returns:
        How many frames and how many faces there were.

    Raises:
        InputError: there is no journal, it is none of ours, or it is still being written.
        OutputError: the file cannot be written; then the journal is kept.
    """
    journal = journal_of(path)
    if is_being_written(journal):
        raise InputError(f"{path} is being written at this moment; it will be complete when that program ends.")
    part = path.with_name(f"{path.stem}.part{path.suffix}")
    frames = found = 0
    try:
        lines = _lines(journal)
        measures = _measures(next(lines, b""), journal)
        with opener(part, measures) as sink:
            for line in lines:
                frame, faces = _read(line, measures, journal)
                sink.append(frame, faces)
                frames, found = frames + 1, found + len(faces)
        part.replace(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be recovered: {error.strerror}.") from None
    finally:
        with suppress(OSError):
            part.unlink()
    journal.unlink()
    return frames, found


def _lines(journal: Path) -> Iterator[bytes]:
    """Yields the journal's whole lines: the last may have been cut.

    Raises:
        InputError: there is no journal.
    """
    try:
        file = journal.open("rb")
    except FileNotFoundError:
        raise InputError(f"There is no {journal}; only a file that was not completed has one.") from None
    with file:
        yield from (line for line in file if line.endswith(b"\n"))


def _measures(head: bytes, journal: Path) -> list[str]:
    try:
        content = orjson.loads(head)
        names = content["measures"]
        if content["journal"] == VERSION and isinstance(names, list) and all(isinstance(name, str) for name in names):
            return names
    except (ValueError, TypeError, KeyError):
        pass
    raise InputError(f"{journal} is no journal that this version of fkd can read.")


def _read(line: bytes, measures: Sequence[str], journal: Path) -> tuple[Frame, Faces]:
    """Returns the frame of a line, without its picture, and its faces.

    Raises:
        InputError: the line is not as it was written.
    """
    try:
        record = orjson.loads(line)
        width, height = record["size"]
        picture = np.broadcast_to(np.uint8(0), (height, width, 3))
        index, time, name = record["frame"], record["time"], record.get("file")
        if not (type(index) is int and abs(index) < LARGEST and isinstance(name, str | None)):
            raise ValueError(f"frame {index} of {name}")
        frame = Frame(picture, index, math.nan if time is None else float(time), name)  # JSON has no NaN
        with np.errstate(over="raise", invalid="raise"):
            return frame, _faces(record["faces"], measures)
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError):
        raise InputError(f"{journal} is damaged; nothing was changed.") from None


def _faces(records: list[dict[str, Any]], measures: Sequence[str]) -> Faces:
    def column(name: str, *shape: int) -> NDArray[Any]:
        return np.array([record[name] for record in records]).reshape(len(records), *shape)

    values = {name: np.array([record["measures"][name] for record in records]) for name in measures}
    if any(type(record["id"]) is not int or abs(record["id"]) >= LARGEST for record in records):
        raise ValueError("an id that is none")
    points, confidence = column("points", COUNT, 2), column("confidence", COUNT)
    return Faces(points, confidence, column("box", 4), column("score"), column("id"), values)
