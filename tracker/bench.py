"""How fast the tracker is on this machine: frames per second of the whole and of each stage."""

import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from tracker.engines.litert import processors
from tracker.frame import Frame
from tracker.pipeline import Tracker

WARM_UP = 15
"""So many frames are tracked before the clock starts."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds per frame of a stage or of the whole."""

    mean: float
    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, seconds: list[float]) -> "Timing":
        """Sums up the times of frames, in seconds."""
        times = 1000 * np.asarray(seconds)
        p50, p95, p99 = np.percentile(times, [50, 95, 99])
        return cls(float(times.mean()), float(p50), float(p95), float(p99))


@dataclass(frozen=True, slots=True)
class Result:
    """What a clip gave.

    Attributes:
        clip: its name.
        size: width and height of its frames.
        frames: how many frames were timed.
        faces_per_frame: how many faces were found, on average.
        frames_per_second: decoding and drawing left out.
        stages: a timing per stage, and `whole`.
    """

    clip: str
    size: tuple[int, int]
    frames: int
    faces_per_frame: float
    frames_per_second: float
    stages: dict[str, Timing]

    def as_dict(self) -> dict[str, Any]:
        """The result as plain values."""
        return asdict(self)


def measure(tracker: Tracker, frames: Iterable[Frame], clip: str, limit: int = 600) -> Result:
    """Tracks up to `limit` frames, which are read before the clock starts.

    Raises:
        ValueError: there are no frames.
    """
    held = list(islice(frames, limit))
    if not held:
        raise ValueError("A benchmark needs frames.")
    for frame in held[:WARM_UP]:
        tracker.update(frame)
    tracker.reset()
    tracker.stopwatch.lap()
    whole: list[float] = []
    stages: dict[str, list[float]] = {}
    faces = 0
    for frame in held:
        start = perf_counter()
        faces += len(tracker.update(frame))
        whole.append(perf_counter() - start)
        for stage, seconds in tracker.stopwatch.lap().items():
            stages.setdefault(stage, []).append(seconds)
    timings = {stage: Timing.of(times) for stage, times in stages.items()} | {"whole": Timing.of(whole)}
    return Result(clip, held[0].size, len(held), faces / len(held), len(held) / sum(whole), timings)


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    packages = ("fkd", "numpy", "opencv-contrib-python", "mediapipe", "ai-edge-litert")
    return {
        "processor": _processor(),
        "processors": processors(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "packages": {name: version(name) for name in packages},
    }


def _processor() -> str:
    """Its name and the newest vector instructions that it has, on which the speed of 8-bit arithmetic depends."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        name = platform.processor() or platform.machine()
    vectors = _vector_instructions()
    return f"{name} ({vectors[-1]})" if vectors else name


def _vector_instructions() -> list[str]:
    """What NumPy has found, from old to new and in its words: X86_V3 is AVX2, X86_V4 AVX-512, AVX512_ICL has VNNI."""
    config: Any = np.show_config(mode="dicts")
    return list(config.get("SIMD Extensions", {}).get("found", []))
