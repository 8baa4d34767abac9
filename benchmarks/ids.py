"""Whether ids last: switches of ids in scenes with known truth, with many people, speeds and sizes.

    python benchmarks/ids.py [--people 6] [--seed 0] [--only crossing] [--beside] [--verbose] [--json FILE]

Faces of the face set (and the built-in portrait, if the set is absent: a crossing is then always one of the same
person) move over a background. With `--beside` the detector works as for a camera: what it finds counts from the next
frame on. Switches are counted as the CLEAR MOT metrics define them (`tests/clear_mot.py`).
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.clear_mot import Forgetful, follow
from tests.composites import Cutout, Scene, people, portrait
from tests.scenes import belt, covered, crossing, crowd, leaving
from tracker import pipeline
from tracker.blazeface import BlazeFace
from tracker.pipeline import Tracker
from tracker.search import Finding, Search
from training.data.face_set import data_folder

FORGOTTEN = 0.3
"""The share of faces that the forgetful detector overlooks."""

Case = tuple[str, str, Scene]


class OneFrameLate(Search):
    """Looks at once, but what it finds counts from the next frame on."""

    _late: Finding | None = None

    def begin(self, image: NDArray[np.uint8], time: float) -> None:
        """Looks at the image."""
        self._late = self.at_once(image, time)

    @property
    def busy(self) -> bool:
        """Whether something was found that nobody has asked for."""
        return self._late is not None

    def finished(self) -> Finding | None:
        """Returns what was found, once."""
        late, self._late = self._late, None
        return late


def crowds(faces: list[Cutout], seed: int) -> Iterator[Case]:
    """Yields scenes of 16 faces that do not overlap, as group, name, scene."""
    for name, scene in (("belt", belt), ("crowd", crowd)):
        for speed, rate, frames in ((1.0, 30.0, 1000), (2.0, 30.0, 1000), (1.0, 10.0, 300)):
            yield f"16 faces, {name}", f"{speed} at {rate:.0f} Hz", scene(faces, frames, rate, seed, speed)


def crossings(faces: list[Cutout], seed: int) -> Iterator[Case]:
    """Yields crossings of pairs: several angles, speeds, sizes and distances, of two people and of one with himself."""
    rng = np.random.default_rng(seed)
    for index in range(len(faces)):
        for kind, other in (("two people", (index + 1) % len(faces)), ("same person", index)):
            if kind == "two people" and len(faces) == 1:
                continue
            for speed in (0.3, 0.7, 1.5, 3.0):
                for rate in (30.0, 10.0):
                    angle, share = rng.uniform(0, 2 * np.pi), rng.choice([0.0, 0.5, 1.0])
                    way = np.array([np.cos(angle), 0.6 * np.sin(angle)]) * speed
                    rear, front = -way * share, way * (1 - share)
                    drift = rng.uniform(-0.3, 0.3, 2)
                    sizes = tuple(rng.choice([24.0, 30.0, 40.0], 2).tolist())
                    scene = crossing(
                        faces[index],
                        faces[other],
                        tuple((rear + drift).tolist()),
                        tuple((front + drift).tolist()),
                        sizes=sizes,
                        miss=float(rng.choice([0.0, 0.2, 0.4])),
                        rate=rate,
                        seed=seed,
                    )
                    yield f"crossing, {kind}, {rate:.0f} Hz", f"{speed} pair {index} {sizes} {share}", scene


def covers(faces: list[Cutout], seed: int) -> Iterator[Case]:
    """Yields faces that are covered for half a second by things that pass quickly or slowly."""
    for index, face in enumerate(faces):
        for speed in (0.0, 0.3, 0.7):
            for passing in (2.0, 4.0, 8.0):
                for rate in (30.0, 10.0):
                    scene = covered(face, speed, passing=passing, rate=rate, seed=seed)
                    yield f"covered, moving {speed}", f"{index} passing {passing} at {rate:.0f} Hz", scene


def leavers(faces: list[Cutout], seed: int) -> Iterator[Case]:
    """Yields faces that leave; they or others come back there, soon or late."""
    for index, face in enumerate(faces):
        for away in (0.4, 2.0):
            yield f"back after {away} s", f"{index}", leaving(face, face, away, seed=seed)
            if len(faces) > 1:
                other = faces[(index + 1) % len(faces)]
                yield f"another after {away} s", f"{index}", leaving(face, other, away, seed=seed)


GROUPS = {"crowd": crowds, "crossing": crossings, "covered": covers, "leaving": leavers}


def cases(asked: list[str], count: int, seed: int) -> Iterator[Case]:
    """Yields the scenes of the groups asked for."""
    there = (data_folder() / "faces" / "faces.csv").is_file()
    faces = people(16, seed) if there else [portrait()] * 16
    for group in asked:
        yield from GROUPS[group](faces if group == "crowd" else faces[: count if there else 1], seed)


def main() -> None:
    """Prints a line per group of scenes, and writes all counts if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=6, help="people in the scenes of one or two faces")
    parser.add_argument("--seed", type=int, default=0, help="of the choice of people and paths")
    parser.add_argument("--only", default=",".join(GROUPS), help=f"groups, with commas: {', '.join(GROUPS)}")
    parser.add_argument("--forgetful", action="store_true", help=f"the detector misses {FORGOTTEN:.0%}% of the faces")
    parser.add_argument("--beside", action="store_true", help="what the detector finds is known a frame later, as live")
    parser.add_argument("--verbose", action="store_true", help="print every scene in which an id was switched")
    parser.add_argument("--json", type=Path, help="write all counts to this file")
    asked = parser.parse_args()
    detector = Forgetful(BlazeFace(), FORGOTTEN, asked.seed) if asked.forgetful else BlazeFace()
    results: list[dict[str, Any]] = []
    if asked.beside:
        pipeline.Search = OneFrameLate  # type: ignore[attr-defined]
    with Tracker(detector=detector, detect_beside=asked.beside) as tracker:
        for group, name, scene in cases(asked.only.split(","), asked.people, asked.seed):
            result = follow(scene, tracker)
            results.append({"group": group, "scene": name, "frames": len(scene), **asdict(result)})
            if asked.verbose and (result.switches or result.found < 0.9 * result.wanted):
                print(f"  {group}, {name}: {result}")
    _print_table(results)
    if asked.json:
        asked.json.write_text(json.dumps({"seed": asked.seed, "scenes": results}, indent=2) + "\n", encoding="utf-8")


def _print_table(results: list[dict[str, Any]]) -> None:
    print(f"{'':32}{'scenes':>7}{'switches':>10}{'worst':>7}{'one id':>8}{'found':>8}{'ghosts':>8}")
    for group in dict.fromkeys(row["group"] for row in results):
        rows = [row for row in results if row["group"] == group]
        switches = [row["switches"] for row in rows]
        found = sum(row["found"] for row in rows) / sum(row["wanted"] for row in rows)
        one = np.mean([len(set(row["last"])) == 1 for row in rows])
        print(
            f"{group:32}{len(rows):>7}{sum(switches):>10}{max(switches):>7}{one:>8.0%}{found:>8.1%}"
            f"{sum(row['ghosts'] for row in rows):>8}"
        )


if __name__ == "__main__":
    main()
