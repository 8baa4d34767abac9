"""Two streams followed by one program, against two programs side by side on the same processors.

    python benchmarks/cameras.py [--faces 1,4,16] [--frames 150] [--rounds 5]

Frames are 640x480 and in memory before the clock starts. One program is `tracker.trackers.Trackers`, which puts the
faces of both streams into one batch; two programs are two processes with a `Tracker` each, which start together and
are done when the slower one is. Frames per second are those of both streams together; the ratio is the median over
the rounds, with its range. A round measures one after the other, the first round warms up and does not count.
"""

import argparse
import multiprocessing
import statistics
from multiprocessing.connection import Connection
from time import perf_counter

from tracker.bench import machine
from tracker.pipeline import Tracker
from tracker.sources.crowd import Crowd
from tracker.trackers import Trackers


def main() -> None:
    """Prints a line per number of faces."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faces", default="1,4,16", help="in each stream, with commas")
    parser.add_argument("--frames", type=int, default=150, help="of each stream, per round")
    parser.add_argument("--rounds", type=int, default=5, help="rounds that count")
    asked = parser.parse_args()
    where = machine()
    print(f"{where['processor']}, {where['processors']} processors")
    print(f"{'faces':>5}{'one program':>14}{'two programs':>14}{'ratio':>8}{'range':>15}   frames per second")
    for faces in map(int, asked.faces.split(",")):
        together, apart = measured(faces, asked.frames, asked.rounds)
        ratios = [one / two for one, two in zip(together, apart, strict=True)]
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        means = f"{statistics.median(together):>14.0f}{statistics.median(apart):>14.0f}"
        print(f"{faces:>5}{means}{statistics.median(ratios):>8.2f}{spread:>15}")


def measured(faces: int, frames: int, rounds: int) -> tuple[list[float], list[float]]:
    """Returns the frames per second of one program and of two, in each round."""
    clip = list(Crowd(faces, frames, 640, 480))
    context = multiprocessing.get_context("spawn")
    ends = [context.Pipe() for _ in range(2)]
    programs = [context.Process(target=program, args=(end, faces, frames), daemon=True) for _, end in ends]
    for process in programs:
        process.start()
    for mine, _ in ends:
        mine.recv()
    together, apart = [], []
    with Trackers(2) as trackers:
        for number in range(rounds + 1):
            begin = perf_counter()
            for frame in clip:
                trackers.update({0: frame, 1: frame})
            middle = perf_counter()
            for stream in range(2):
                trackers[stream].reset()
            start = perf_counter()
            for mine, _ in ends:
                mine.send(True)
            for mine, _ in ends:
                mine.recv()
            if number:
                together.append(2 * frames / (middle - begin))
                apart.append(2 * frames / (perf_counter() - start))
    for mine, _ in ends:
        mine.send(False)
    for process in programs:
        process.join()
    return together, apart


def program(end: Connection, faces: int, frames: int) -> None:
    """Follows the clip whenever it is told to."""
    clip = list(Crowd(faces, frames, 640, 480))
    with Tracker() as tracker:
        end.send(True)
        while end.recv():
            tracker.reset()
            for frame in clip:
                tracker.update(frame)
            end.send(True)


if __name__ == "__main__":
    main()
