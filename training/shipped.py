"""Trains the network that ships, from the face set, in one run that can be interrupted and resumed.

`afw` takes no part: it is the development test set. A tenth of the other groups is held out for validation, on which
the training's choices were made and the confidence is calibrated.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import keras

from tracker.network import build_network
from training.calibrate import calibrate_confidence, of_face_set
from training.data.face_set import LabelledFace, read_face_set, split_by_group
from training.losses import MapLoss, WingLoss, error_percent
from training.samples import Mixture, Samples, fixed_samples

TRAINING_SETS = ("lfpw", "helen", "ytf")
WEIGHTS = "keypoints.weights.h5"


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides how the shipped network is trained."""

    epochs: int = 96
    steps: int = 128
    batch: int = 64
    learning_rate: float = 3e-3
    warm_up: int = 400
    weight_decay: float = 0.02
    averaging: float = 0.998
    map_weight: float = 1.0
    held_out: float = 0.1
    seed: int = 15
    mixture: Mixture = field(default_factory=Mixture)


def split(data: Path, recipe: Recipe) -> tuple[list[LabelledFace], list[LabelledFace]]:
    """Returns the faces to train on and those held out, of which only the ones that people labelled are kept."""
    faces = read_face_set(data, TRAINING_SETS)
    kept, held = split_by_group(faces, recipe.held_out, recipe.seed)
    return kept, [face for face in held if face.human]


def train(data: Path, run: Path, recipe: Recipe | None = None, *, verbose: int | str = "auto") -> Path:
    """Trains the network; called again after an interruption with the same run folder, goes on where it stopped.

    Args:
        data: the folder that holds the face set.
        run: folder for recipe, log, checkpoint and the result.
        recipe: how to train; the shipped network's recipe if None.
        verbose: how much Keras prints.

    Returns:
        The file with the trained weights.

    Raises:
        InputError: there is no face set in `data`.
    """
    recipe = recipe or Recipe()
    kept, held = split(data, recipe)
    run.mkdir(parents=True, exist_ok=True)
    (run / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2) + "\n", encoding="utf-8")
    keras.utils.set_random_seed(recipe.seed)
    network = build_network()
    trained = keras.Model(network.input, {name: network.output[name] for name in ("points", "maps")})
    trained.compile(
        optimizer=_optimizer(recipe),
        loss={"points": WingLoss(), "maps": MapLoss()},
        loss_weights={"points": 1.0, "maps": recipe.map_weight},
        metrics={"points": [error_percent]},
    )
    samples = Samples(kept, steps=recipe.steps, batch=recipe.batch, seed=recipe.seed, mixture=recipe.mixture)
    validation = fixed_samples(held, recipe.seed)
    trained.fit(
        samples,
        epochs=recipe.epochs,
        validation_data=validation,
        validation_freq=4,
        shuffle=False,
        verbose=verbose,
        callbacks=[
            keras.callbacks.BackupAndRestore(str(run / "checkpoint")),
            keras.callbacks.LambdaCallback(on_epoch_begin=samples.start_epoch),
            keras.callbacks.CSVLogger(str(run / "history.csv"), append=True),
            keras.callbacks.TerminateOnNaN(),
        ],
    )
    calibrate_confidence(network, of_face_set(held, seed=recipe.seed))
    result = run / WEIGHTS
    network.save_weights(result)
    return result


def _optimizer(recipe: Recipe) -> Any:
    steps = recipe.epochs * recipe.steps
    warm_up = min(recipe.warm_up, steps // 10)
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=recipe.learning_rate / 100,
        decay_steps=steps - warm_up,
        warmup_target=recipe.learning_rate,
        warmup_steps=warm_up,
    )
    return keras.optimizers.AdamW(
        schedule,
        weight_decay=recipe.weight_decay,
        clipnorm=20.0,
        use_ema=True,
        ema_momentum=recipe.averaging,
    )
