"""`fkd recover`: completes a points file whose program was killed."""

from pathlib import Path
from typing import Annotated

import typer


def recover(
    file: Annotated[Path, typer.Argument(help="The .parquet or .json file; its journal must be beside it.")],
) -> None:
    """Complete a Parquet or COCO file that was left incomplete by a kill, a crash or a full disk.

    While such a file is written, FILE.journal beside it holds the same points; it is deleted once the file is complete.
    Other files (.jsonl, .csv, videos) need no journal: they can be read at any moment.
    """
    from tracker.sinks import recover_points

    frames, faces = recover_points(file)
    typer.echo(f"written: {file} ({frames} frames, {faces} faces)")
