"""Frame rate of files: OpenCV's decoding, tracking and encoding alone, and `fkd video`, in turn, with one face.

    python benchmarks/files.py [FILE …] [--sizes 640x480,1280x720,1920x1080] [--frames 300] [--bits 0.15] [--rounds 5]
                               [--threads N] [--processes] [--json FILE]

`decode` reads with cv2.VideoCapture and its own choice of threads. `track` tracks frames that are in memory as they
were decoded. `encode` writes them with their faces drawn. `points` is the loop of `fkd video --points`, from the file
to a .jsonl; `video` is that of `fkd video --points --out`. All five are loops in one process, whose tracker is open and
warm; with --processes `decode`, `points` and `video` are whole processes instead, with all that starting them costs
(and without processor time).

Wall time says how fast it is. Processor time (that of all threads) says how much there is to do, also on a busy
machine: no arrangement of threads gets below the sum of the parts, shared among the processors.

On a machine whose speed wanders only the ratios within a round mean something: their median and range are printed.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import cv2
from clips import clip_of

from tracker.bench import machine
from tracker.engines.litert import LiteRTEngine
from tracker.faces import Faces
from tracker.frame import Frame
from tracker.pipeline import Tracker
from tracker.sinks import Background, open_points, open_video
from tracker.sources import open_source

OPENCV_THREADS = cv2.getNumThreads()
"""OpenCV's own choice."""
PARTS = ("decode", "track", "encode", "points", "video")
DECODE = """
import sys, cv2
capture = cv2.VideoCapture(sys.argv[1])
while capture.read()[0]:
    pass
"""


class Clip:
    """A file and the ways to work on it; each returns the number of frames."""

    def __init__(self, path: Path, tracker: Tracker, folder: Path, held: int) -> None:
        self.path, self._tracker, self._folder = path, tracker, folder
        self.tracked: list[tuple[Frame, Faces]] = []
        tracker.reset()
        with open_source(path) as source:
            for frame, faces in tracker.track(source):
                self.tracked.append((frame, faces))
                if len(self.tracked) == held:
                    break

    def decode(self) -> int:
        """OpenCV alone."""
        cv2.setNumThreads(OPENCV_THREADS)
        capture = cv2.VideoCapture(str(self.path))
        frames = 0
        while capture.read()[0]:
            frames += 1
        cv2.setNumThreads(1)  # as `fkd video` does
        return frames

    def track(self) -> int:
        """The tracker alone."""
        self._tracker.reset()
        for frame, _ in self.tracked:
            self._tracker.update(frame)
        return len(self.tracked)

    def encode(self) -> int:
        """The annotated video alone."""
        with open_video(self._folder / "alone.mp4", rate=30, overwrite=True) as sink:
            for frame, faces in self.tracked:
                sink.append(frame, faces)
        return len(self.tracked)

    def points(self) -> int:
        """From the file to points."""
        return self._whole(None)

    def video(self) -> int:
        """From the file to points and an annotated video."""
        return self._whole(self._folder / "annotated.mp4")

    def _whole(self, out: Path | None) -> int:
        self._tracker.reset()
        frames = 0
        with ExitStack() as stack:
            source = stack.enter_context(open_source(self.path))
            sinks = [stack.enter_context(open_points(self._folder / "points.jsonl", overwrite=True))]
            if out is not None:
                drawn = open_video(out, rate=source.rate, overwrite=True)
                sinks.append(stack.enter_context(Background(drawn, drop=False)))
            for frame, faces in self._tracker.track(source):
                for sink in sinks:
                    sink.append(frame, faces)
                frames += 1
        return frames

    def processes(self, frames: int) -> dict[str, Callable[[], int]]:
        """The same as whole processes."""
        program = [str(Path(sys.executable).parent / "fkd"), "video", str(self.path), "--overwrite"]
        points = [*program, "--points", str(self._folder / "process.jsonl")]
        commands = {
            "decode": [sys.executable, "-c", DECODE, str(self.path)],
            "points": points,
            "video": [*points, "--out", str(self._folder / "process.mp4")],
        }

        def run(command: list[str]) -> int:
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            return frames

        return {name: lambda command=command: run(command) for name, command in commands.items()}


