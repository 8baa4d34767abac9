"""How a peer's program is asked: one JSON line per task on stdin, one JSON line per answer on stdout.

A task is {"frames": FILE.npy or [FILE.npy, …], "faces": N, "points": FILE.npy, "options": {…}}. Each file of frames
holds (F, H, W, 3) uint8 BGR, as from OpenCV; those of one task are one stream. `points` and `options` may be left out;
the options are the peer's own. The answer is {"seconds": mean per frame, "found": faces per frame}; if `points` is
given, the landmarks of all faces are written there: (F, N, P, 2) float32 in pixels of the frame, (0, 0) at the centre
of the top-left one, NaN where there is no face.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from time import perf_counter
from typing import Any, Protocol

import numpy as np


class Finder(Protocol):
    """Finds the faces of the frames of one stream."""

    def find(self, frame: np.ndarray) -> Any:
        """Does the work that is timed, on a frame (H, W, 3) uint8 BGR; returns what the peer returns, a sized list."""

    def landmarks(self, found: Any, frame: np.ndarray) -> np.ndarray:
        """Turns what `find` returned to (N, P, 2) pixels."""


Open = Callable[[int, dict[str, Any]], AbstractContextManager[Finder]]


def serve(open_finder: Open, landmarks: int) -> None:
    """Answers tasks until stdin ends.

    Args:
        open_finder: opens the peer for one stream, given the greatest number of faces and the task's options.
        landmarks: P, how many points a face of this peer has.
    """
    for line in sys.stdin:
        task = json.loads(line)
        with open_finder(task["faces"], task.get("options", {})) as finder:
            answer = _work(finder, task, landmarks)
        print(json.dumps(answer), flush=True)


def _work(finder: Finder, task: dict[str, Any], landmarks: int) -> dict[str, float]:
    faces, files = task["faces"], task["frames"]
    count, seconds, points = 0, 0.0, []
    found_in_all = 0
    for frame in _frames([files] if isinstance(files, str) else files):
        start = perf_counter()
        found = finder.find(frame)
        seconds += perf_counter() - start
        count += 1
        found_in_all += min(len(found), faces)
        if "points" in task:
            points.append(np.full((faces, landmarks, 2), np.nan, np.float32))
            if len(found):
                kept = finder.landmarks(found, frame)[:faces]
                points[-1][: len(kept)] = kept
    if "points" in task:
        np.save(task["points"], np.array(points, np.float32).reshape(count, faces, landmarks, 2))
    return {"seconds": seconds / max(count, 1), "found": found_in_all / max(count, 1)}


def _frames(files: list[str]) -> Iterator[np.ndarray]:
    for file in files:
        yield from np.load(file)
