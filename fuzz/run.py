"""Fuzzes the targets, each for some seconds: `python fuzz/run.py [TARGET …] --seconds 600`.

With atheris (https://github.com/google/atheris), which is led by what the bytes reach, or where that cannot be had by
changing bytes at random. What is found is kept in runs/fuzz/TARGET/, beside the bytes that reached something new; the
exit code is then 1.
"""

import argparse
import os
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from fuzz.targets import TARGETS, Target, load  # noqa: E402 - the folder is no package that is installed

KEPT = ROOT / "runs" / "fuzz"
PAUSE = 20
"""Seconds after which one input counts as a hang."""
MEMORY = 2048
"""MB."""


def main() -> int:
    """Fuzzes the targets side by side, as many as there are processors; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", default=list(TARGETS), help=f"some of {', '.join(TARGETS)}; default: all")
    parser.add_argument("--seconds", type=int, default=600, help="for each")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="so many at a time")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)  # in this process: one target
    options = parser.parse_args()
    if options.here:
        return _fuzz(options.targets[0], options.seconds)
    with ThreadPoolExecutor(options.jobs) as pool:
        found = [name for name in pool.map(lambda name: _fuzz_apart(name, options.seconds), options.targets) if name]
    for name in found:
        print(f"found something in {name}: see {KEPT / name}", file=sys.stderr)
    return 1 if found else 0


def _fuzz_apart(name: str, seconds: int) -> str | None:
    """Fuzzes a target in a process of its own, which the target may end; returns its name if something was found."""
    (KEPT / name).mkdir(parents=True, exist_ok=True)
    command = [sys.executable, __file__, name, "--here", "--seconds", str(seconds)]
    with TemporaryDirectory() as folder, (KEPT / name / "log").open("w+", encoding="utf-8", errors="replace") as log:
        ended = subprocess.run(
            command, stdout=log, stderr=log, cwd=ROOT, env=os.environ | {"TMPDIR": folder}, check=False
        )
        log.seek(0)
        done = [line for line in log if line.startswith("Done")]
    print(f"{name:<22}{done[-1].strip() if done else 'ended early'}", flush=True)
    return name if ended.returncode else None


def _fuzz(name: str, seconds: int) -> int:
    try:
        import atheris
    except ImportError:
        at_random(*load(name), seconds, KEPT / name)
        return 0
    with atheris.instrument_imports(include=["tracker", "training"]):
        target, seeds = load(name)
    corpus = KEPT / name / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for index, seed in enumerate(seeds):
        (corpus / f"seed-{index}").write_bytes(seed)
    longest = max(4096, *(2 * len(seed) for seed in seeds))
    arguments = {
        "max_total_time": seconds,
        "timeout": PAUSE,
        "rss_limit_mb": MEMORY,
        "max_len": longest,
        "artifact_prefix": f"{KEPT / name}/",
        "print_final_stats": 1,
    }
    atheris.Setup([__file__, *(f"-{key}={value}" for key, value in arguments.items()), str(corpus)], target)
    atheris.Fuzz()  # ends the process
    return 0


def at_random(target: Target, seeds: list[bytes], seconds: float, folder: Path) -> None:
    """Changes, cuts and joins seeds for some seconds; bytes that make the target raise are kept in the folder."""
    chance, end, count = random.Random(), time.monotonic() + seconds, 0
    while time.monotonic() < end:
        data = _changed(bytearray(chance.choice(seeds)), chance)
        count += 1
        try:
            target(data)
        except Exception:
            (folder / f"crash-{count}").write_bytes(data)
            raise
    print(f"Done {count} runs in {seconds} second(s)")


def _changed(data: bytearray, chance: random.Random) -> bytes:
    for _ in range(chance.randint(0, 8)):
        place = chance.randrange(len(data) + 1)
        match chance.randrange(4):
            case 0:
                data[place : place + 1] = chance.randbytes(1)
            case 1:
                del data[place : place + chance.randint(1, 64)]
            case 2:
                data[place:place] = chance.randbytes(chance.randint(1, 8))
            case _:
                data[place : place + 8] = chance.choice((b"\xff" * 8, bytes(8), b"\0\0\0\x80"))
    return bytes(data)


if __name__ == "__main__":
    sys.exit(main())
