"""What driver and workers of a batch tell each other."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Self

from tracker.batch.addresses import shown
from tracker.errors import FkdError

FORMATS = ("parquet", "csv", "jsonl", "json")
"""What results can be; `json` is COCO."""


@dataclass(frozen=True, slots=True)
class Input:
    """What one result is made from.

    Attributes:
        address: the absolute path of a video, a picture or a folder of pictures; or an address that fsspec knows.
        name: of its result, relative to the folder of results and without the format's suffix.
        size: bytes; 0 if unknown.
        mark: a text that is another one when the content is.
    """

    address: str
    name: str
    size: int
    mark: str

    @property
    def shown(self) -> str:
        """The address as messages and tables have it, without what is nobody's business."""
        return shown(self.address)


@dataclass(frozen=True, slots=True)
class Options:
    """How points are found and written; the words are those of `fkd video`.

    Attributes:
        piece: about how long the pieces of long videos are, seconds; 0 to cut none. The points are the same.
    """

    format: str = "parquet"
    engine: str = "auto"
    detector: str = "full"
    smooth: str = "normal"
    max_faces: int = 64
    weights: Path | None = None
    measures: bool = False
    focal: float | None = None
    piece: float = 300.0


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker does at a time: an input, a piece of a long video, or the joining of its pieces.

    Attributes:
        input: which.
        uncut: whether it must be done in one piece, however long it is.
        cuts: times at which it is cut, seconds; if there are any, the task is one of the two last.
        piece: the number of the piece; None for the joining.
        parts: what was recorded of each piece, as files or their bytes, for the joining.
    """

    input: Input
    uncut: bool = False
    cuts: tuple[float, ...] = ()
    piece: int | None = None
    parts: tuple[Path | bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a task.

    Attributes:
        status: `done`, `broken`, or `cut` if a video is so long that it is better done in pieces.
        message: why it is broken, or what is to be said of it; a sentence.
        frames: how many there were.
        faces: how many there were in all frames together.
        ids: how many different ones.
        duration: of the video, seconds.
        seconds: of work.
        file: what was made, in a folder of the worker's.
        data: the same as bytes, where the driver may not see that folder.
        cuts: times at which a video is to be cut, seconds.
    """

    status: Literal["done", "broken", "cut"]
    message: str = ""
    frames: int = 0
    faces: int = 0
    ids: int = 0
    duration: float = 0.0
    seconds: float = 0.0
    file: Path | None = None
    data: bytes | None = None
    cuts: tuple[float, ...] = ()

    def packed(self) -> Self:
        """Returns the outcome with what was made as bytes; the file is gone."""
        if self.file is None:
            return self
        data = self.file.read_bytes()
        self.file.unlink()
        return replace(self, file=None, data=data)


Tell = Callable[[float, int], None]
"""Takes how far a task is, 0 to 1, and how many frames of it are done."""


@dataclass(frozen=True, slots=True)
class Progress:
    """A worker is at this share, 0 to 1, of its task, and has done so many frames of it."""

    task: Task
    share: float
    frames: int


@dataclass(frozen=True, slots=True)
class Finished:
    """A worker is done with its task."""

    task: Task
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Died:
    """A worker died with a task in its hands; `reason` goes on a sentence: what it died of."""

    task: Task
    reason: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """A worker cannot work, and no other one will be able to."""

    error: FkdError


Event = Progress | Finished | Died | Stopped
"""What a driver hears of its workers."""
