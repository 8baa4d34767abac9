"""Mean time per frame of the tracker and of its peers, in turn, on the same moving faces.

    python benchmarks/speed.py [--faces 1,4,16] [--peers facemesh,dlib] [--frames 300] [--rounds 5] [--json FILE]

Frames are 640x480 and in memory before the clock starts: decoding and drawing are left out. Each round starts a new
stream; what opening a tracker costs is left out too. The first round warms up and does not count. On a machine whose
speed wanders only the ratios within a round mean something: their median and range are printed.

`overhead` is the share of our time that is spent neither in the network's nor in the detector's kernels: crops,
matching, smoothing, Python.
"""

import argparse
import json
import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from environment import REQUIREMENTS, Peer, open_peer

from tracker.bench import machine, measure
from tracker.frame import Frame
from tracker.pipeline import Tracker
from tracker.sources.crowd import Crowd

KERNELS = ("network", "detector")
"""The stages whose time is nearly all spent in the kernels of LiteRT and MediaPipe."""


def compare(tracker: Tracker, peers: list[Peer], faces: int, frames: int, rounds: int) -> dict[str, Any]:
    """Runs all on a clip of so many faces, in turn, and returns what each took and found."""
    crowd = list(Crowd(faces, frames))
    ours: list[dict[str, Any]] = []
    theirs: dict[str, list[dict[str, float]]] = {peer.name: [] for peer in peers}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "frames.npy"
        np.save(path, np.stack([frame.image for frame in crowd]))
        for _ in range(rounds + 1):
            ours.append(_track(tracker, crowd))
            for peer in peers:
                theirs[peer.name].append(peer.ask({"frames": str(path), "faces": faces}))
    ours = ours[1:]
    return {
        "faces": faces,
        "ms": 1000 * statistics.mean(a["seconds"] for a in ours),
        "found": statistics.mean(a["found"] for a in ours),
        "overhead": statistics.median(a["overhead"] for a in ours),
        "stages_ms": ours[-1]["stages"],
        "peers": {name: _against(ours, answers[1:]) for name, answers in theirs.items()},
    }


def _against(ours: list[dict[str, Any]], theirs: list[dict[str, float]]) -> dict[str, Any]:
    ratios = [a["seconds"] / b["seconds"] for a, b in zip(ours, theirs, strict=True)]
    return {
        "ms": 1000 * statistics.mean(b["seconds"] for b in theirs),
        "found": statistics.mean(b["found"] for b in theirs),
        "ratio": statistics.median(ratios),
        "ratio_range": [min(ratios), max(ratios)],
    }


def _track(tracker: Tracker, frames: list[Frame]) -> dict[str, Any]:
    tracker.reset()
    result = measure(tracker, frames, "crowd", len(frames))
    tracker.reset()
    stages = {stage: timing.mean for stage, timing in result.stages.items()}
    return {
        "seconds": 1 / result.frames_per_second,
        "found": result.faces_per_frame,
        "overhead": 1 - sum(stages[stage] for stage in KERNELS) / stages["whole"],
        "stages": stages,
    }


def main() -> None:
    """Prints a table, and writes all numbers if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faces", default="1,4,16", help="numbers of faces, with commas")
    parser.add_argument("--peers", default="facemesh", help=f"with commas: {', '.join(REQUIREMENTS)}")
    parser.add_argument("--frames", type=int, default=300, help="frames per round")
    parser.add_argument("--rounds", type=int, default=5, help="rounds that count")
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    asked = parser.parse_args()
    with ExitStack() as stack:
        peers = [stack.enter_context(open_peer(name)) for name in asked.peers.split(",") if name]
        tracker = stack.enter_context(Tracker())
        where = machine() | {
            "engine": tracker.engine.name,
            "peers": {peer.name: REQUIREMENTS[peer.name][0] for peer in peers},
        }
        counts = [int(count) for count in asked.faces.split(",")]
        results = [compare(tracker, peers, count, asked.frames, asked.rounds) for count in counts]
    print(f"{where['processor']}, {where['processors']} processors; {where['engine']}\n")
    print(f"{'faces':>5}{'program':>12}{'ms':>8}{'found':>8}{'ours/theirs':>13}{'range':>15}{'overhead':>10}")
    for row in results:
        print(f"{row['faces']:>5}{'fkd':>12}{row['ms']:>8.2f}{row['found']:>8.2f}{'':>28}{row['overhead']:>10.0%}")
        for name, peer in row["peers"].items():
            low, high = peer["ratio_range"]
            print(
                f"{'':>5}{name:>12}{peer['ms']:>8.2f}{peer['found']:>8.2f}{peer['ratio']:>13.2f}"
                f"{f'{low:.2f} to {high:.2f}':>15}"
            )
    if asked.json:
        asked.json.write_text(json.dumps({"machine": where, "results": results}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
