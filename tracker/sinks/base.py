"""What a sink is: where frames and their faces go."""

from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from tracker.errors import OutputError
from tracker.faces import Faces
from tracker.frame import Frame


class Sink(Protocol):
    """Takes frames with their faces, in order; a context manager."""

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


class Closing:
    """Makes a class with `close` a context manager."""

    def close(self) -> None:
        """Completes what was written; may be called twice."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def claim(path: Path, *, overwrite: bool) -> None:
    """Makes sure that a file can be written, and makes its folder.

    Raises:
        OutputError: it exists and may not be overwritten, or it cannot be written.
    """
    if path.is_dir():
        raise OutputError(f"{path} is a folder; name a file in it.")
    if path.exists() and not overwrite:
        raise OutputError(f"{path} exists already; use --overwrite to replace it.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb"):
            pass
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}.") from None
