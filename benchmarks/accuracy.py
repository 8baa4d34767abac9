"""Accuracy from a picture to 15 points, the tracker's and its peers', on labelled faces that the tracker never saw.

    python benchmarks/accuracy.py [--peers facemesh,dlib] [--data FOLDER] [--json FILE]

The pictures of `afw` are given as they are. The tracker's `detect` takes each by itself, and so do the peers, with the
options of `labelled.STILL`. Several faces may be found; the one nearest to the labelled one is compared with it, as in
`training.evaluate`. A peer's landmarks are read as 15 points in the way that is best for it on these very faces (see
`labelled.maps_of`); the tracker's points are taken as they are. Errors are % of the distance between the outer eye
corners.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from environment import REQUIREMENTS, open_peer
from keypoint_map import mean_errors
from labelled import FACES, STILL, Array, best_map, labels_of, nearest, pick
from numpy.typing import NDArray

from tracker.bench import machine
from tracker.pipeline import Tracker
from training.data.face_set import TEST_SUBSET, data_folder, read_face_set
from training.evaluate import FAILURE

OURS = "fkd"


def detect_all(tracker: Tracker, pictures: Sequence[NDArray[np.uint8]]) -> tuple[Array, Array]:
    """Runs the tracker on pictures, each by itself.

    Args:
        tracker: who.
        pictures: each (H, W, 3) uint8 BGR.

    Returns:
        Points (N, F, 15, 2) and confidence (N, F, 15) of the first F = `labelled.FACES` faces, NaN where there is none.
    """
    points = np.full((len(pictures), FACES, 15, 2), np.nan, np.float32)
    confidence = np.full((len(pictures), FACES, 15), np.nan, np.float32)
    for row, picture in enumerate(pictures):
        faces = tracker.detect(picture)[:FACES]
        points[row, : len(faces)] = faces.points
        confidence[row, : len(faces)] = faces.confidence
    return points, confidence


def summaries(errors: dict[str, Array]) -> dict[str, dict[str, float | None]]:
    """Sums up errors of faces.

    Args:
        errors: by program, the mean error of each of the same faces (N,), NaN of those that it did not find.

    Returns:
        By program: `found_percent`; `good_percent`, those found with an error of at most `FAILURE`; `mean`, `median`
        and `failures_percent` over those it found; `mean_common` over those that all programs found. None where there
        is no face to take a mean of.
    """
    common = np.isfinite(np.stack(list(errors.values()))).all(axis=0)
    result: dict[str, dict[str, float | None]] = {}
    for name, values in errors.items():
        found = values[np.isfinite(values)]
        result[name] = {
            "found_percent": 100 * len(found) / len(values),
            "good_percent": 100 * int((found <= FAILURE).sum()) / len(values),
            "mean": float(found.mean()) if len(found) else None,
            "median": float(np.median(found)) if len(found) else None,
            "failures_percent": 100 * float((found > FAILURE).mean()) if len(found) else None,
            "mean_common": float(values[common].mean()) if common.any() else None,
        }
    return result


def measure(peers: Sequence[str], folder: Path) -> dict[str, Any]:
    """Runs all programs, one after the other; returns their figures and how the peers were read."""
    faces = read_face_set(folder, [TEST_SUBSET])
    points = labels_of(faces)
    with Tracker() as tracker:
        found, _ = detect_all(tracker, [face.colour() for face in faces])
        engine = tracker.engine.name
    errors: dict[str, Array] = {OURS: mean_errors(pick(found, nearest(found, points)), points)}
    ways: dict[str, Any] = {}
    for name in peers:
        with open_peer(name) as peer:
            chosen, of_way, landmarks = best_map(peer, folder)
        errors[name] = mean_errors(chosen.read(landmarks), points)
        ways[name] = {
            "packages": REQUIREMENTS[name],
            "options": STILL[name],
            "read": chosen.name,
            "mean_by_way": of_way,
        }
    return {
        "machine": machine() | {"engine": engine},
        "pictures": f"{len(faces)} faces of {TEST_SUBSET}, as they are",
        "programs": summaries(errors),
        "peers": ways,
    }


def _cell(value: float | None, width: int) -> str:
    return f"{'–' if value is None else format(value, '.2f'):>{width}}"


def main() -> None:
    """Prints a table, and writes all numbers if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default="facemesh,dlib", help="programs of benchmarks/peers, with commas")
    parser.add_argument("--data", type=Path, help="folder of the face set; default: FKD_DATA, else ../shared/data")
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    asked = parser.parse_args()
    result = measure([name for name in asked.peers.split(",") if name], data_folder(asked.data))
    print(f"{result['pictures']}; errors in % of the outer-eye distance\n")
    print(f"{'':<10}{'found %':>9}{'mean':>8}{'median':>8}{'above 8 %':>11}{'mean, found by all':>20}")
    for name, row in result["programs"].items():
        widths = {"found_percent": 9, "mean": 8, "median": 8, "failures_percent": 11, "mean_common": 20}
        print(f"{name:<10}" + "".join(_cell(row[key], width) for key, width in widths.items()))
    for name, way in result["peers"].items():
        means = ", ".join(f"{words} {mean:.2f}" for words, mean in way["mean_by_way"].items())
        print(f"\n{name} ({', '.join(way['packages'])}), {way['options']}; mean by how its landmarks are read: {means}")
    if asked.json:
        asked.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
