"""`fkd train download`: fetches the competition's files."""

from pathlib import Path
from typing import Annotated

import typer


def download(
    out: Annotated[Path, typer.Option(help="Folder for the files.")] = Path("data"),
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Fetch and replace files that are there.")] = False,
) -> None:
    """Fetch the competition's files from Kaggle. No other command goes online by itself."""
    from training.download import download as fetch

    dataset, files = fetch(out, overwrite=overwrite)
    for file in files:
        typer.echo(f"written: {file}")
    if not files:
        typer.echo(f"already there: {out} (--overwrite fetches the files again)")
    asked = 0 if dataset.asked is None else len(dataset.asked.cells)
    typer.echo(
        f"{len(dataset.training):,} training rows, {len(dataset.test):,} test images, {asked:,} values asked for"
    )
