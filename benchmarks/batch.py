"""`fkd batch`: whether results are right after kills, and what workers, Ray and pieces cost and bring.

    python benchmarks/batch.py [--only kills,workers,ray,pieces] [--inputs 200] [--minutes 30]
        [--json FILE] [--markdown FILE]

The videos are made on first use, in the folder of --work. `kills` compares every result with `fkd video`, byte for
byte, after the batch was killed three times; `workers` compares one and two workers with a thread each; `ray` compares
local workers with a cluster of two nodes on this machine, of which one is killed in a second run; `pieces` compares a
long video in pieces with the same in one.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np
import psutil
import pyarrow.parquet
from batch_videos import long_video, short_videos

from tracker.bench import machine

FKD = (str(Path(sys.executable).parent / "fkd"),)
MINUTE_VIDEOS = 4


class Run:
    """A run of `fkd batch`, watched: how long it takes, and how much memory its processes hold at most."""

    def __init__(self, inputs: Path, out: Path, *more: object) -> None:
        command = [*FKD, "batch", inputs, "--out", out, "--json", *more]
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.peak = 0.0
        self._over = Event()
        self._watcher = Thread(target=self._watch)
        self._watcher.start()

    def kill(self) -> None:
        """Ends it by SIGKILL."""
        self.process.kill()
        self.wait()

    def wait(self) -> dict[str, Any]:
        """Waits for its end; returns what it said."""
        said, _ = self.process.communicate()
        self._over.set()
        self._watcher.join()
        return json.loads(said) | {"wall": time.perf_counter() - self.started} if said else {}

    def _watch(self) -> None:
        """Notes the most memory, in MB, that all its processes hold together; what they share counts once."""
        while not self._over.wait(0.2):
            held = 0
            try:
                family = [psutil.Process(self.process.pid)]
                family += family[0].children(recursive=True)
            except psutil.Error:
                return
            for process in family:
                try:
                    full = process.memory_full_info()
                    held += getattr(full, "pss", full.uss)
                except psutil.Error:
                    continue
            self.peak = max(self.peak, held / 1e6)


def kills(work: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """Kills a batch three times and compares what comes out with `fkd video`."""
    folder, out = work / f"short {asked.inputs}", work / "out kills"
    if not folder.exists():
        short_videos(folder, asked.inputs, asked.broken)
    shutil.rmtree(out, ignore_errors=True)
    twice, before = 0, results(out)
    for quarter in (1, 2, 3):
        run = Run(folder, out)
        while len(results(out)) < quarter * (asked.inputs - asked.broken) // 4 and run.process.poll() is None:
            time.sleep(0.05)
        run.kill()
        after = results(out)
        twice += sum(after.get(name) != written for name, written in before.items())
        before = after
    said = Run(folder, out).wait()
    after = results(out)
    twice += sum(after.get(name) != written for name, written in before.items())
    different = []
    for name in after:
        single = work / "single.parquet"
        video = folder / name.removesuffix(".parquet")
        subprocess.run([*FKD, "video", video, "--points", single, "--overwrite"], check=True, stdout=subprocess.DEVNULL)
        if single.read_bytes() != (out / name).read_bytes():
            different.append(name)
    broken = [row["input"] for row in said["rows"] if row["status"] == "broken"]
    return {
        "inputs": said["inputs"],
        "done": said["done"],
        "broken": len(broken),
        "broken that are named so": sum("broken" in Path(path).name for path in broken),
        "done before the last run": said["before"],
        "done twice": twice,
        "different from fkd video": len(different),
    }


def workers(work: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """Compares two workers with one, in turn, on videos of a minute."""
    folder = minute_videos(work)
    rates: dict[int, list[float]] = {1: [], 2: []}
    peaks: dict[int, float] = {}
    for _ in range(asked.rounds):
        for count in rates:
            run, said = run_anew(folder, work / "out workers", "--workers", count, "--threads", 1)
            rates[count].append(said["frames"] / said["wall"])
            peaks[count] = max(peaks.get(count, 0.0), run.peak)
    ratio = float(np.median(np.divide(rates[2], rates[1])))
    return {
        "frames per second, 1 worker": float(np.median(rates[1])),
        "frames per second, 2 workers": float(np.median(rates[2])),
        "ratio": ratio,
        "MB, 1 worker and driver": peaks[1],
        "MB per further worker": peaks[2] - peaks[1],
    }


def ray(work: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """Compares a cluster of two nodes with two local workers; then kills a node in the middle."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    from ray.cluster_utils import Cluster

    folder = minute_videos(work)
    node = {"num_cpus": 1, "num_gpus": 0, "object_store_memory": 100 << 20}
    cluster = Cluster(initialize_head=True, head_node_args=node | {"include_dashboard": False})
    other = cluster.add_node(**node)
    walls: dict[str, list[float]] = {"local": [], "ray": []}
    try:
        for _ in range(asked.rounds):
            for name, words in (("local", ("--workers", 2)), ("ray", ("--ray", cluster.address))):
                _, said = run_anew(folder, work / f"out {name}", "--threads", 1, *words)
                walls[name].append(said["wall"])
        same = contents(work / "out ray") == contents(work / "out local")
        shutil.rmtree(work / "out killed", ignore_errors=True)
        run = Run(folder, work / "out killed", "--threads", 1, "--ray", cluster.address)
        while not results(work / "out killed") and run.process.poll() is None:
            time.sleep(0.05)
        cluster.remove_node(other)
        said = run.wait()
        killed = contents(work / "out killed") == contents(work / "out local")
    finally:
        cluster.shutdown()
    return {
        "seconds, 2 local workers": float(np.median(walls["local"])),
        "seconds, 2 nodes": float(np.median(walls["ray"])),
        "overhead": float(np.median(np.divide(walls["ray"], walls["local"]))) - 1,
        "same results": same,
        "done after a node was killed": said["done"],
        "same results after a node was killed": killed,
    }


