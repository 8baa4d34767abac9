"""How steady points are on a still face and how late on a moving one: the tracker's and MediaPipe FaceMesh's.

    python benchmarks/steadiness.py [--faces 2] [--data DIR] [--json FILE] [--figures DIR]

Both see the same frames of 640x480 with camera noise, in which a face moves in a known way (`steady/`). FaceMesh tracks
(`static_image_mode` is off); its landmarks count as the 15 keypoints, through the ridge map of `keypoint_map.py`, where
there is a face set to fit that on, and as they are. See `docs/steadiness.md` for the method.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from environment import Peer, open_peer
from keypoint_map import KeypointMap
from labelled import stream_map
from steady import expressions, figure, motions
from steady.measures import lag, overshoot, unrest
from steady.one_euro import one_euro
from steady.scenes import RATE, Scene, clip
from steady.tracking import face_size, filtered, landmarks, track

from tracker.bench import machine
from tracker.frame import Frame
from tracker.keypoints import INDEX, LEFT_OUTER_CORNER, RIGHT_OUTER_CORNER
from tracker.pipeline import Tracker
from tracker.smoothing import LEVELS, Smoothing
from tracker.sources.demo import PORTRAIT
from tracker.sources.images import read_image
from training.data.face_set import TEST_SUBSET, data_folder, read_face_set

SIGMAS = (2.0, 4.0, 8.0)
MOVING_SIGMA = 4.0
SPEEDS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Face widths per second."""
STRENGTHS = (0.1, 0.2, 0.4, 0.7, 1.0, 1.5, 2.5, 5.0)
"""For the curves: what the default cutoff and gain are divided by."""
MOTIONS = (
    *(motions.even(speed, degrees, legs=4 if speed < 0.2 else 2) for speed in SPEEDS for degrees in (0, 90)),
    motions.even(0.2, 45, legs=2),
    motions.even(1.0, 45, legs=2),
    motions.swing(0.1, 0.5, 90, 4.0),
    motions.swing(0.5, 1.0, 0, 4.0),
    motions.swing(1.0, 1.0, 45, 4.0),
    motions.nod(15, 0.5, 4.0),
    motions.nod(5, 1.0, 4.0),
)


def scenes(count: int, data: Path) -> list[Scene]:
    """The portrait and up to so many faces of the face set's test part, large and seen from the front."""
    portrait = read_image(PORTRAIT)
    with Tracker() as tracker:
        made = [Scene("astronaut", portrait, tracker.detect(portrait).points[0])]
        if not (data / "faces").is_dir():
            return made
        for face in read_face_set(data, [TEST_SUBSET]):
            if len(made) > count:
                break
            eyes = face.points[[LEFT_OUTER_CORNER, RIGHT_OUTER_CORNER]]
            distance = float(np.linalg.norm(eyes[0] - eyes[1]))
            turned = abs(float(face.points[INDEX["nose_tip"], 0] - eyes[:, 0].mean())) / distance
            if distance > 75 and turned < 0.12 and len(tracker.detect(face.colour())) == 1:
                made.append(Scene(f"{TEST_SUBSET} {len(made)}", face.colour(), face.points))
    return made


