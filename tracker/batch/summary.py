"""The table of all inputs of a batch, with what became of each."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tracker.batch.results import Results
from tracker.batch.run import State
from tracker.errors import OutputError

NAMES = ("summary.parquet", "summary.csv")
"""The table as files, the same in each."""
WAITING = "waiting"
"""The status of an input to which it did not come; others are those of an outcome."""


def rows_of(state: State, results: Results) -> list[dict[str, Any]]:
    """Returns a row per input, in their order: what the columns of the table hold."""
    rows = []
    for input in state.inputs:
        outcome = state.outcomes.get(input.address)
        done = outcome is not None and outcome.status == "done"
        rows.append(
            {
                "input": input.shown,
                "result": str(results.path_of(input)) if done else None,
                "status": outcome.status if outcome else WAITING,
                "message": outcome.message if outcome else "",
                "frames": outcome.frames if outcome else 0,
                "faces": outcome.faces if outcome else 0,
                "ids": outcome.ids if outcome else 0,
                "duration": round(outcome.duration, 3) if outcome else 0.0,
                "seconds": round(outcome.seconds, 3) if outcome else 0.0,
            }
        )
    return rows


def write_summary(rows: list[dict[str, Any]], results: Results) -> list[Path]:
    """Writes the table into the folder of results; returns its files.

    Raises:
        OutputError: it cannot be written.
    """
    import pyarrow
    import pyarrow.csv
    import pyarrow.parquet

    text, whole, real = pyarrow.string(), pyarrow.int64(), pyarrow.float64()
    kinds: Mapping[str, Any] = {
        "input": text, "result": text, "status": text, "message": text,
        "frames": whole, "faces": whole, "ids": whole, "duration": real, "seconds": real,
    }  # fmt: skip
    table = pyarrow.Table.from_pylist(rows, pyarrow.schema(list(kinds.items())))
    written = []
    for name, write in zip(NAMES, (pyarrow.parquet.write_table, pyarrow.csv.write_csv), strict=True):
        path, draft = results.out / name, results.work / name
        try:
            write(table, draft)
            draft.replace(path)
        except OSError as error:
            raise OutputError(f"{path} cannot be written: {error.strerror}.") from None
        written.append(path)
    return written
