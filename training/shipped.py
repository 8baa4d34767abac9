"""Trains the network that ships, from the face set, in one run that can be interrupted and resumed.

`afw` takes no part: it is the development test set. A tenth of the other groups is held out for validation, on which
the training's choices were made and the confidence is calibrated.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import keras

from tracker.engines import open_engine
from tracker.errors import InputError
from tracker.keypoints import COUNT, REGIONS
from tracker.network import build_network
from tracker.sinks.base import writing
from training.agreement import agreed
from training.calibrate import calibrate_confidence, of_face_set
from training.data.face_set import LabelledFace, read_face_set, split_by_group
from training.data.landmarks68 import REGIONS_ALL, with_landmarks
from training.files import read_json, replacing, write_json
from training.fitting.checkpoint import Checkpoint
from training.fitting.devices import Devices
from training.fitting.feed import Given
from training.fitting.loop import Loop, fit
from training.fitting.optimizer import adamw
from training.losses import ERROR_PERCENT, MapLoss, WingLoss
from training.samples import Mixture, Samples, fixed_samples

TRAINING_SETS = ("lfpw", "helen", "ytf")
WEIGHTS, RECIPE = "keypoints.weights.h5", "recipe.json"
CLIP = 20.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides how the shipped network is trained.

    Attributes:
        epochs: how many.
        steps: batches per epoch.
        batch: samples per batch.
        learning_rate: at its highest, falling along a cosine.
        warm_up: steps in which it rises.
        weight_decay: of AdamW.
        averaging: momentum of the moving average of the weights; 0 for none.
        points_weight: of the loss on points.
        map_weight: of the loss on maps.
        landmarks: whether the network learns the 68 landmarks beside the keypoints; what ships has no trace of them.
        agreement: whether labels that no person set are improved by agreement with the network that ships already
            (see `training.agreement`).
        held_out: share of the groups held out for validation.
        seed: of everything that is left to chance.
        mixture: of the samples.
    """

    epochs: int = 128
    steps: int = 128
    batch: int = 64
    learning_rate: float = 3e-3
    warm_up: int = 400
    weight_decay: float = 0.02
    averaging: float = 0.998
    points_weight: float = 1.0
    map_weight: float = 1.0
    landmarks: bool = False
    agreement: bool = True
    held_out: float = 0.1
    seed: int = 15
    mixture: Mixture = field(default_factory=Mixture)


def split(data: Path, recipe: Recipe) -> tuple[list[LabelledFace], list[LabelledFace]]:
    """Returns the faces to train on and those held out, of which only the ones that people labelled are kept."""
    faces = read_face_set(data, TRAINING_SETS)
    kept, held = split_by_group(faces, recipe.held_out, recipe.seed)
    return kept, [face for face in held if face.human]


def train(
    data: Path,
    run: Path,
    recipe: Recipe | None = None,
    *,
    devices: Devices | None = None,
    verbose: int | str = "auto",
) -> Path:
    """Trains the network; called again after an interruption with the same run folder, goes on where it stopped.

    Args:
        data: the folder that holds the face set.
        run: folder for recipe, log, checkpoint and the result.
        recipe: how to train; the shipped network's recipe if None.
        devices: where to train; every GPU of this machine, or its CPU, if None. Of several machines each calls this
            function, and the chief alone writes.
        verbose: how much is printed, as Keras has it.

    Returns:
        The file with the trained weights.

    Raises:
        InputError: there is no face set in `data`, or not enough of it; or the run folder is of another recipe.
        OutputError: the run folder cannot be written.
    """
    recipe, devices = recipe or Recipe(), devices or Devices()
    kept, held = split(data, recipe)
    if not (kept and held):
        raise InputError(
            f"In {', '.join(TRAINING_SETS)} of {data} there are {len(kept)} faces to train on and {len(held)} that "
            "people labelled to hold out; a training needs some of both."
        )
    if devices.chief:
        _begin(run, recipe)
    devices.agree([asdict(recipe), len(kept), len(held)], "options or data")
    if recipe.agreement:
        kept = agreed(kept, open_engine("litert"))
    if recipe.landmarks:
        kept = with_landmarks(kept, data)
    keras.utils.set_random_seed(recipe.seed)
    with devices.strategy.scope():
        network = build_network(regions=REGIONS_ALL if recipe.landmarks else REGIONS)
        trained = keras.Model(network.input, {name: network.output[name] for name in ("points", "maps")})
        count = trained.output["points"].shape[1]
        # the losses are means over all points: the keypoints keep their weight when others come
        weights = {"points": recipe.points_weight * count / COUNT, "maps": recipe.map_weight * count / COUNT}
        losses = {"points": WingLoss(), "maps": MapLoss()}
        optimizer = adamw(recipe.learning_rate, recipe.epochs * recipe.steps, recipe.warm_up, recipe.weight_decay)
        loop = Loop(trained, losses, ERROR_PERCENT, optimizer, CLIP, recipe.averaging, devices, weights)
        samples = Samples(kept, steps=recipe.steps, batch=recipe.batch, seed=recipe.seed, mixture=recipe.mixture)
        validation = Given(*fixed_samples(held, recipe.seed, count))
        fit(loop, samples, validation, Checkpoint(run), epochs=recipe.epochs, verbose=verbose)
        loop.averaging.adopt()
    result = run / WEIGHTS
    if devices.chief:
        if recipe.landmarks:
            network = keypoints_only(network)
        calibrate_confidence(network, of_face_set(held, seed=recipe.seed))
        with replacing(result) as part:
            network.save_weights(part)
    return result


def _begin(run: Path, recipe: Recipe) -> None:
    """Makes the run folder with its recipe, or finds that it is the one to go on with."""
    path, content = run / RECIPE, json.loads(json.dumps(asdict(recipe)))
    if path.is_file():
        if read_json(path) != content:
            raise InputError(f"{run} was begun with other options, as {RECIPE} there says; name another --out.")
        return
    with writing(run):
        run.mkdir(parents=True, exist_ok=True)
    write_json(path, content)


def keypoints_only(network: keras.Model) -> keras.Model:
    """Returns a network that has learnt all 70 points without the outputs of those that are no keypoints."""
    kept = build_network()
    for layer in kept.layers:
        weights = network.get_layer(layer.name).get_weights() if layer.name.endswith("_maps") else None
        if weights is not None:
            layer.set_weights([array[..., : layer.filters] for array in weights])
    shared = [[layer for layer in model.layers if _is_shared(layer)] for model in (kept, network)]
    for layer, learnt in zip(*shared, strict=True):
        layer.set_weights(learnt.get_weights())
    return kept


def _is_shared(layer: keras.layers.Layer) -> bool:
    return bool(layer.weights) and not layer.name.endswith("_maps")
