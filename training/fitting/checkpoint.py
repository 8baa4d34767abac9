"""Training that survives being killed: its whole state, written after every epoch, and its best weights."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tracker.errors import InputError
from training.files import read_arrays, replacing

if TYPE_CHECKING:
    from training.fitting.loop import Loop

STATE = "state-{epoch:05d}.npz"
HISTORY = "history.csv"


class Checkpoint:
    """Keeps history, state and best weights of a training in a folder, and ends it when it gets no better.

    A state file appears under its name only once it is whole, so that whatever moment a kill comes at, one epoch's
    state is there. What early stopping needs to know is read from the history, so that a resumed training decides as
    an undisturbed one. The history is written before the state, and rows that the state does not know are forgotten.

    Of several machines the chief alone reads and writes; the others are told what it has read.

    Args:
        folder: where the files are.
        monitor: the score in the history that should fall; None if the last weights count and not the best.
        patience: epochs without a better score after which training ends; 0 for never.
    """

    def __init__(self, folder: Path, monitor: str | None = None, patience: int = 0) -> None:
        self.folder, self.monitor, self.patience = folder, monitor, patience
        self.history: list[dict[str, float]] = []

    @property
    def best(self) -> Path:
        """The file with the weights of the best epoch."""
        return self.folder / "best.weights.h5"

    def resume(self, loop: "Loop") -> int:
        """Loads the last state; returns the epoch that comes next, 0 if there is no state.

        Raises:
            InputError: the state or the history is damaged, or the state is that of another network.
        """
        done = -1
        states = sorted(self.folder.glob("state-*.npz")) if loop.devices.chief else []
        if states:
            self._load_state(loop, states[-1])
            done = int(states[-1].name[6:11])
        known = [row for row in read_history(self.folder) if row["epoch"] <= done] if states else []
        done, self.history = loop.devices.from_chief((done, known))
        if done >= 0:
            loop.devices.share(loop.state)
        return int(done) + 1

    @property
    def finished(self) -> bool:
        """Whether the score has not become better for as long as patience allows."""
        if not self.monitor:
            return False
        scores = [row[self.monitor] for row in self.history]
        return 0 < self.patience <= len(scores) - 1 - scores.index(min(scores)) if scores else False

    def finish_epoch(self, loop: "Loop", epoch: int, scores: dict[str, float]) -> None:
        """Writes history and state, and the weights if they are the best so far.

        Raises:
            InputError: the loss is no number any more. What was written before stays.
            OutputError: the folder cannot be written, or the disk is full. What was written before stays.
        """
        if not np.isfinite(list(scores.values())).all():
            raise InputError(f"The training left all bounds in epoch {epoch}; try a lower --learning-rate.")
        self.history.append({"epoch": float(epoch)} | scores)
        if not loop.devices.chief:
            return
        if self.monitor and scores[self.monitor] <= min(row[self.monitor] for row in self.history):
            self._save_best(loop)
        write_history(self.folder, self.history)
        self._save_state(loop, self.folder / STATE.format(epoch=epoch))
        for old in self.folder.glob("state-*.npz"):
            if old.name != STATE.format(epoch=epoch):
                old.unlink()

    def _load_state(self, loop: "Loop", path: Path) -> None:
        state = loop.state
        try:
            values = read_arrays(path, *(str(index) for index in range(len(state))))
        except InputError as error:
            raise InputError(f"{error} Without that file the network is trained from its beginning.") from None
        if any(value.shape != tuple(variable.shape) for value, variable in zip(values, state, strict=True)):
            raise InputError(f"{path} is the state of another network; train into another folder.")
        for value, variable in zip(values, state, strict=True):
            variable.assign(value)

    def _save_state(self, loop: "Loop", path: Path) -> None:
        with replacing(path) as part:
            np.savez(part, **{str(index): variable.numpy() for index, variable in enumerate(loop.state)})

    def _save_best(self, loop: "Loop") -> None:
        with replacing(self.best) as part, loop.averaging.used():
            loop.network.save_weights(part)


def forget_state(folder: Path) -> None:
    """Removes a training's state once nothing comes after it; history and best weights stay."""
    for path in folder.glob("state-*.npz"):
        path.unlink()


def write_history(folder: Path, rows: list[dict[str, float]]) -> None:
    """Writes a training's history, one row per epoch."""
    with replacing(folder / HISTORY) as part, part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), restval="")
        writer.writeheader()
        writer.writerows(rows)


def read_history(folder: Path) -> list[dict[str, float]]:
    """Reads the history of a training, one dictionary per epoch; empty if there is none.

    Raises:
        InputError: it is something else, or damaged.
    """
    path = folder / HISTORY
    if not path.is_file():
        return []
    try:
        with path.open(newline="", encoding="utf-8") as file:
            return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file, strict=True)]
    except (OSError, ValueError, TypeError, csv.Error):
        raise InputError(f"{path} is not the history of a training.") from None
