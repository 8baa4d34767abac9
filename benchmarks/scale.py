"""The constants of docs/scale.md: what a frame and a face cost a worker with one thread, and whether that foretells.

    python benchmarks/scale.py [--frames 900] [--work runs/scale] [--json FILE]

Videos of 640x480 with 1, 4 and 16 moving faces go through one worker. A line is fitted to the time per frame; it then
foretells frames per second for 8 faces with one worker and with two, which are measured too.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from batch import run_anew
from batch_videos import write

from tracker.bench import machine
from tracker.sources.crowd import Crowd

FITTED, FORETOLD = (1, 4, 16), 8


def video(work: Path, faces: int, frames: int, copy: int = 0) -> Path:
    """A folder with a video of so many faces."""
    folder = work / f"{faces} faces" / str(copy)
    write(folder / f"{faces}-{frames}.mp4", Crowd(faces, frames, 640, 480, 30))
    return folder


def seconds_of_work(said: dict[str, Any]) -> float:
    """Seconds that the workers of a batch worked, starts left out."""
    return float(sum(row["seconds"] for row in said["rows"]))


def main() -> None:
    """Measures, fits, foretells and checks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=900, help="of each video")
    parser.add_argument("--work", type=Path, default=Path("runs/scale"), help="folder for videos and results")
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    asked = parser.parse_args()
    work, one = asked.work.absolute(), ("--workers", 1, "--threads", 1)
    measured = {}
    for faces in FITTED:
        _, said = run_anew(video(work, faces, asked.frames), work / "out", *one)
        measured[faces] = 1000 * seconds_of_work(said) / said["frames"]
        print(f"{faces:>3} faces: {measured[faces]:.2f} ms per frame", flush=True)
    slope, frame = np.polyfit(list(measured), list(measured.values()), 1)
    print(f"a frame {frame:.2f} ms, a face {slope:.2f} ms")
    foretold = 1000 / (frame + slope * FORETOLD)
    checks = {}
    for workers in (1, 2):
        for copy in range(2):
            video(work, FORETOLD, asked.frames, copy)
        _, said = run_anew(work / f"{FORETOLD} faces", work / "out", "--workers", workers, "--threads", 1)
        checks[workers] = {"foretold": workers * foretold, "found": workers * said["frames"] / seconds_of_work(said)}
        print(f"{FORETOLD} faces, {workers} workers, frames per second: {checks[workers]}", flush=True)
    if asked.json:
        found = {"machine": machine(), "ms": measured, "frame": frame, "face": slope, "checks": checks}
        asked.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
