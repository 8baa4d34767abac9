"""`fkd train compare`: trained models side by side."""

import json
from pathlib import Path
from typing import Annotated

import typer

from training.cli.submit import Data


def compare(
    runs: Annotated[list[Path], typer.Argument(help="Folders of trainings and of ensembles on the same data.")],
    data: Data = None,
    solution: Annotated[
        Path | None, typer.Option(help="Table of the right answers, with the columns RowId and Location.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder of the report.")] = Path("runs/compare"),
    as_json: Annotated[bool, typer.Option("--json", help="Print all numbers as JSON.")] = False,
) -> None:
    """Compare trained models: table, histories, predictions and worst cases, as a page with figures."""
    from training.reports.compare.report import compare as write_comparison

    numbers = write_comparison(runs, out, data=data, solution=solution)
    if as_json:
        typer.echo(json.dumps(numbers, indent=2))
        return
    score = numbers["main_score"]
    typer.echo(f"{'model':<32}{score:>10}{'% of mean':>11}")
    for model in numbers["models"]:
        spread, percent = model["scores"][score], model["percent_of_mean"]
        value = "–" if spread is None else f"{spread['mean']:.3f}"
        typer.echo(f"{model['name']:<32}{value:>10}{'–' if percent is None else f'{percent:.1f}':>11}")
    typer.echo(f"written: {out / 'report.html'}")
