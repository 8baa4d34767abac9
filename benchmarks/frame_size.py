"""What a larger frame costs, and whether many faces are all found.

    python benchmarks/frame_size.py [--frames 150] [--rounds 5] [--faces 64]

One moving face of the same size in pixels, in frames in memory, in turn at each size; the ratio to 640x480 is the
median over the rounds, of wall time and of processor time (that of all threads, which a busy machine changes less).
Frames are arrays in BGR, as a camera gives them. Then so many faces at 1280x720, which take long to render.
"""

import argparse
import statistics
from time import perf_counter, process_time

import numpy as np

from tracker.bench import machine, measure
from tracker.frame import Frame
from tracker.pipeline import Tracker
from tracker.sources.crowd import Crowd

SIZES = ((640, 480), (1280, 720), (1920, 1080))


def main() -> None:
    """Prints a line per size, and one for many faces."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=150, help="per round and size")
    parser.add_argument("--rounds", type=int, default=5, help="rounds that count")
    parser.add_argument("--faces", type=int, default=64, help="at 1280x720")
    parser.add_argument("--many-frames", type=int, default=60, help="with so many faces")
    asked = parser.parse_args()
    where = machine()
    print(f"{where['processor']}, {where['processors']} processors")
    clips = {size: list(Crowd(1, asked.frames, *size)) for size in SIZES}
    with Tracker() as tracker:
        times: dict[tuple[int, int], list[tuple[float, float]]] = {size: [] for size in SIZES}
        for number in range(asked.rounds + 1):
            for size, frames in clips.items():
                taken = timed(tracker, frames)
                if number:  # the first round warms up
                    times[size].append(taken)
        print(f"{'':<12}{'ms':>8}{'ratio':>8}{'range':>15}{'processor ms':>15}{'ratio':>8}{'range':>15}")
        for size, each in times.items():
            columns = _column(each, times[SIZES[0]], 0) + " " * 7 + _column(each, times[SIZES[0]], 1)
            print(f"{f'{size[0]}x{size[1]}':<12}{columns}")
        many(tracker, asked.faces, asked.many_frames)


def timed(tracker: Tracker, frames: list[Frame]) -> tuple[float, float]:
    """Returns milliseconds per frame: of the wall's clock, and of processors."""
    tracker.reset()
    wall, work = perf_counter(), process_time()
    for frame in frames:
        tracker.update(frame)
    return 1000 * (perf_counter() - wall) / len(frames), 1000 * (process_time() - work) / len(frames)


def _column(each: list[tuple[float, float]], small: list[tuple[float, float]], which: int) -> str:
    ratios = [a[which] / b[which] for a, b in zip(each, small, strict=True)]
    spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
    return f"{statistics.median(a[which] for a in each):>8.2f}{statistics.median(ratios):>8.2f}{spread:>15}"


def many(tracker: Tracker, faces: int, frames: int) -> None:
    """Says how many of so many faces are found, and for what time."""
    tracker.reset()
    clip = list(Crowd(faces, frames, 1280, 720))
    counts = np.array([len(tracker.update(frame)) for frame in clip])
    tracker.reset()
    result = measure(tracker, clip, "crowd", len(clip))
    whole = int((counts == faces).argmax()) if (counts == faces).any() else None
    print(
        f"{faces} faces at 1280x720: {result.frames_per_second:.0f} frames per second; "
        f"{counts.mean():.2f} found per frame, {counts[-1]} in the last; all from frame {whole} on: "
        f"{bool(whole is not None and (counts[whole:] == faces).all())}"
    )


if __name__ == "__main__":
    main()
