"""Accuracy under conditions: how error and faces found change with size, turn, light, sharpness and things in the way.

    python benchmarks/conditions.py [--peers facemesh] [--faces N | --quick] [--data FOLDER] [--json FILE]
        [--figures FOLDER]

The faces of `afw` are put into the middle of 640x480 frames, 120 pixels wide where it is not the width that is varied,
and spoiled step by step (`spoiling.py`, `covering.py`). Tracker and peers are shown the same frames, each by itself,
with the options and the reading of landmarks of `accuracy.py`, and peers once more with their own choice of options
(`labelled.ALSO`): which is better for them differs, since faces that are hardly seen are found badly. Error is the mean
over the faces that a program found, in % of the outer-eye distance of the labels; covered points count too. Yaw cannot
be made: there the unspoiled faces are sorted into bins of their estimated yaw.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from accuracy import OURS, detect_all, summaries
from condition_figures import draw, draw_covered
from condition_levels import CONDITIONS, PLAIN, scenes_of
from environment import REQUIREMENTS, Peer, open_peer
from keypoint_map import errors_of
from labelled import ALSO, FACES, STILL, Array, PeerMap, best_map, nearest, pick
from numpy.typing import NDArray
from spoiling import STANDARD_WIDTH, Scene, yaw_of

from tracker.bench import machine
from tracker.pipeline import Tracker
from training.data.face_set import TEST_SUBSET, LabelledFace, data_folder, read_face_set

QUICK = 40
YAW = "yaw"
YAW_BINS = (0, 10, 20, 30, 90)


@dataclass(frozen=True, slots=True)
class Answers:
    """What the programs said of one level's scenes.

    Attributes:
        errors: by program, (N, 15) % of the eye distance, NaN where the face was not found.
        confidence: (N, 15), the tracker's, NaN likewise.
        covered: (N, 15) bool.
    """

    errors: dict[str, Array]
    confidence: Array
    covered: NDArray[np.bool_]


def ask(
    tracker: Tracker, peers: dict[str, tuple[Peer, PeerMap]], scenes: Sequence[Scene], which: NDArray[np.int64]
) -> Answers:
    """Shows the scenes of the test faces `which` (N,) to all programs."""
    points = np.stack([scene.points for scene in scenes])
    images = [scene.image for scene in scenes]
    found, confidence = detect_all(tracker, images)
    face = nearest(found, points)
    errors: dict[str, Array] = {OURS: errors_of(pick(found, face), points)}
    for name, (peer, reading) in peers.items():
        for variant, options in variants_of(name).items():
            read = reading.read(peer.find(images, FACES, **options), which)
            errors[variant] = errors_of(pick(read, nearest(read, points)), points)
    return Answers(errors, pick(confidence, face), np.stack([scene.covered for scene in scenes]))


def variants_of(peer: str) -> dict[str, dict[str, Any]]:
    """Options of a peer by the name under which its figures are given."""
    return {peer: STILL[peer]} | ({f"{peer}_defaults": ALSO[peer]} if peer in ALSO else {})


def summary(answers: Answers, plain: Answers) -> dict[str, Any]:
    """Sums up a level: the figures of `accuracy.summaries` for each program, and of the points if some are covered.

    Args:
        answers: of the level.
        plain: of the same faces when nothing covers them.
    """
    result: dict[str, Any] = {"programs": _of_faces(answers.errors)}
    both = np.isfinite(answers.confidence) & np.isfinite(plain.confidence)
    for name, mask in {"covered": answers.covered, "uncovered": ~answers.covered}.items():
        if answers.covered.any() and (mask & both).any():
            result[name] = {
                "points": int((mask & both).sum()),
                "confidence": float(answers.confidence[mask & both].mean()),
                "confidence_plain": float(plain.confidence[mask & both].mean()),
                "errors": {program: _mean(errors[mask]) for program, errors in answers.errors.items()},
            }
    return result


def _of_faces(errors: dict[str, Array]) -> dict[str, Any]:
    return summaries({name: values.mean(axis=1) for name, values in errors.items()})


def _mean(values: Array) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None


def by_yaw(plain: Answers, faces: Sequence[LabelledFace]) -> dict[str, Any]:
    """Sums up unspoiled faces by how far they are turned aside."""
    yaw = np.abs(yaw_of(np.stack([face.points for face in faces])))
    levels = []
    for low, high in pairwise(YAW_BINS):
        mask = (low <= yaw) & (yaw < high)
        if mask.any():
            name = f"{low} to {high}" if high < YAW_BINS[-1] else f"over {low}"
            programs = _of_faces({program: errors[mask] for program, errors in plain.errors.items()})
            levels.append({"level": name, "faces": int(mask.sum()), "programs": programs})
    return {"axis": "degrees to either side", "levels": levels}


def measure(names: Sequence[str], folder: Path, count: int | None) -> dict[str, Any]:
    """Runs all conditions.

    Args:
        names: of the peers.
        folder: of the data.
        count: so many faces, spread over all of them; all if None.
    """
    every = read_face_set(folder, [TEST_SUBSET])
    which = np.linspace(0, len(every) - 1, min(count or len(every), len(every))).round().astype(int)
    faces = [every[row] for row in which]
    results: dict[str, Any] = {}
    with ExitStack() as stack:
        tracker = stack.enter_context(Tracker())
        opened = [stack.enter_context(open_peer(name)) for name in names]
        peers = {peer.name: (peer, best_map(peer, folder)[0]) for peer in opened}
        plain = ask(tracker, peers, scenes_of(PLAIN, STANDARD_WIDTH, faces), which)
        results[YAW] = by_yaw(plain, faces)
        for condition in CONDITIONS:
            levels = []
            for level in condition.levels:
                print(f"{condition.name} {level:g} …", file=sys.stderr)
                same = condition.plain == level
                answers = plain if same else ask(tracker, peers, scenes_of(condition, level, faces), which)
                levels.append({"level": level, **summary(answers, plain)})
            results[condition.name] = {"axis": condition.axis, "levels": levels}
        where = machine() | {"engine": tracker.engine.name}
    return {
        "machine": where,
        "faces": f"{len(faces)} of {TEST_SUBSET}",
        "peers": {
            name: {"packages": REQUIREMENTS[name], "options": variants_of(name), "read": peers[name][1].name}
            for name in names
        },
        "conditions": results,
    }


def main() -> None:
    """Prints a line per level, and writes all numbers and figures if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default="facemesh", help="programs of benchmarks/peers, with commas; may be empty")
    parser.add_argument("--faces", type=int, help="so many faces, spread over all of them; default: all")
    parser.add_argument("--quick", action="store_const", dest="faces", const=QUICK, help=f"the same as --faces {QUICK}")
    parser.add_argument("--data", type=Path, help="folder of the face set; default: FKD_DATA, else ../shared/data")
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    parser.add_argument("--figures", type=Path, help="draw the curves into this folder")
    asked = parser.parse_args()
    result = measure([name for name in asked.peers.split(",") if name], data_folder(asked.data), asked.faces)
    if asked.json:
        asked.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    if asked.figures:
        asked.figures.mkdir(parents=True, exist_ok=True)
        draw(result, asked.figures)
        draw_covered(asked.figures / "covered.jpg")
    for name, condition in result["conditions"].items():
        print(f"\n{name} ({condition['axis']})")
        for level in condition["levels"]:
            print(_line(level))


def _line(level: dict[str, Any]) -> str:
    words = [f"{level['level']!s:>10}"]
    for program, row in level["programs"].items():
        error = f"{row['mean']:.2f} %" if row["mean"] is not None else "-"
        words.append(f"{program} {error:>8}, found {row['found_percent']:5.1f} %")
    if "covered" in level:
        covered, rest = level["covered"], level["uncovered"]
        words.append(
            f"confidence of covered points {covered['confidence_plain']:.2f} → {covered['confidence']:.2f},"
            f" of the others {rest['confidence_plain']:.2f} → {rest['confidence']:.2f}"
        )
    return "   ".join(words)


if __name__ == "__main__":
    main()
