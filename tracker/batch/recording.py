"""What was found in a video, or in a piece of one, as arrays: to be kept, and to be played into a sink."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from tracker.faces import Faces
from tracker.frame import Frame
from tracker.sinks.base import BaseSink

_ARRAYS = ("points", "confidence", "boxes", "scores", "ids")
_MEASURE = "measure "


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """The frames of a piece in their order, and all their faces one after the other.

    Attributes:
        times: (F,) float64, seconds.
        sizes: (F, 2) int64, width and height of each frame.
        counts: (F,) int64, how many faces each frame has.
        faces: all of them, as if they were those of one frame.
        end: when the video ends and how many frames it has by what its container says, NaN where it does not say.
    """

    times: NDArray[np.float64]
    sizes: NDArray[np.int64]
    counts: NDArray[np.int64]
    faces: Faces
    end: NDArray[np.float64]

    def __iter__(self) -> Iterator[tuple[float, tuple[int, int], Faces]]:
        """Yields the time, the size and the faces of each frame."""
        last = self.counts.cumsum()
        for time, size, first, end in zip(
            self.times.tolist(), self.sizes.tolist(), (last - self.counts).tolist(), last.tolist(), strict=True
        ):
            yield time, (size[0], size[1]), self.faces[first:end]

    def save(self, path: Path) -> None:
        """Writes the recording to a file."""
        columns = {name: getattr(self.faces, name) for name in _ARRAYS}
        columns |= {_MEASURE + name: values for name, values in self.faces.measures.items()}
        with path.open("wb") as file:
            np.savez(file, times=self.times, sizes=self.sizes, counts=self.counts, end=self.end, **columns)

    @classmethod
    def load(cls, file: Path | BinaryIO) -> Self:
        """Reads what `save` wrote."""
        with np.load(file, allow_pickle=False) as content:
            arrays: dict[str, Any] = dict(content)
        measures = {name.removeprefix(_MEASURE): arrays[name] for name in arrays if name.startswith(_MEASURE)}
        faces = Faces(**{name: arrays[name] for name in _ARRAYS}, measures=measures)
        return cls(arrays["times"], arrays["sizes"], arrays["counts"], faces, arrays["end"])


class Recorder(BaseSink):
    """A sink that makes a recording."""

    def __init__(self) -> None:
        self._heads: list[tuple[float, int, int, int]] = []
        self._faces: list[Faces] = []

    def append(self, frame: Frame, faces: Faces) -> None:
        """Takes the next frame and its faces."""
        self._heads.append((frame.time, *frame.size, len(faces)))
        self._faces.append(faces)

    def close(self) -> None:
        """Nothing is held that must be freed."""

    def recording(self, end: float | None, count: int | None) -> Recording:
        """Returns what was recorded; `end` and `count` are those of the container."""
        heads = np.array(self._heads, np.float64).reshape(-1, 4)
        whole = heads[:, 1:].astype(np.int64)
        said = np.array([np.nan if value is None else value for value in (end, count)])
        return Recording(heads[:, 0], whole[:, :2], whole[:, 2], Faces.joined(self._faces), said)
