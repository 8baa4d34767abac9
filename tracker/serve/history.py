"""The numbers of the last minute, to be downloaded; no pictures."""

import asyncio
import csv
import io
import threading
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import replace

import numpy as np

from tracker.faces import Faces
from tracker.frame import Frame
from tracker.sinks.table import COLUMNS, rows

SECONDS = 60.0
_MOST_FRAMES = 60 * 240
_FRAMES_AT_ONCE = 20
_NO_PICTURE = np.zeros((1, 1, 3), np.uint8)


class History:
    """Keeps the faces of the last frames; may be used from any thread.

    Args:
        seconds: how long, by the frames' own time.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._kept: deque[tuple[Frame, Faces]] = deque(maxlen=_MOST_FRAMES)
        self._lock = threading.Lock()

    def append(self, frame: Frame, faces: Faces) -> None:
        """Takes the next frame and its faces, and forgets those that are too old."""
        with self._lock:
            self._kept.append((replace(frame, image=_NO_PICTURE), faces))
            while self._kept[0][0].time < frame.time - self._seconds:
                self._kept.popleft()

    async def table(self) -> AsyncIterator[str]:
        """Yields a CSV table with the columns of `CsvSink`, a few frames at a time: the tracker goes on."""
        with self._lock:
            kept = list(self._kept)
        yield _text([list(COLUMNS)])
        for first in range(0, len(kept), _FRAMES_AT_ONCE):
            part = kept[first : first + _FRAMES_AT_ONCE]
            yield _text([row for frame, faces in part for row in rows(frame, faces)])
            await asyncio.sleep(0.001)


def _text(table: list[list[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(table)
    return text.getvalue()