def pieces(work: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """Compares a long video in pieces with the same in one."""
    video = long_video(work / f"long {asked.minutes:g}.mp4", asked.minutes)
    piece = min(5.0, asked.minutes / 3)
    _, one = run_anew(video, work / "out one", "--piece", 0)
    _, cut = run_anew(video, work / "out cut", "--piece", piece)
    tables = [pyarrow.parquet.read_table(work / out / f"{video.name}.parquet") for out in ("out one", "out cut")]
    same = all(tables[0][name].equals(tables[1][name]) for name in ("frame", "time", "id"))
    columns = [name for name in tables[0].column_names if name.endswith(("_x", "_y"))]
    apart = None
    if same:
        apart = max(float(np.abs(np.subtract(tables[0][name], tables[1][name])).max()) for name in columns)
    return {
        "minutes": asked.minutes,
        "minutes of a piece": piece,
        "frames": [one["frames"], cut["frames"]],
        "ids": [one["rows"][0]["ids"], cut["rows"][0]["ids"]],
        "same frames, times and ids": same,
        "largest difference of a coordinate, pixels": apart,
        "seconds": [one["wall"], cut["wall"]],
    }


def minute_videos(work: Path) -> Path:
    """A folder of videos of a minute each."""
    for number in range(MINUTE_VIDEOS):
        long_video(work / "minutes" / f"{number}.mp4", 1.0, seed=number)
    return work / "minutes"


def run_anew(inputs: Path, out: Path, *more: object) -> tuple[Run, dict[str, Any]]:
    """Runs a batch into an empty folder."""
    shutil.rmtree(out, ignore_errors=True)
    run = Run(inputs, out, *more)
    return run, run.wait()


def results(out: Path) -> dict[str, int]:
    """The results in a folder, and when each was written."""
    found = out.rglob("*.mp4.parquet")
    return {str(path.relative_to(out)): path.stat().st_mtime_ns for path in found}


def contents(out: Path) -> dict[str, bytes]:
    """The results in a folder with what they hold."""
    return {name: (out / name).read_bytes() for name in results(out)}


PARTS: dict[str, Callable[[Path, argparse.Namespace], dict[str, Any]]] = {
    "kills": kills,
    "workers": workers,
    "ray": ray,
    "pieces": pieces,
}


def main() -> None:
    """Measures what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(PARTS), help=f"parts, with commas: {', '.join(PARTS)}")
    parser.add_argument("--inputs", type=int, default=200, help="of kills")
    parser.add_argument("--broken", type=int, default=10, help="how many of them are broken")
    parser.add_argument("--minutes", type=float, default=30, help="length of the long video")
    parser.add_argument("--rounds", type=int, default=3, help="of workers and ray")
    parser.add_argument("--work", type=Path, default=Path("runs/batch"), help="folder for videos and results")
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    parser.add_argument("--markdown", type=Path, help="write them as tables to this file")
    asked = parser.parse_args()
    where, lines = machine(), []
    found: dict[str, Any] = {}
    for part in asked.only.split(","):
        found[part] = PARTS[part](asked.work.absolute(), asked)
        lines += [f"**{part}**", "", "| | |", "| --- | --- |"]
        lines += [f"| {name} | {shown(value)} |" for name, value in found[part].items()] + [""]
        print("\n".join(lines[-len(found[part]) - 5 :]), flush=True)
    lines.append(f"{where['processor']}, {where['processors']} processors")
    if asked.json:
        asked.json.write_text(json.dumps({"machine": where, "parts": found}, indent=2) + "\n", encoding="utf-8")
    if asked.markdown:
        asked.markdown.write_text("\n".join(lines) + "\n", encoding="utf-8")


def shown(value: Any) -> str:
    """A number as people read it."""
    if isinstance(value, list):
        return ", ".join(map(shown, value))
    return f"{value:.3g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
