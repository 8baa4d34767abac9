"""`fkd train fit`: trains a model of the competition."""

import os
from pathlib import Path
from typing import Annotated

import typer

from training.cli.devices import DeviceChoice, open_devices
from training.cli.scores import print_scores
from training.fitting.options import CHOICES


def _choices(name: str) -> str:
    return ", ".join(CHOICES[name])


def fit(
    model: Annotated[str, typer.Argument(help="baseline, regions, multibranch, specialists or heatmap.")],
    data: Annotated[Path, typer.Option(help="Folder or zip of the competition, or folder of a face set.")],
    out: Annotated[Path | None, typer.Option(help="Run folder; default: runs/MODEL.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an interrupted run.")] = False,
    loss: Annotated[str | None, typer.Option(help=_choices("loss"))] = None,
    augment: Annotated[str | None, typer.Option(help=_choices("augment"))] = None,
    missing: Annotated[str | None, typer.Option(help=f"Missing cells: {_choices('missing')}.")] = None,
    conventions: Annotated[str | None, typer.Option(help=f"Labelling conventions: {_choices('conventions')}.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the rows, at most.")] = None,
    batch: Annotated[int | None, typer.Option(help="Rows per step.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="At its highest.")] = None,
    averaging: Annotated[float | None, typer.Option(help="Of the weights over steps, 0 to below 1; 0: none.")] = None,
    patience: Annotated[int | None, typer.Option(help="Epochs without a better score; 0: never stop early.")] = None,
    folds: Annotated[int | None, typer.Option(help="Into how many folds the rows are dealt; one is held out.")] = None,
    every_fold: Annotated[bool, typer.Option("--every-fold", help="Train once per fold, not only the first.")] = False,
    seed: Annotated[int | None, typer.Option(help="Of weights, order and augmentation; not of the folds.")] = None,
    precision: Annotated[str | None, typer.Option(help=_choices("precision"))] = None,
    devices: DeviceChoice = "all",
) -> None:
    """Train a model on the competition's files; options left out are the model's own."""
    from dataclasses import replace

    from training.data.competition import read_dataset
    from training.data.conventions import heads_for
    from training.data.missing import handle_missing
    from training.fitting.run import Run, create_run, find_run
    from training.models import find_family

    given = {
        "loss": loss, "augment": augment, "missing": missing, "conventions": conventions, "epochs": epochs,
        "batch": batch, "learning_rate": learning_rate, "averaging": averaging, "patience": patience, "folds": folds,
        "seed": seed, "precision": precision,
    }  # fmt: skip
    changed = {name: value for name, value in given.items() if value is not None}
    options = replace(find_family(model).options, **changed)  # type: ignore[arg-type] # names and types are the fields'
    dataset = read_dataset(data)
    trained_on = handle_missing(dataset.training, options.missing)  # filled rows are of one kind: no second outputs
    heads = heads_for(trained_on, apart=options.conventions == "apart")
    run = Run(out or Path("runs") / model, options, dataset.source, dataset.digest, heads)
    if not os.environ.get("TF_CONFIG"):  # of several machines the chief alone looks, and has yet to be found
        find_run(run.folder, options, dataset, resume=resume)
    places = open_devices(devices)  # loads TensorFlow, which takes seconds
    if places.chief:
        run = create_run(run.folder, options, dataset, heads, resume=resume)
    places.agree(run.recipe(), "options or data")

    from training.fitting.fold import fold_of_rows, train_fold

    fold_of = fold_of_rows(dataset, options)
    for fold in range(int(fold_of.max()) + 1 if every_fold else 1):
        if places.chief:
            typer.echo(f"fold {fold}")
        result = train_fold(run, dataset, fold_of, fold, devices=places)
        if places.chief:
            print_scores(result)
    if places.chief:
        typer.echo(f"written: {run.folder}")
