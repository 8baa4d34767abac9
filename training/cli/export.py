"""`fkd train export`: a trained model as files that the tracker and other programs run."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from training.cli.submit import Data


def export(
    run: Annotated[Path, typer.Argument(help="Folder of a training.")],
    fold: Annotated[int, typer.Option(min=0, help="Which fold's networks.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Folder to write; default: RUN/export.")] = None,
    formats: Annotated[
        list[str] | None, typer.Option("--format", help="float32, int8 (both LiteRT), onnx or all; may be repeated.")
    ] = None,
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """Export a trained model to LiteRT and ONNX, and check that all files say what it says.

    Afterwards fkd-live, fkd video and fkd bench take the run's folder as --weights.
    """
    from tracker.imports import import_tensorflow
    from tracker.quiet import quiet_stderr
    from training.predictions import dataset_of

    with quiet_stderr():  # TensorFlow logs at import
        import_tensorflow()
        from training.exporting.run import export_run

    exported = export_run(run, dataset_of(run, data), fold=fold, out=out, formats=formats or ["all"])
    for note in exported.notes:
        typer.echo(f"fkd: {note}", err=True)
    if as_json:
        typer.echo(json.dumps(exported.record, indent=2))
        return
    _print(exported.record)
    typer.echo(f"written: {exported.folder}")


def _print(record: dict[str, Any]) -> None:
    where, framing = record["checked_on"], record["framing"]
    typer.echo(
        f"{'pixels, on ' + str(where['faces']) + ' faces':<28}{'MB':>7}{'mean off':>10}{'at most':>10}{'RMSE':>8}"
    )
    for name, found in record["agreement"].items():
        size = record["files"][name]["bytes"] / 1e6
        error = "–" if found["rmse"] is None else f"{found['rmse']:.3f}"
        typer.echo(f"{name:<28}{size:>7.1f}{found['mean']:>10.4f}{found['largest']:>10.4f}{error:>8}")
    typer.echo(
        f"{'framing':<28}side {framing['eyes_in_side']:.2f} × eyes, {framing['mouth_in_side']:.2f} × eyes to mouth; "
        f"eyes' weight {framing['eyes_weight']:.2f}"
    )
    typer.echo(f"{'confidence':<28}{'from the maps' if record['confidence'] else 'none: the detector decides'}")
    typer.echo(f"{'used by the tracker':<28}{record['default'] or '–'}")
