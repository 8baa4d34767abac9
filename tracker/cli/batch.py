"""`fkd batch`: the points of many videos."""

import json
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from tracker.cli import options
from tracker.cli.messages import say

if TYPE_CHECKING:
    from tracker.batch.run import State

BROKEN = 3
"""The exit code when inputs are broken."""


def batch(
    out: Annotated[Path, typer.Option(help="The folder for the results.")],
    inputs: Annotated[
        list[str] | None,
        typer.Argument(help="Videos, pictures, folders, wildcards, addresses (s3://…), or @FILE with one a line."),
    ] = None,
    list_file: Annotated[list[Path] | None, typer.Option("--list", help="A file with inputs, one a line.")] = None,
    format: Annotated[
        Literal["parquet", "csv", "jsonl", "json"], typer.Option(help="Of the results; json is COCO.")
    ] = "parquet",
    workers: Annotated[
        int | None, typer.Option(min=1, help="How many inputs are worked on at once; default: one per processor.")
    ] = None,
    threads: Annotated[
        int | None, typer.Option(min=1, help="Threads of each worker; default: the processors divided.")
    ] = None,
    ray: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Work on this Ray cluster: auto, HOST:PORT, ray://HOST:PORT.")
    ] = None,
    piece: Annotated[
        float, typer.Option(min=0, help="Cut longer videos in pieces of about so many minutes; 0: none.")
    ] = 5,
    engine: options.Engine = "auto",
    detector: options.Detector = "full",
    smooth: options.Smooth = "normal",
    max_faces: options.MaxFaces = 64,
    weights: options.Weights = None,
    measures: options.Measures = False,
    focal: options.Focal = None,
    as_json: Annotated[bool, typer.Option("--json", help="Say at the end in JSON what became of the inputs.")] = False,
) -> None:
    """Find the keypoints of every face in many files.

    Each input gets a file in --out, and all together a table, summary.csv and summary.parquet. Run it again, and only
    what is missing or has changed is done. Exit code 3: some inputs are broken; the others are done.
    """
    import threading
    from functools import partial

    from tracker.batch.inputs import find_inputs
    from tracker.batch.jobs import Options
    from tracker.batch.local import LocalWorkers, shares
    from tracker.batch.results import Results
    from tracker.batch.run import Workers, run
    from tracker.batch.summary import rows_of, write_summary
    from tracker.batch.work import Worker
    from tracker.cli.batch_progress import BatchProgress
    from tracker.interrupt import Interrupt
    from tracker.measures import names_of

    names_of(measures, focal)
    chosen = Options(
        format, engine, detector, smooth, max_faces, weights and weights.absolute(), measures, focal, 60 * piece
    )
    found = find_inputs(inputs or (), list_file or (), without=out)
    started, stop = perf_counter(), threading.Event()
    count, each = shares(workers, threads)
    with ExitStack() as stack:
        results = stack.enter_context(Results(out, chosen))
        interrupt = stack.enter_context(Interrupt(stop.set))

        def start() -> Workers:
            if ray is not None:
                from tracker.batch.cluster import RayWorkers

                return RayWorkers(
                    ray, partial(Worker, chosen, threads or 1), workers, threads or 1, gpu=engine != "litert"
                )
            return LocalWorkers(partial(Worker, chosen, each, results.work), count)

        with BatchProgress() as progress:
            state = run(found, results, start, stop, progress.show)
        rows = rows_of(state, results)
        written = write_summary(rows, results)
    _report(state, rows, written, perf_counter() - started, as_json=as_json)
    if interrupt.exit_code:
        say("interrupted; the same command goes on from here.", error=True)
        raise typer.Exit(interrupt.exit_code)
    if state.broken:
        raise typer.Exit(BROKEN)


def _report(state: "State", rows: list[dict[str, Any]], written: list[Path], seconds: float, *, as_json: bool) -> None:
    for input, outcome in state.broken:
        named = input.shown in outcome.message
        say(outcome.message if named else f"{input.shown}: {outcome.message}", error=True)
    counts = {
        "inputs": len(rows),
        "done": sum(row["status"] == "done" for row in rows),
        "before": state.before,
        "broken": len(state.broken),
        "waiting": sum(row["status"] == "waiting" for row in rows),
        "frames": sum(row["frames"] for row in rows),
        "faces": sum(row["faces"] for row in rows),
        "seconds": round(seconds, 3),
    }
    if as_json:
        typer.echo(json.dumps(counts | {"summary": [str(path) for path in written], "rows": rows}))
        return
    waiting = f", {counts['waiting']} not reached" if counts["waiting"] else ""
    say(
        f"{counts['inputs']} inputs: {counts['done']} done ({counts['before']} of them before), "
        f"{counts['broken']} broken{waiting}; {counts['frames']} frames, {seconds:.1f} s"
    )
    for path in written:
        say(f"written: {path}")
