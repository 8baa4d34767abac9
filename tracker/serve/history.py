"""The numbers of the last minute, to be downloaded; no pictures."""

import asyncio
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from tracker.faces import Faces
from tracker.frame import Frame
from tracker.sinks.table import CsvSink

SECONDS = 60.0
_MOST_FRAMES = 60 * 240
_FRAMES_AT_ONCE = 20
_NO_PICTURE = np.zeros((1, 1, 3), np.uint8)


class History:
    """Keeps the faces of the last frames; may be used from any thread.

    Args:
        seconds: how long, by the frames' own time.
        measures: names of the measures that the faces will have.
    """

    def __init__(self, seconds: float = SECONDS, measures: Sequence[str] = ()) -> None:
        self._measures = measures
        self._seconds = seconds
        self._kept: deque[tuple[Frame, Faces]] = deque(maxlen=_MOST_FRAMES)
        self._lock = threading.Lock()
        self._one_at_a_time = asyncio.Lock()

    def append(self, frame: Frame, faces: Faces) -> None:
        """Takes the next frame and its faces, and forgets those that are too old."""
        with self._lock:
            self._kept.append((replace(frame, image=_NO_PICTURE), faces))
            while self._kept[0][0].time < frame.time - self._seconds:
                self._kept.popleft()

    async def table(self) -> bytes:
        """Returns what `CsvSink` writes of the frames kept.

        A few of them at a time, and one table after the other, so that the tracker goes on however many ask.
        """
        async with self._one_at_a_time:
            return await self._table()

    async def _table(self) -> bytes:
        with self._lock:
            kept = list(self._kept)
        with TemporaryDirectory(prefix="fkd-") as folder:
            path = Path(folder) / "minute.csv"
            with CsvSink(path, measures=self._measures) as sink:
                for index, entry in enumerate(kept):
                    sink.append(*entry)
                    if index % _FRAMES_AT_ONCE == 0:
                        await asyncio.sleep(0.001)
            return path.read_bytes()