def compare(clip: Clip, rounds: int, processes: bool) -> dict[str, Any]:
    """Runs all parts in turn and returns what each took per frame, in ms, and the ratios."""
    frames = clip.decode()
    ways: dict[str, Callable[[], int]] = {part: getattr(clip, part) for part in PARTS}
    if processes:
        ways |= clip.processes(frames)
    walls: dict[str, list[float]] = {part: [] for part in PARTS}
    works: dict[str, list[float]] = {part: [] for part in PARTS}
    for number in range(rounds + 1):
        for part, way in ways.items():
            wall, work = perf_counter(), process_time()
            count = way()
            wall, work = perf_counter() - wall, process_time() - work
            if number:  # the first round warms up
                walls[part].append(1000 * wall / count)
                works[part].append(1000 * work / count)
    longer = [max(pair) for pair in zip(walls["track"], walls["encode"], strict=True)]
    return {
        "file": clip.path.name,
        "size": clip.tracked[0][0].size,
        "frames": frames,
        "processes": processes,
        "kbit_per_s": 8 * clip.path.stat().st_size / 1000 / (frames / 30),
        "wall_ms": {part: statistics.median(times) for part, times in walls.items()},
        "processor_ms": {part: statistics.median(times) for part, times in works.items()},
        "rate_of_decoding": _spread(walls["decode"], walls["points"]),
        "time_of_longer": _spread(walls["video"], longer),
    }


def _spread(above: list[float], below: list[float]) -> list[float]:
    """Median, least and largest ratio of two series."""
    ratios = [a / b for a, b in zip(above, below, strict=True)]
    return [statistics.median(ratios), min(ratios), max(ratios)]


def show(result: dict[str, Any]) -> None:
    """Prints what one clip gave."""
    width, height = result["size"]
    print(
        f"\n{result['file']}: {width}x{height}, {result['frames']} frames, {result['kbit_per_s']:.0f} kbit/s at 30 fps"
    )
    print(f"{'':<12}" + "".join(f"{part:>10}" for part in PARTS))
    print(f"{'frames/s':<12}" + "".join(f"{1000 / result['wall_ms'][part]:>10.0f}" for part in PARTS))
    print(f"{'ms':<12}" + "".join(f"{result['wall_ms'][part]:>10.2f}" for part in PARTS))
    if not result["processes"]:
        print(f"{'processor ms':<12}" + "".join(f"{result['processor_ms'][part]:>10.2f}" for part in PARTS))
    for text, key in (
        ("frame rate of points / of decoding", "rate_of_decoding"),
        ("time of video / of the longer of tracking and encoding", "time_of_longer"),
    ):
        median, low, high = result[key]
        print(f"{text}: {median:.2f} ({low:.2f} to {high:.2f})", flush=True)


def main() -> None:
    """Prints a table per clip, and writes all numbers if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, help="videos instead of the generated clips")
    parser.add_argument("--sizes", default="640x480,1280x720,1920x1080", help="of generated clips, with commas")
    parser.add_argument("--frames", type=int, default=300, help="per generated clip")
    parser.add_argument("--bits", type=float, default=0.15, help="of generated clips, per pixel and frame")
    parser.add_argument("--held", type=int, default=300, help="frames in memory at most, for track and encode")
    parser.add_argument("--threads", type=int, help="of the network; the program's own choice if left out")
    parser.add_argument("--rounds", type=int, default=5, help="rounds that count")
    parser.add_argument("--processes", action="store_true", help="decode, points and video as whole processes")
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    asked = parser.parse_args()
    sizes = [tuple(map(int, size.split("x"))) for size in asked.sizes.split(",")]
    paths = asked.files or [clip_of(width, height, asked.frames, asked.bits) for width, height in sizes]
    results = []
    with Tracker(engine=LiteRTEngine(threads=asked.threads)) as tracker, tempfile.TemporaryDirectory() as folder:
        where = machine() | {"engine": tracker.engine.name}
        print(f"{where['processor']}, {where['processors']} processors; {where['engine']}", flush=True)
        for path in paths:
            results.append(compare(Clip(path, tracker, Path(folder), asked.held), asked.rounds, asked.processes))
            show(results[-1])
    if asked.json:
        asked.json.write_text(json.dumps({"machine": where, "results": results}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