def points_of(
    scene: Scene, motion: motions.Motion, sigma: float, peer: Peer, mapping: KeypointMap | None
) -> dict[str, Any]:
    """Renders a clip and returns the points (T, K, 2) of it by everything that is compared."""
    frames = clip(scene, motion, sigma, seed=round(100 * sigma))
    times = np.arange(len(frames)) / RATE
    stream = [Frame(image, index, float(times[index])) for index, image in enumerate(frames)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "frames.npy"
        np.save(file, frames)
        mesh = landmarks(peer, file, Path(folder))
    found = {level: track(stream, level) for level in LEVELS}
    found["FaceMesh, all 468"] = mesh
    if mapping is not None:
        found["FaceMesh"] = mapping(mesh)
    raw = found["off"]
    default, size = LEVELS["normal"], face_size(raw)
    assert default is not None
    for strength in STRENGTHS:
        settings = Smoothing(default.cutoff / strength, default.gain / strength, default.speed_cutoff)
        found[f"fkd {strength:g}"] = filtered(raw, times, settings)
        found[f"One Euro {strength:g}"] = one_euro(raw, times, size, strength)
    return found


def measure(scene: Scene, peer: Peer, mapping: KeypointMap | None) -> list[dict[str, Any]]:
    """Measures everything on one face; returns a row per clip and what is compared."""
    rows = []
    stop = motions.stops(1.0, 0, count=3)
    clips = [(motions.still(6.0), sigma) for sigma in SIGMAS] + [(each, MOVING_SIGMA) for each in (*MOTIONS, stop)]
    for motion, sigma in clips:
        found = points_of(scene, motion, sigma, peer, mapping)
        for name, points in found.items():
            row = {"face": scene.name, "motion": motion.name, "sigma": sigma, "name": name}
            row["missed"] = int(np.isnan(points).any(axis=(1, 2)).sum())
            if motion.name == "still":
                row["unrest"] = unrest(points, scene.eyes)
            elif motion is stop:
                row["overshoot"] = overshoot(points, motion, scene.eyes)
            else:
                row["lag"] = lag(points, scene, motion)
            rows.append(row)
        print(".", end="", flush=True)
    print(f" {scene.name}")
    return rows


def mean(rows: list[dict[str, Any]], what: str, **where: Any) -> float:
    """The mean of a measure over the rows whose entries are those given."""
    return float(np.mean([row[what] for row in rows if what in row and where.items() <= row.items()]))


def summary(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Sums up by name: unrest by noise, lag by motion (means over faces and directions), overshoot, missed frames."""
    names = list(dict.fromkeys(row["name"] for row in rows))
    moving = list(dict.fromkeys(row["motion"] for row in rows if "lag" in row))
    return {
        name: {
            "unrest": {f"{sigma:g}": mean(rows, "unrest", name=name, sigma=sigma) for sigma in SIGMAS},
            "lag": {motion: mean(rows, "lag", name=name, motion=motion) for motion in moving},
            "overshoot": mean(rows, "overshoot", name=name),
            "missed": sum(row["missed"] for row in rows if row["name"] == name),
        }
        for name in names
    }


def print_tables(found: dict[str, dict[str, Any]], mouth: dict[str, dict[str, float]] | None) -> None:
    """Prints what `summary` returned, without the curves."""
    shown = [name for name in found if name in LEVELS or "FaceMesh" in name or name == "One Euro 1"]
    print(f"\n{'':<20}" + "".join(f"{name:>19}" for name in shown))
    for sigma in SIGMAS:
        print(f"unrest, noise {sigma:<6g}" + "".join(f"{found[name]['unrest'][f'{sigma:g}']:>19.3f}" for name in shown))
    for motion in found["off"]["lag"]:
        print(f"lag, {motion:<15}" + "".join(f"{found[name]['lag'][motion]:>19.2f}" for name in shown))
    print(f"{'overshoot':<20}" + "".join(f"{found[name]['overshoot']:>19.2f}" for name in shown))
    print(f"{'frames missed':<20}" + "".join(f"{found[name]['missed']:>19}" for name in shown))
    for level, values in (mouth or {}).items():
        print(f"mouth, {level}: " + ", ".join(f"{name} {value:.2f}" for name, value in values.items()))


def main() -> None:
    """Measures, prints tables, and writes numbers and figures if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faces", type=int, default=2, help="how many faces of the face set, beside the portrait")
    parser.add_argument("--data", type=Path, help="folder of the face set and the clips")
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    parser.add_argument("--figures", type=Path, help="write the figure to this folder")
    asked = parser.parse_args()
    data = data_folder(asked.data)
    with open_peer("facemesh") as peer:
        mapping = stream_map(peer, data) if (data / "faces").is_dir() else None
        rows = [row for scene in scenes(asked.faces, data) for row in measure(scene, peer, mapping)]
    mouth = expressions.measure(data / "clips") if (data / "clips" / expressions.CLIP).is_file() else None
    found = summary(rows)
    print_tables(found, mouth)
    if asked.json:
        numbers = {"machine": machine(), "summary": found, "mouth": mouth, "rows": rows}
        asked.json.write_text(json.dumps(numbers, indent=2) + "\n", encoding="utf-8")
    if asked.figures:
        asked.figures.mkdir(parents=True, exist_ok=True)
        figure.draw(found, STRENGTHS, SPEEDS).savefig(asked.figures / "steadiness.png", dpi=110)


if __name__ == "__main__":
    main()
