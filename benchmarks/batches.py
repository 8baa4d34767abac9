"""How long the network takes for batches of 1 to 1,024 crops, on whatever device is there.

    python benchmarks/batches.py [--engines keras,litert] [--sizes 1,2,4,…] [--seconds 1.0] [--json FILE]

Each engine is asked for every size in turn, several rounds over, and the median is printed: milliseconds per batch,
crops per second, and the time against that of LiteRT in the same round. `traces` is how often TensorFlow has traced the
network by the end: once.
"""

import argparse
import json
import statistics
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from tracker.bench import machine
from tracker.crop import CROP_SIZE
from tracker.engines import Engine, open_engine

SIZES = tuple(2**power for power in range(11))
ROUNDS = 5


def batch_seconds(engine: Engine, size: int, seconds: float) -> float:
    """Seconds per batch of so many crops, measured for about `seconds`."""
    crops = np.random.default_rng(size).integers(0, 256, (size, CROP_SIZE, CROP_SIZE), np.uint8)
    engine.predict(crops)  # the first batch of a size allocates
    start, count = perf_counter(), 0
    while count == 0 or perf_counter() - start < seconds:
        engine.predict(crops)
        count += 1
    return (perf_counter() - start) / count


def main() -> None:
    """Prints a table, and writes all numbers if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", default="keras,litert", help="with commas")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="of batches, with commas")
    parser.add_argument("--seconds", type=float, default=1.0, help="per size and engine, all rounds together")
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    asked = parser.parse_args()
    engines = {name: open_engine(name) for name in asked.engines.split(",")}
    names = {name: engine.name for name, engine in engines.items()}
    print(f"{machine()['processor']}; " + "; ".join(names.values()) + "\n")
    print(f"{'crops':>6}" + "".join(f"{f'{name} ms':>14}{'crops per s':>14}" for name in engines) + "   ratio (range)")
    rows: list[dict[str, Any]] = []
    for size in map(int, asked.sizes.split(",")):
        rounds = [
            {name: batch_seconds(engine, size, asked.seconds / ROUNDS) for name, engine in engines.items()}
            for _ in range(ROUNDS)
        ]
        row: dict[str, Any] = {"crops": size}
        line = f"{size:>6}"
        for name in engines:
            median = statistics.median(times[name] for times in rounds)
            row[f"{name}_ms"] = 1000 * median
            line += f"{1000 * median:>14.2f}{size / median:>14.0f}"
        if {"keras", "litert"} <= engines.keys():
            ratios = sorted(times["keras"] / times["litert"] for times in rounds)
            row["keras_per_litert"] = statistics.median(ratios)
            line += f"   {row['keras_per_litert']:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        rows.append(row)
        print(line, flush=True)
    traces = getattr(engines.get("keras"), "traces", None)
    if traces is not None:
        print(f"\ntraces: {traces}")
    for engine in engines.values():
        engine.close()
    if asked.json:
        result = {"machine": machine() | {"engines": names}, "traces": traces, "results": rows}
        asked.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
