"""Takes off what a kill or a full disk has left of a last line, from files that can be read at any moment."""

from pathlib import Path

from tracker.errors import InputError, OutputError
from tracker.sinks.table import COLUMNS
from tracker.sources.regular import check_file

SUFFIXES = (".jsonl", ".csv")
_HEADS = {".jsonl": b'{"frame":', ".csv": ",".join(COLUMNS).encode()}
"""What the first line begins with, so that no file of another program is cut."""


def trim(path: Path) -> int:
    """Cuts a .jsonl or .csv file of points after its last whole line, in place.

    In a .csv a line break between quotes, of a picture's name, is no end.

    Returns:
        How many bytes were taken off; 0 if the file is whole.

    Raises:
        InputError: there is no such file, or it does not begin with a whole line of ours.
        OutputError: it cannot be written.
    """
    check_file(path)
    suffix = path.suffix.lower()
    place = end = quotes = 0
    try:
        with path.open("r+b") as file:
            for line in file:
                if place == 0 and not (line.startswith(_HEADS[suffix]) and line.endswith(b"\n")):
                    raise InputError(f"{path} does not begin with a whole line of fkd's; nothing was changed.")
                place += len(line)
                quotes += line.count(b'"') if suffix == ".csv" else 0
                if line.endswith(b"\n") and quotes % 2 == 0:
                    end = place
            if end < place:
                file.truncate(end)
    except OSError as error:
        raise OutputError(f"{path} cannot be trimmed: {error.strerror}.") from None
    return place - end
