"""`fkd train shipped` and `fkd train accuracy`: the network that ships."""

from pathlib import Path
from typing import Annotated

import typer

from training.cli.devices import DeviceChoice, open_devices
from training.cli.scores import print_scores

Data = Annotated[Path | None, typer.Option(help="Folder of the face set; default: FKD_DATA, else ../shared/data.")]


def shipped(
    out: Annotated[
        Path, typer.Option(help="Run folder; the same folder again resumes an interrupted training.")
    ] = Path("runs/shipped"),
    data: Data = None,
    epochs: Annotated[int | None, typer.Option(min=1, help="Train shorter or longer than the shipped network.")] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Batches per epoch.")] = None,
    devices: DeviceChoice = "all",
) -> None:
    """Train the network that ships, and write it as Keras weights and as LiteRT into the run folder."""
    from dataclasses import replace

    from training.data.face_set import data_folder

    places = open_devices(devices)

    from training.exporting.shipped import export_shipped
    from training.shipped import Recipe, split, train

    recipe = Recipe()
    recipe = replace(recipe, epochs=epochs or recipe.epochs, steps=steps or recipe.steps)
    folder = data_folder(data)
    weights = train(folder, out, recipe, devices=places)
    if not places.chief:
        return
    kept, _ = split(folder, recipe)
    for path in export_shipped(weights, kept, out / "models"):
        typer.echo(f"written: {path}")


def accuracy(
    data: Data = None,
    weights: Annotated[
        Path | None, typer.Option(help="A .tflite file or Keras weights instead of the shipped.")
    ] = None,
    subset: Annotated[str, typer.Option(help="Which collection of the face set.")] = "afw",
) -> None:
    """Measure accuracy the whole way: detector, crop and network, on labelled pictures."""
    from tracker.errors import InputError
    from tracker.pipeline import Tracker
    from training.data.face_set import data_folder, read_face_set
    from training.evaluate import evaluate

    known = read_face_set(data_folder(data))
    faces = [face for face in known if face.subset == subset]
    if not faces:
        collections = ", ".join(sorted({face.subset for face in known})) or "none"
        raise InputError(f"The face set has no collection {subset!r}; there are: {collections}.")
    with Tracker(weights=weights) as tracker:
        summary = evaluate(tracker.detect, faces).summary()
    print_scores(summary)
