"""Runs all benchmarks and writes a dated page of them: Markdown, figures, all numbers.

    python benchmarks/page.py [--out docs/benchmarks] [--work runs/benchmarks] [--only speed,…] [--again] [--quick]

The page says which machine and versions, the command of each benchmark, and what it printed. What was measured already
(in the folder of the work) is not measured again unless asked for. The machine should have nothing else to do.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from environment import REQUIREMENTS
from page_figures import draw_accuracy, draw_speed

from tracker.bench import machine

HERE = Path(__file__).resolve().parent
SHOWN = "python benchmarks/"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page.

    Attributes:
        name: of its files.
        title: its heading.
        says: what the figures mean.
        script: what measures it, with its options.
        quick: options of a short run.
        numbers: whether the script writes JSON.
        figure: the figure that is drawn of its numbers, if any.
    """

    name: str
    title: str
    says: str
    script: Sequence[str]
    quick: Sequence[str] = ()
    numbers: bool = True
    figure: str | None = None


SECTIONS = (
    Section(
        "speed",
        "Speed against faces per frame",
        "Mean time per 640x480 frame, in turn on the same moving faces; decoding and drawing left out. `overhead` is "
        "the share of our time that is spent in neither the network nor the detector.",
        ("speed.py", "--peers", ",".join(REQUIREMENTS), "--faces", "1,4,16", "--rounds", "3"),
        ("--frames", "40", "--rounds", "1"),
        figure="speed.png",
    ),
    Section(
        "accuracy",
        "Accuracy",
        "On `afw`, faces in the wild on which the network was not trained, from the picture to the points. Peers' "
        "landmarks are mapped to the 15 keypoints in the way that is best for them on these very faces. dlib's model "
        "was trained on 300-W, of which `afw` is a part: its error here is one on faces that it has learnt.",
        ("accuracy.py",),
        figure="accuracy.png",
    ),
    Section(
        "steadiness",
        "Steadiness and lag",
        "A face that stands still or moves in a known way, with camera noise; see [steadiness](../steadiness.md).",
        ("steadiness.py", "--faces", "1"),
        ("--faces", "1"),
    ),
    Section(
        "latency",
        "Latency of the live loop",
        "From a frame's arrival in the grabber to the annotated picture, 1280x720 at 30 frames per second.",
        ("latency.py",),
        ("--seconds", "5"),
        numbers=False,
    ),
    Section(
        "files",
        "Files",
        "Frames per second of decoding alone, tracking alone, encoding alone, and of `fkd video`.",
        ("files.py", "--rounds", "2"),
        ("--frames", "60", "--rounds", "1"),
    ),
    Section(
        "frame_size",
        "Larger frames, many faces",
        "What a larger frame costs, and 64 faces in one.",
        ("frame_size.py",),
        ("--frames", "40", "--rounds", "1"),
        numbers=False,
    ),
    Section(
        "batches",
        "The network alone",
        "Milliseconds per batch of crops on this machine's devices.",
        ("batches.py",),
        ("--seconds", "0.2", "--sizes", "1,16"),
    ),
    Section(
        "sinks",
        "Sinks",
        "What a table, a Parquet file, OSC, a WebSocket and a web page with two viewers cost the loop, 4 faces.",
        ("sinks.py", "--rate", "30", "--rounds", "5"),
        ("--frames", "60"),
    ),
    Section("startup", "Start", "How long one waits.", ("startup.py",), numbers=False),
)


def measure(section: Section, folder: Path, *, quick: bool) -> None:
    """Runs a benchmark; keeps what it printed and its numbers.

    Raises:
        RuntimeError: it failed.
    """
    words = [*section.script, *(section.quick if quick else ())]
    command = [sys.executable, str(HERE / words[0]), *words[1:]]
    if section.numbers:
        command += ["--json", str(folder / f"{section.name}.json")]
    print(f"{section.title} …", file=sys.stderr, flush=True)
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{section.script[0]} failed.")
    text = f"{SHOWN}{' '.join(words)}\n\n{done.stdout.strip()}\n"
    (folder / f"{section.name}.txt").write_text(text, encoding="utf-8")


def write_page(work: Path, folder: Path, date: str, where: dict[str, Any]) -> Path:
    """Writes the page and its figures to a folder, of what has been measured in another."""
    packages = ", ".join(f"{name} {version}" for name, version in where["packages"].items())
    lines = [
        f"# Benchmarks of {date}",
        "",
        f"{where['processor']}, {where['processors']} processors; {where['system']}; Python {where['python']}; "
        f"{packages}. Peers, each in an environment of its own: "
        + "; ".join(f"{name} ({', '.join(packages)})" for name, packages in REQUIREMENTS.items())
        + ".",
        "",
        "`python benchmarks/page.py` runs all of this. Absolute times are this machine's and wander with its load; "
        "ratios are medians of rounds in which all programs took turns.",
        "",
    ]
    draw = {"speed": draw_speed, "accuracy": draw_accuracy}
    for section in SECTIONS:
        text = work / f"{section.name}.txt"
        if not text.exists():
            continue
        command, _, output = text.read_text(encoding="utf-8").partition("\n\n")
        lines += [f"## {section.title}", "", section.says, ""]
        if section.figure:
            numbers = json.loads((work / f"{section.name}.json").read_text(encoding="utf-8"))
            draw[section.name](numbers, folder / section.figure)
            lines += [f"![{section.title}]({section.figure})", ""]
        lines += ["```", f"$ {command}", "", *output.splitlines(), "```", ""]
    page = folder / "README.md"
    page.write_text("\n".join(lines), encoding="utf-8")
    return page


def main() -> None:
    """Measures what is missing and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=HERE.parent / "docs" / "benchmarks", help="folder of the page")
    parser.add_argument("--work", type=Path, default=HERE.parent / "runs" / "benchmarks", help="what was measured")
    parser.add_argument("--only", help="these parts, with commas: " + ", ".join(each.name for each in SECTIONS))
    parser.add_argument("--again", action="store_true", help="measure also what is there already")
    parser.add_argument("--quick", action="store_true", help="short runs, to see that all works")
    asked = parser.parse_args()
    for folder in (asked.work, asked.out):
        folder.mkdir(parents=True, exist_ok=True)
    wanted = set(asked.only.split(",")) if asked.only else {section.name for section in SECTIONS}
    for section in SECTIONS:
        if section.name in wanted and (asked.again or not (asked.work / f"{section.name}.txt").exists()):
            measure(section, asked.work, quick=asked.quick)
    print(write_page(asked.work, asked.out, datetime.now(UTC).date().isoformat(), machine()))


if __name__ == "__main__":
    main()
