"""Training that survives being killed: its whole state, written after every epoch, and its best weights."""

import csv
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tracker.errors import InputError
from training.fitting.averaging import Averaging

STATE = "state-{epoch:05d}.npz"


class Checkpoint(keras.callbacks.Callback):
    """Keeps history, state and best weights of a training in a folder, and ends it when it gets no better.

    A state file appears under its name only once it is whole, so that whatever moment a kill comes at, one epoch's
    state is there. What early stopping needs to know is read from the history, so that a resumed training decides as
    an undisturbed one. The history is written before the state, and rows that the state does not know are forgotten.

    Args:
        folder: where the files are.
        monitor: the score in the logs that should fall.
        patience: epochs without a better score after which training ends; 0 for never.
        averaging: the mean of the weights, which is what counts as the weights of an epoch.
    """

    def __init__(self, folder: Path, monitor: str, patience: int, averaging: Averaging) -> None:
        super().__init__()
        self.folder, self.monitor, self.patience, self.averaging = folder, monitor, patience, averaging
        self.history: list[dict[str, float]] = []

    @property
    def best(self) -> Path:
        """The file with the weights of the best epoch."""
        return self.folder / "best.weights.h5"

    def resume(self, model: keras.Model) -> int:
        """Loads the last state into a compiled model; returns the epoch that comes next, 0 if there is no state."""
        states = sorted(self.folder.glob("state-*.npz"))
        if not states:
            self.history = []
            return 0
        model.optimizer.build(model.trainable_variables)
        with np.load(states[-1]) as kept:
            for index, variable in enumerate(self._state(model)):
                variable.assign(kept[str(index)])
        done = int(states[-1].name[6:11])
        self.history = [row for row in read_history(self.folder) if row["epoch"] <= done]
        return done + 1

    @property
    def finished(self) -> bool:
        """Whether the score has not become better for as long as patience allows."""
        scores = [row[self.monitor] for row in self.history]
        return 0 < self.patience <= len(scores) - 1 - scores.index(min(scores)) if scores else False

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Writes history and state, and the weights if they are the best so far.

        Raises:
            InputError: the loss is no number any more. What was written before stays.
        """
        if logs is None or not np.isfinite(list(logs.values())).all():
            raise InputError(f"The training left all bounds in epoch {epoch}; try a lower --learning-rate.")
        row = {"epoch": float(epoch)} | {name: float(value) for name, value in logs.items()}
        self.history.append(row)
        if row[self.monitor] <= min(before[self.monitor] for before in self.history):
            self._save(self.best)
        write_history(self.folder, self.history)
        self._save_state(self.folder / STATE.format(epoch=epoch))
        for old in self.folder.glob("state-*.npz"):
            if old.name != STATE.format(epoch=epoch):
                old.unlink()

    def _save_state(self, path: Path) -> None:
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            state = {str(index): np.asarray(variable) for index, variable in enumerate(self._state(self.model))}
            np.savez(file, **state)  # type: ignore[arg-type] # the names are ours
        part.replace(path)

    def _save(self, path: Path) -> None:
        part = path.with_name(path.name.replace(".weights.h5", ".part.weights.h5"))
        with self.averaging.used():
            self.model.save_weights(part)
        part.replace(path)

    def _state(self, model: keras.Model) -> list[Any]:
        """All that changes in training: weights, statistics, chance, the optimizer's memory, the means."""
        return [*model.variables, *model.optimizer.variables, *self.averaging.variables]


def forget_state(folder: Path) -> None:
    """Removes a training's state once nothing comes after it; history and best weights stay."""
    for path in folder.glob("state-*.npz"):
        path.unlink()


def write_history(folder: Path, rows: list[dict[str, float]]) -> None:
    """Writes a training's history, one row per epoch."""
    part = folder / "history.csv.part"
    with part.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), restval="")
        writer.writeheader()
        writer.writerows(rows)
    part.replace(folder / "history.csv")


def read_history(folder: Path) -> list[dict[str, float]]:
    """Reads the history of a training, one dictionary per epoch; empty if there is none."""
    path = folder / "history.csv"
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]
