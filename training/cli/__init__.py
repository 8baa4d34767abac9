"""`fkd train`: the training package's commands, one file each."""

import os

import typer

from training.cli.compare import compare
from training.cli.download import download
from training.cli.eda import eda
from training.cli.ensemble import ensemble
from training.cli.export import export
from training.cli.fit import fit
from training.cli.shipped import accuracy, shipped
from training.cli.submit import score, submit

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

application = typer.Typer(
    rich_markup_mode=None, pretty_exceptions_enable=False, no_args_is_help=True, help="Train the keypoint networks."
)
for command in (download, eda, fit, compare, ensemble, submit, score, export, shipped, accuracy):
    application.command()(command)
