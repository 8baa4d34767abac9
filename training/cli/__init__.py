"""`fkd train`: the training package's commands, one file each."""

import os

import typer

from training.cli.fit import fit
from training.cli.shipped import accuracy, shipped

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

application = typer.Typer(
    rich_markup_mode=None, pretty_exceptions_enable=False, no_args_is_help=True, help="Train the keypoint networks."
)
application.command()(fit)
application.command()(shipped)
application.command()(accuracy)
