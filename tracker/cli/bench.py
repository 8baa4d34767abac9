"""`fkd bench`: frames per second of the whole and of each stage."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tracker.cli import options

if TYPE_CHECKING:
    from tracker.bench import Result

FACES = (1, 4, 16)


def bench(
    input: Annotated[
        Path | None, typer.Argument(help="A video; without it, clips of 1, 4 and 16 moving faces.")
    ] = None,
    frames: Annotated[int, typer.Option(min=1, help="Time at most so many frames of each clip.")] = 300,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
    engine: options.Engine = "auto",
    detector: options.Detector = "full",
    smooth: options.Smooth = "normal",
    weights: options.Weights = None,
) -> None:
    """Measure how fast the tracker is on this machine, decoding and drawing left out."""
    from tracker.bench import machine, measure
    from tracker.pipeline import Tracker
    from tracker.sources import Source, open_source
    from tracker.sources.crowd import Crowd

    with Tracker(engine=engine, detector=detector, smooth=smooth, weights=weights) as tracker:
        results = []
        clips: list[tuple[str, Source]]
        if input is None:
            clips = [(f"{count} {'face' if count == 1 else 'faces'}", Crowd(count, frames)) for count in FACES]
        else:
            clips = [(input.name, open_source(input))]
        for name, source in clips:
            with source:
                results.append(measure(tracker, source, name, frames))
            tracker.reset()
        where = machine() | {"engine": tracker.engine.name}
    if as_json:
        typer.echo(json.dumps({"machine": where, "results": [result.as_dict() for result in results]}, indent=2))
        return
    _print(where, results)


def _print(where: dict[str, Any], results: "list[Result]") -> None:
    typer.echo(f"{where['processor']}, {where['processors']} processors; {where['engine']}; Python {where['python']}\n")
    typer.echo(f"{'clip':<18}{'faces':>7}{'fps':>8}   {'ms per frame':<14}{'mean':>8}{'p50':>8}{'p95':>8}{'p99':>8}")
    for result in results:
        head = f"{result.clip[:17]:<18}{result.faces_per_frame:>7.2f}{result.frames_per_second:>8.0f}"
        for stage, time in result.stages.items():
            numbers = f"{time.mean:>8.2f}{time.p50:>8.2f}{time.p95:>8.2f}{time.p99:>8.2f}"
            typer.echo(f"{head:<33}   {stage:<14}{numbers}")
            head = ""
