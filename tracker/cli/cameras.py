"""`fkd cameras`: which cameras there are."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from tracker.sources.cameras import CameraInfo


def cameras(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
) -> None:
    """List the cameras of this machine, without starting any.

    What is listed as index, name or path can be given to --camera, and so can a part of a name.
    """
    from tracker.sources.cameras import list_cameras

    found = [_as_dict(camera) for camera in list_cameras()]
    if as_json:
        typer.echo(json.dumps({"cameras": found}, indent=2))
    elif found:
        _print(found)
    else:
        typer.echo("This machine has no camera that the system tells of; try --demo. fkd doctor may say why.")


def _as_dict(camera: "CameraInfo") -> dict[str, Any]:
    return {
        "index": camera.index,
        "name": camera.name,
        "backend": camera.backend_name,
        "path": camera.path or None,
        "modes": [{"width": mode.width, "height": mode.height, "rate": mode.rate} for mode in camera.modes()],
    }


def _print(found: list[dict[str, Any]]) -> None:
    from rich.table import Table

    from tracker.cli.console import console

    table = Table(box=None, pad_edge=False)
    for title in ("index", "name", "backend", "path"):
        table.add_column(title, justify="right" if title == "index" else "left", overflow="fold")
    if any(camera["modes"] for camera in found):
        table.add_column("sizes", overflow="fold")
    for camera in found:
        cells = (str(camera["index"]), camera["name"], camera["backend"], camera["path"] or "", _sizes(camera["modes"]))
        table.add_row(*cells[: len(table.columns)])
    console().print(table)


def _sizes(modes: list[dict[str, Any]]) -> str:
    return ", ".join(
        f"{mode['width']}x{mode['height']}" + ("" if mode["rate"] is None else f"@{mode['rate']:.4g}") for mode in modes
    )
