"""`fkd train ensemble`: several trained models as one."""

from pathlib import Path
from typing import Annotated

import typer

from training.cli.scores import print_scores
from training.cli.submit import Data


def ensemble(
    runs: Annotated[list[Path], typer.Argument(help="Folders of trainings on the same data.")],
    out: Annotated[Path, typer.Option(help="Folder to write.")] = Path("runs/ensemble"),
    method: Annotated[str, typer.Option(help="stack (linear, fitted on held-out rows) or average.")] = "stack",
    flips: Annotated[bool, typer.Option("--flips/--no-flips", help="Ask also about the mirrored images.")] = True,
    data: Data = None,
) -> None:
    """Average or stack trained models, with all folds that they have."""
    from training.ensembling.ensemble import make_ensemble
    from training.predictions import dataset_of

    record = make_ensemble(runs, dataset_of(runs[0], data), out, method=method, flips=flips)
    typer.echo(f"{record['method']} of {len(runs)} models" + (", with mirrored images" if flips else ""))
    print_scores(record["scores"])
    typer.echo(f"written: {out}")
