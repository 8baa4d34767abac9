"""`fkd plot`: pictures of a points file."""

from pathlib import Path
from typing import Annotated

import typer

from tracker.cli import options
from tracker.errors import OutputError


def plot(
    points: Annotated[Path, typer.Argument(help="A points file: .jsonl, .csv, .parquet, or .json (COCO).")],
    out: Annotated[Path | None, typer.Option(help="Write this file: .png or .html; default: NAME.png here.")] = None,
    overwrite: options.Overwrite = False,
) -> None:
    """Draw a points file: when each face was there, its pose, mouth and eyebrows, where it went, where faces were."""
    from tracker.cli.messages import say
    from tracker.plots.figures import SUFFIXES, summary, write_plots
    from tracker.plots.reading import read_table
    from tracker.sinks.base import claim

    out = out or Path(f"{points.stem}.png")
    if out.suffix.lower() not in SUFFIXES:
        raise OutputError(f"A plot cannot be written as {out.name}; name the file {' or '.join(SUFFIXES)}.")
    table = read_table(points)
    claim(out, overwrite=overwrite)
    write_plots(table, points.name, out)
    typer.echo(summary(table))
    say(f"written: {out}")
