"""`fkd recover`: makes whole a points file whose program was killed."""

from pathlib import Path
from typing import Annotated

import typer


def recover(
    file: Annotated[Path, typer.Argument(help="The points file; beside a .parquet or .json its journal must be.")],
) -> None:
    """Make a points file whole that was left incomplete by a kill, a crash or a full disk.

    While a Parquet or COCO file is written, FILE.journal beside it holds the same points; it is deleted once the file
    is complete. A .jsonl or .csv can be read at any moment; a last line that was cut is taken off. Videos need nothing:
    they can be played.
    """
    from tracker.cli.messages import say
    from tracker.sinks import JOURNALED_SUFFIXES, recover_points, trim_points

    if file.suffix.lower() not in JOURNALED_SUFFIXES:
        cut = trim_points(file)
        say(f"{file}: a line that was cut ({cut} bytes) was taken off" if cut else f"{file} is whole")
        return
    frames, faces = recover_points(file)
    say(f"written: {file} ({frames} frames, {faces} faces)")
