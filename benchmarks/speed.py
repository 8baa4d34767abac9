"""Mean time per 640x480 frame of the tracker and of MediaPipe FaceMesh, in turn, on the same moving faces.

    python benchmarks/speed.py [--faces 1,4,16] [--frames 300] [--rounds 5] [--json FILE]

Frames are in memory before the clock starts: decoding and drawing are left out. Each round starts a new stream; what
opening a tracker costs is left out too. The first round warms up and does not count. On a machine whose speed wanders
only the ratios within a round mean something: their median and range are printed.
"""

import argparse
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from environment import REQUIREMENTS, Peer, open_peer

from tracker.bench import machine, measure
from tracker.frame import Frame
from tracker.pipeline import Tracker
from tracker.sources.crowd import Crowd


def compare(tracker: Tracker, peer: Peer, faces: int, frames: int, rounds: int) -> dict[str, Any]:
    """Runs both on a clip of so many faces, in turn, and returns what each took and found."""
    crowd = list(Crowd(faces, frames))
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "frames.npy"
        np.save(path, np.stack([frame.image for frame in crowd]))
        for _ in range(rounds + 1):
            ours.append(_track(tracker, crowd))
            theirs.append(peer.ask({"frames": str(path), "faces": faces}))
    ours, theirs = ours[1:], theirs[1:]
    ratios = [a["seconds"] / b["seconds"] for a, b in zip(ours, theirs, strict=True)]
    return {
        "faces": faces,
        "ours_ms": 1000 * statistics.mean(a["seconds"] for a in ours),
        "facemesh_ms": 1000 * statistics.mean(b["seconds"] for b in theirs),
        "ratio": statistics.median(ratios),
        "ratio_range": [min(ratios), max(ratios)],
        "ours_found": statistics.mean(a["found"] for a in ours),
        "facemesh_found": statistics.mean(b["found"] for b in theirs),
        "ours_stages_ms": ours[-1]["stages"],
    }


def _track(tracker: Tracker, frames: list[Frame]) -> dict[str, Any]:
    tracker.reset()
    result = measure(tracker, frames, "crowd", len(frames))
    tracker.reset()
    return {
        "seconds": 1 / result.frames_per_second,
        "found": result.faces_per_frame,
        "stages": {stage: timing.mean for stage, timing in result.stages.items()},
    }


def main() -> None:
    """Prints a table, and writes all numbers if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faces", default="1,4,16", help="numbers of faces, with commas")
    parser.add_argument("--frames", type=int, default=300, help="frames per round")
    parser.add_argument("--rounds", type=int, default=5, help="rounds that count")
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    asked = parser.parse_args()
    peer = open_peer("facemesh")
    with Tracker() as tracker:
        where = machine() | {"engine": tracker.engine.name, "facemesh": REQUIREMENTS["facemesh"][0]}
        counts = [int(count) for count in asked.faces.split(",")]
        results = [compare(tracker, peer, count, asked.frames, asked.rounds) for count in counts]
    peer.close()
    print(f"{where['processor']}, {where['processors']} processors; {where['engine']}; {where['facemesh']}\n")
    print(f"{'faces':>5}{'ours ms':>10}{'FaceMesh ms':>13}{'ratio':>8}{'range':>14}{'found ours':>12}{'theirs':>8}")
    for row in results:
        low, high = row["ratio_range"]
        print(
            f"{row['faces']:>5}{row['ours_ms']:>10.2f}{row['facemesh_ms']:>13.2f}{row['ratio']:>8.2f}"
            f"{f'{low:.2f} to {high:.2f}':>14}{row['ours_found']:>12.2f}{row['facemesh_found']:>8.2f}"
        )
    if asked.json:
        asked.json.write_text(json.dumps({"machine": where, "results": results}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
