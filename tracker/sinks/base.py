"""What a sink is: where frames and their faces go."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from tracker.closing import Closing
from tracker.errors import OutputError
from tracker.faces import Faces
from tracker.frame import Frame
from tracker.sources.regular import is_folder


class Sink(Protocol):
    """Takes frames with their faces, in order; a context manager."""

    @property
    def dropped(self) -> int:
        """How many frames, or messages to one of several receivers, did not arrive."""
        ...

    def append(self, frame: Frame, faces: Faces) -> None:
        """Takes the next frame and its faces."""
        ...

    def close(self) -> None:
        """Completes what was written; may be called twice."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class BaseSink(Closing):
    """Begins a sink: a context manager that loses no frames, unless a class counts those that it does."""

    @property
    def dropped(self) -> int:
        """How many frames, or messages to one of several receivers, did not arrive."""
        return 0


class Whole(BaseSink):
    """A file to which whole pieces of text are written, each on its way to the disk at once.

    Args:
        path: the file, which is replaced.
        head: what it begins with.

    Raises:
        OutputError: the file cannot be written.
    """

    def __init__(self, path: Path, head: bytes = b"") -> None:
        self._path = path
        with writing(path):
            self._file = path.open("wb", buffering=0)
        self._length = 0
        try:
            self._write(head)
        except OutputError:
            self._file.close()
            raise

    def close(self) -> None:
        """Closes the file; may be called twice."""
        self._file.close()

    def _write(self, piece: bytes) -> None:
        """Writes a piece, or nothing of it.

        Raises:
            OutputError: the disk is full, or the file cannot be written any more.
        """
        with writing(self._path):
            self._length += write_whole(self._file, piece, self._length)


def write_whole(file: io.FileIO, piece: bytes, length: int) -> int:
    """Appends a piece to a file of that length, or nothing of it; returns how many bytes that were.

    Raises:
        OSError: there is no room for it, or the file cannot be written any more.
    """
    rest = piece
    try:
        while rest:
            rest = rest[file.write(rest) :]
    except OSError:
        with suppress(OSError):  # what is no file on a disk cannot be cut
            file.truncate(length)
            file.seek(length)
        raise
    return len(piece)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Puts into a sentence what the system has against writing a file.

    Raises:
        OutputError: the disk is full, writing is not permitted, or anything else.
    """
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise OutputError(f"{path} cannot be written: {reason}.") from None


def check_free(path: Path, *, overwrite: bool) -> None:
    """Makes sure that a file would replace nothing that it may not; touches nothing.

    Raises:
        OutputError: it exists and may not be overwritten, or is a folder.
    """
    with writing(path):
        if path.is_dir():
            raise OutputError(f"{path} is a folder; name a file in it.")
        if path.exists() and not overwrite:
            raise OutputError(f"{path} exists already; use --overwrite to replace it.")


def claim(path: Path, *, overwrite: bool) -> None:
    """Makes sure that a file can be written, and makes its folder.

    Raises:
        OutputError: it exists and may not be overwritten, or it cannot be written.
    """
    check_free(path, overwrite=overwrite)
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab"):
            pass


def replace_whole(path: Path, data: bytes) -> None:
    """Writes a file at once: never is there a half one, and a link is replaced and not what it leads to.

    Raises:
        OSError: it cannot be written; what was there is still there.
    """
    part = path.with_name(f".{path.name[:200]}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def check_distinct(source: Path | None, *outputs: Path) -> None:
    """Makes sure that no output is written over the input or over another output, under whatever name.

    Args:
        source: the input; None if it is no file.
        outputs: files and folders to be written.

    Raises:
        OutputError: one would be.
    """
    for number, path in enumerate(outputs):
        taken = any(_same(path, other) for other in outputs[:number])
        if source is not None:
            written = path / source.name if is_folder(path) else path  # in a folder a picture has its own name
            taken = taken or _same(path, source) or _same(written, source)
        if taken:
            raise OutputError(f"{path} is named twice; outputs must differ from the input and from each other.")


def _same(a: Path, b: Path) -> bool:
    """Whether two paths lead to the same file, also by links or on a disk that does not tell capitals apart."""
    try:
        return a.resolve() == b.resolve() or a.samefile(b)
    except OSError:  # one of them is not there
        return False
