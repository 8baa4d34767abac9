"""What each part of the shipped network's training is worth: short trainings that differ in one thing.

    python benchmarks/ablation.py --out runs/ablation [--epochs 12] [--only NAME,NAME] [--data FOLDER] [--json FILE]

Every variant is trained for the same number of epochs and judged on the same faces, a tenth of the groups that no
variant trained on (`afw` takes no part): eight crops per face, cropped as by the detector and as while tracking. Errors
are in % of the distance between the outer eye corners. A run that was interrupted goes on where it stopped; what is
done is not done again.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tracker.crop import CROP_SIZE
from tracker.keypoints import LEFT_OUTER_CORNER, RIGHT_OUTER_CORNER
from tracker.network import build_network
from training.augment import DETECTION, TRACKING, jittered_crop
from training.data.face_set import LabelledFace, data_folder
from training.samples import Mixture
from training.shipped import WEIGHTS, Recipe, split, train

CROPS_PER_FACE = 8
VARIANTS: dict[str, tuple[str, Callable[[Recipe], Recipe]]] = {
    "ships": ("as the network that ships", lambda recipe: recipe),
    "no maps": ("no loss on the maps, on the points alone", lambda recipe: replace(recipe, map_weight=0.0)),
    "no points": ("no loss on the points, on the maps alone", lambda recipe: replace(recipe, points_weight=0.0)),
    "no averaging": ("weights not averaged", lambda recipe: replace(recipe, averaging=0.0)),
    "people only": (
        "only faces that people labelled",
        lambda recipe: replace(recipe, mixture=replace(recipe.mixture, human=1.0)),
    ),
    "teacher in full": (
        "faces drawn evenly, a network's labels weighing as much as people's",
        lambda recipe: replace(recipe, mixture=replace(recipe.mixture, human=0.225, teacher_weight=1.0)),
    ),
    "tracking jitter": (
        "crops off as while tracking only",
        lambda recipe: replace(recipe, mixture=replace(recipe.mixture, jitters=(1.0, 0.0, 0.0))),
    ),
    "68 landmarks": ("the 68 landmarks learnt beside the keypoints", lambda recipe: replace(recipe, landmarks=True)),
    "no agreement": ("a network's labels as they are", lambda recipe: replace(recipe, agreement=False)),
}


def judge(weights: Path, faces: list[LabelledFace]) -> dict[str, float]:
    """Returns the mean error of a network, and the share of crops with an error above 8 %, by how the crops are off."""
    network = build_network()
    network.load_weights(weights)
    result = {}
    for name, jitter in (("detector", DETECTION), ("tracking", TRACKING)):
        rng = np.random.default_rng(0)
        samples = [
            jittered_crop(face.gray(), face.points, jitter, rng) for _ in range(CROPS_PER_FACE) for face in faces
        ]
        crops = np.stack([crop for crop, _ in samples]).reshape(-1, CROP_SIZE, CROP_SIZE, 1).astype(np.float32)
        points = np.stack([points for _, points in samples])
        found = network.predict(crops, batch_size=64, verbose=0)["points"]
        eyes = np.linalg.norm(points[:, LEFT_OUTER_CORNER] - points[:, RIGHT_OUTER_CORNER], axis=1)
        errors = 100 * np.linalg.norm(found - points, axis=2).mean(axis=1) / eyes
        result |= {f"{name}_error": float(errors.mean()), f"{name}_failures": 100 * float((errors > 8).mean())}
    return result


def main() -> None:
    """Trains and judges the variants, and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("runs/ablation"), help="folder of the trainings")
    parser.add_argument("--epochs", type=int, default=12, help="of each variant")
    parser.add_argument("--only", help="these variants, with commas")
    parser.add_argument("--data", type=Path, help="folder of the face set")
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    asked = parser.parse_args()
    names = asked.only.split(",") if asked.only else list(VARIANTS)
    if unknown := [name for name in names if name not in VARIANTS]:
        parser.error(f"there is no variant {unknown[0]!r}; there are {', '.join(VARIANTS)}")
    data = data_folder(asked.data)
    recipe = Recipe(epochs=asked.epochs, mixture=Mixture())
    _, held = split(data, recipe)
    rows: list[dict[str, Any]] = []
    for name in names:
        what, changed = VARIANTS[name]
        run = asked.out / name.replace(" ", "-")
        weights = run / WEIGHTS
        if not weights.exists():
            train(data, run, changed(recipe), verbose=2)
        rows.append({"variant": name, "what": what, **judge(weights, held)})
        print(json.dumps(rows[-1]), flush=True)
    print("\n| what is changed | error, crops as from the detector | above 8 % | error, crops as while tracking |")
    print("| --- | --- | --- | --- |")
    for row in rows:
        print(
            f"| {row['what']} | {row['detector_error']:.2f} % | {row['detector_failures']:.2f} % "
            f"| {row['tracking_error']:.2f} % |"
        )
    if asked.json:
        asked.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
