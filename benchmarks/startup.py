"""How long one waits: for `--help`, and from `import tracker` to the first result.

    python benchmarks/startup.py

Each is measured in fresh processes, after one that warms the disk; the median is printed.
"""

import argparse
import statistics
import subprocess
import sys
from pathlib import Path
from time import perf_counter

RUNS = 7
FIRST_RESULT = """
from time import perf_counter
start = perf_counter()
from tracker import Tracker
from tracker.sources.images import read_image
from tracker.sources.demo import PORTRAIT
with Tracker() as tracker:
    faces = tracker.detect(read_image(PORTRAIT))
    seconds = perf_counter() - start
assert len(faces) == 1
print(seconds)
"""


def help_seconds(program: str) -> float:
    """Seconds that `program --help` takes, as a whole process."""
    command = [str(Path(sys.executable).parent / program), "--help"]
    start = perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return perf_counter() - start


def first_result_seconds() -> float:
    """Seconds from `import tracker` to the faces of a first picture."""
    done = subprocess.run([sys.executable, "-c", FIRST_RESULT], check=True, capture_output=True, text=True)
    return float(done.stdout)


def main() -> None:
    """Prints a line per measurement."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    measurements = {
        "fkd --help": lambda: help_seconds("fkd"),
        "fkd-live --help": lambda: help_seconds("fkd-live"),
        "import tracker to first result": first_result_seconds,
    }
    for name, measure in measurements.items():
        measure()
        seconds = [measure() for _ in range(RUNS)]
        print(f"{name:<34}{statistics.median(seconds):>7.2f} s   ({min(seconds):.2f} to {max(seconds):.2f})")


if __name__ == "__main__":
    main()
