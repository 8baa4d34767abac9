"""The folder of results: what is in it, and how something gets there whole or not at all.

OUT/clip.mp4.parquet                 a result
OUT/.fkd/state/clip.mp4.parquet.json what it was made from, and how
OUT/.fkd/pieces/…/0.npz              what was found in a piece of a long video, until all are there
OUT/.fkd/work-…/                     what workers are writing
OUT/.fkd/lock                        held while a batch works
"""

import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from filelock import FileLock, Timeout

from tracker import __version__
from tracker.batch.jobs import Input, Options, Outcome, Task
from tracker.errors import OutputError
from tracker.models import DETECTORS, KEYPOINTS_INT8, find_model, models_folder

_HIDDEN = ".fkd"
_WORK = "work-"
_KEPT = ("status", "message", "frames", "faces", "ids", "duration", "seconds")
"""What is noted of an outcome."""


class Results:
    """A folder of results, which is this batch's alone while entered.

    Args:
        out: the folder, which is made if it is not there.
        options: how results are made.

    Attributes:
        work: a folder for what is being written, on the same disk.

    Raises:
        OutputError: it cannot be written, or another batch is writing to it.
        EngineError: the model is not there.
    """

    def __init__(self, out: Path, options: Options) -> None:
        self.out, self._format = out.absolute(), options.format
        self._made_by = _fingerprint(options)
        self._hidden = self.out / _HIDDEN
        try:
            self._hidden.mkdir(parents=True, exist_ok=True)
            self._lock = FileLock(self._hidden / "lock", timeout=0)
        except OSError as error:
            raise _unwritable(out, error) from None

    def __enter__(self) -> Self:
        try:
            self._lock.acquire()
            for left in self._hidden.glob(f"{_WORK}*"):  # by a batch that was killed
                shutil.rmtree(left, ignore_errors=True)
            self.work = Path(tempfile.mkdtemp(prefix=_WORK, dir=self._hidden))
        except Timeout:
            raise OutputError(
                f"Another fkd batch is writing to {self.out}; wait for it, or name another folder."
            ) from None
        except OSError as error:
            raise _unwritable(self.out, error) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.work, ignore_errors=True)
        self._lock.release()

    def path_of(self, input: Input) -> Path:
        """Where the result of an input is, or will be."""
        return self.out / f"{input.name}.{self._format}"

    def finished(self, input: Input) -> Outcome | None:
        """Returns what is noted of an input's result; None unless it is there, whole, and made from the input as it is.

        Raises:
            OutputError: the folder cannot be read.
        """
        try:
            noted = json.loads(self._note_of(input).read_bytes())
            there = self.path_of(input).stat().st_size
            same = noted["made from"] == self._made_from(input) and noted["bytes"] == there
            return Outcome(**noted["outcome"]) if same else None
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None  # what is not such a note says nothing
        except OSError as error:
            raise OutputError(f"{self.out} cannot be read: {error.strerror}.") from None

    def put(self, input: Input, outcome: Outcome) -> None:
        """Puts what was made from an input in its place.

        What is noted comes first and says how large the result is; the result comes last, by a rename. So a batch that
        is killed in between leaves a note that does not hold, and never a result of which nobody knows.

        Raises:
            OutputError: it cannot be written.
        """
        path, note = self.path_of(input), self._note_of(input)
        try:
            made = self._received(outcome)
            path.parent.mkdir(parents=True, exist_ok=True)
            note.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)  # an old one must not be taken for that of the new note
            content: dict[str, Any] = {
                "made from": self._made_from(input),
                "bytes": made.stat().st_size,
                "outcome": {name: value for name, value in asdict(outcome).items() if name in _KEPT},
            }
            draft = self.work / "note.json"
            draft.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
            draft.replace(note)
            made.replace(path)
            self.drop_pieces(input)
        except OSError as error:
            raise _unwritable(path, error) from None

    def piece(self, task: Task) -> Path:
        """Where a piece of a video is kept once it is there, made from the input as it is."""
        cuts = hashlib.sha256(repr(task.cuts).encode()).hexdigest()[:16]
        return self._pieces_of(task.input) / f"{cuts}-{task.piece}.npz"

    def put_piece(self, task: Task, outcome: Outcome) -> None:
        """Keeps a piece until all are there.

        Raises:
            OutputError: it cannot be written.
        """
        path = self.piece(task)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._received(outcome).replace(path)
        except OSError as error:
            raise _unwritable(path, error) from None

    def drop_pieces(self, input: Input) -> None:
        """Removes the pieces of a video."""
        shutil.rmtree(self._pieces_of(input), ignore_errors=True)

    def _pieces_of(self, input: Input) -> Path:
        made_from = json.dumps(self._made_from(input), sort_keys=True)
        return self._hidden / "pieces" / hashlib.sha256(made_from.encode()).hexdigest()[:32]

    def _received(self, outcome: Outcome) -> Path:
        """The file with what was made, on the disk of the results and written through to it."""
        path = outcome.file or self.work / "received"
        if outcome.data is not None:
            path.write_bytes(outcome.data)
        with path.open("rb+") as file:
            os.fsync(file.fileno())
        return path

    def _made_from(self, input: Input) -> dict[str, Any]:
        return {"input": input.shown, "size": input.size, "mark": input.mark, "by": self._made_by}

    def _note_of(self, input: Input) -> Path:
        return self._hidden / "state" / f"{input.name}.{self._format}.json"


def _fingerprint(options: Options) -> str:
    """A hash of all that decides what numbers come out: options, version, models."""
    digest = hashlib.sha256(repr((__version__, replace(options, weights=None, piece=0))).encode())
    network = find_model(options.weights).path or models_folder() / KEYPOINTS_INT8
    for path in (network, models_folder() / DETECTORS[options.detector]):
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def _unwritable(path: Path, error: OSError) -> OutputError:
    return OutputError(f"{path} cannot be written: {error.strerror}.")
