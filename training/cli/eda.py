"""`fkd train eda`: the picture book of the competition's data."""

from pathlib import Path
from typing import Annotated

import typer


def eda(
    data: Annotated[Path, typer.Option(help="Folder or zip of the competition, or folder of a face set.")],
    out: Annotated[Path, typer.Option(help="Folder of the report.")] = Path("runs/eda"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the numbers as JSON for machines.")] = False,
) -> None:
    """Write a report on the data: what is labelled, what is missing, what looks wrong; HTML and PNG."""
    import json
    import sys

    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from training.data.competition import read_dataset
    from training.reports.eda import write_report
    from training.reports.eda.report import SECTIONS

    dataset = read_dataset(data)
    columns = TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn()
    terminal = sys.stderr.isatty()
    with Progress(*columns, console=Console(stderr=True), disable=not terminal, transient=True) as progress:
        task = progress.add_task("", total=len(SECTIONS))
        page, numbers = write_report(dataset, out, lambda name: progress.update(task, advance=1, description=name))
    if as_json:
        typer.echo(json.dumps(numbers, indent=2))
    else:
        for name in ("rows", "complete_rows", "rows_of_first_kind", "rows_of_second_kind", "test_images"):
            typer.echo(f"{name:<24}{numbers[name]:>9,}")
    typer.echo(f"written: {page}", err=as_json)
