"""Runs the live loop for a long time and tells whether anything grows: memory, open files, threads, time per frame.

    python benchmarks/endurance.py [--minutes 30] [--sinks jsonl,parquet,mp4] [--json FILE] [--plot FILE.png]

Frames come as fast as they are tracked, and faces come and go: each walks across the picture, and another one comes
after it. The loop is that of `fkd live`, with sinks as it opens them. Every few seconds the process is looked at. What
is held to, after a sixth of the time (five minutes of thirty), are the bars of docs/reliability.md: memory grows by
less than 10 MB, open files and threads stay as many, the frame rate stays within 5 %. A machine that is shared is not
always as fast; so a fixed piece of work is timed at each look, and beside the frame rate itself stands how many frames
were tracked in the time of that work. Half an hour writes some 5 GB to the folder of temporary files, which is emptied
at the end.
"""

import argparse
import json
import math
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any

import cv2
import numpy as np
import psutil
from numpy.typing import NDArray

from tracker.bench import machine
from tracker.frame import Frame
from tracker.live import LiveOptions, run_live
from tracker.sources.base import Source
from tracker.sources.demo import PORTRAIT
from tracker.sources.images import read_image

WIDTH, HEIGHT = 640, 480
LANES = 3
"""At most so many faces are in the picture at once, each in its own part of the height."""
FACE = (172, 50, 280, 200)
"""The head in the portrait: left, top, right, bottom."""
PARTS = 5
"""The frame rate is compared between so many parts of the time that counts."""
NUMBERS = np.random.default_rng(0).random(300_000, np.float32)
"""What is sorted to see how fast the machine is just now."""
MEMORY, RATE = 10.0, 0.05
"""Bars: growth in MB, and change of the frame rate."""


class Passers(Source):
    """A camera as fast as its frames are taken, past which people walk; looks at the process meanwhile.

    Args:
        seconds: for how long.
        every: seconds between looks.

    Attributes:
        samples: what was seen at each look.
    """

    live = True

    def __init__(self, seconds: float, every: float) -> None:
        super().__init__()
        self.opened = monotonic()
        self.samples: list[dict[str, float]] = []
        self._seconds, self._every = seconds, every
        portrait = read_image(PORTRAIT)
        self._wall = cv2.GaussianBlur(cv2.resize(portrait, (WIDTH, HEIGHT)), (0, 0), 25) // 2
        left, top, right, bottom = FACE
        self._heads = [_turned(portrait[top:bottom, left:right], angle) for angle in (-12, -6, 0, 6, 12)]

    def __iter__(self) -> Iterator[Frame]:
        process = psutil.Process()
        index = counted = 0
        looked = 0.0
        while not self.stopped and (time := monotonic() - self.opened) < self._seconds:
            if time - looked >= self._every:
                self.samples.append(
                    {
                        "seconds": time,
                        "memory_mb": process.memory_info().rss / 1e6,
                        "files": process.num_fds() if hasattr(process, "num_fds") else process.num_handles(),
                        "threads": process.num_threads(),
                        "rate": (index - counted) / (time - looked),
                        "work_ms": _work(),
                    }
                )
                looked, counted = time, index
            yield Frame(self._picture(time), index, time)
            index += 1

    def _picture(self, time: float) -> NDArray[np.uint8]:
        picture = self._wall.copy()
        for lane in range(LANES):
            speed = 130 + 40 * lane
            walk, way = divmod(time * speed + 200 * lane, WIDTH + 400)
            head = self._heads[int(walk + lane) % len(self._heads)]
            height, width = head.shape[:2]
            x = round(way) - width if (walk + lane) % 2 else WIDTH - round(way)
            y = lane * HEIGHT // LANES + round(5 + 5 * math.sin(3 * time + lane))
            left, right = max(x, 0), min(x + width, WIDTH)
            bottom = min(y + height, HEIGHT)
            if left < right:
                picture[y:bottom, left:right] = head[: bottom - y, left - x : right - x]
        return picture


def _work() -> float:
    """Milliseconds that a fixed piece of work takes: the least of three, since whatever disturbs it makes it longer."""
    times = []
    for _ in range(3):
        start = perf_counter()
        np.sort(NUMBERS)
        times.append(1000 * (perf_counter() - start))
    return min(times)


def _turned(head: NDArray[np.uint8], angle: float) -> NDArray[np.uint8]:
    height, width = head.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
    return np.asarray(cv2.warpAffine(head, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def judge(samples: list[dict[str, float]], seconds: float) -> dict[str, Any]:
    """Tells what the bars are about, of the samples after a sixth of the time."""
    count = [sample for sample in samples if sample["seconds"] >= seconds / 6]
    if len(count) < 2 * PARTS:
        raise SystemExit("Too few samples; run it for longer, or look more often (--every).")
    part = len(count) // PARTS
    ends = len(count) // 20 + 1  # about a minute of thirty
    memory = [statistics.median(sample["memory_mb"] for sample in few) for few in (count[:ends], count[-ends:])]
    parts = [count[n * part : (n + 1) * part] for n in range(PARTS)]
    rates = [statistics.median(sample["rate"] for sample in few) for few in parts]
    paces = [statistics.median(sample["rate"] * sample["work_ms"] for sample in few) for few in parts]
    growth = memory[1] - memory[0]
    same = {name: len({sample[name] for sample in count}) == 1 for name in ("files", "threads")}
    return {
        "growth_mb": growth,
        "rate": statistics.median(rates),
        "rate_change": _change(rates),
        "pace_change": _change(paces),
        "holds": {"memory": growth < MEMORY, **same, "rate": _change(rates) <= RATE},
    }


def _change(values: list[float]) -> float:
    """How far, as a share, any value is from the middle one."""
    middle = statistics.median(values)
    return max(abs(value / middle - 1) for value in values)


def plot(samples: list[dict[str, float]], path: Path) -> None:
    """Draws what was seen over time."""
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    minutes = [sample["seconds"] / 60 for sample in samples]
    panels = {"memory_mb": "memory, MB", "rate": "frames per second", "files": "open files", "threads": "threads"}
    figure, axes = plt.subplots(len(panels), 1, sharex=True, figsize=(8, 7), layout="constrained")
    for axis, (name, label) in zip(axes, panels.items(), strict=True):
        axis.plot(minutes, [sample[name] for sample in samples], linewidth=1)
        axis.set_ylabel(label)
        axis.set_ylim(bottom=0)
        axis.grid(alpha=0.3)
    axes[-1].set_xlabel("minutes")
    figure.savefig(path, dpi=100)
    plt.close(figure)


def main() -> None:
    """Prints what was seen and which bars hold; ends with 1 if one does not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--every", type=float, default=5.0, help="seconds between looks at the process")
    parser.add_argument("--sinks", default="jsonl,parquet,mp4", help="of jsonl, csv, parquet, json, mp4, none")
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    parser.add_argument("--plot", type=Path, help="draw them to this file")
    asked = parser.parse_args()
    sinks = [sink for sink in asked.sinks.split(",") if sink != "none"]
    seconds = 60 * asked.minutes
    opened: list[Passers] = []

    def open_it() -> Source:
        opened.append(Passers(seconds, asked.every))
        return opened[0]

    with tempfile.TemporaryDirectory() as folder:
        options = LiveOptions(
            points=tuple(Path(folder) / f"points.{sink}" for sink in sinks if sink != "mp4"),
            record=Path(folder) / "annotated.mp4" if "mp4" in sinks else None,
            window=False,
        )
        code = run_live(open_it, options, print)
    samples = opened[0].samples
    result = judge(samples, seconds)
    print(
        f"{asked.minutes:g} minutes with {asked.sinks}: memory grew by {result['growth_mb']:.1f} MB, "
        f"{samples[-1]['files']:.0f} open files, {samples[-1]['threads']:.0f} threads, {result['rate']:.0f} frames per "
        f"second, at most {100 * result['rate_change']:.1f} % off; measured by a fixed piece of work, "
        f"{100 * result['pace_change']:.1f} % off"
    )
    for name, holds in result["holds"].items():
        print(f"{name}: {'holds' if holds else 'does not hold'}")
    if asked.json:
        numbers = {"machine": machine(), "minutes": asked.minutes, "sinks": sinks, "result": result, "samples": samples}
        asked.json.write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
    if asked.plot:
        plot(samples, asked.plot)
    sys.exit(code or (0 if all(result["holds"].values()) else 1))


if __name__ == "__main__":
    main()
