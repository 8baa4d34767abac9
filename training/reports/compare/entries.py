"""What is known of each model of a comparison: its predictions, its scores and its cost."""

from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.data.dataset import Dataset
from training.fitting.options import Options
from training.submission import Solution

MEAN = "mean"
COSTS = ("parameters", "seconds", "peak_memory_mb")
Scores = dict[str, float | None]


class Spread(NamedTuple):
    """A score over the seeds of a model."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Trained:
    """One run, one ensemble, or the mean of the training rows seen as a model.

    Attributes:
        folder: where it is, as it was named; None for the mean.
        options: how it was trained; None if it is no run.
        folds: the folds whose training is done; empty if it is no run.
        rows: (R,) int64, the held-out rows, those of all folds.
        held: (R, 15, 2) float32 pixels, what the networks say of these rows that did not train on them.
        test: (M, 15, 2) float32 pixels, of the test images, by the first fold.
        cost: the `COSTS` of one fold; of all its networks together for an ensemble; None where unknown.
        scores: those of `training.scores` without nesting, of the held-out rows, and with `test_` before their names
            of the test images if a solution is known. Of several folds, the held-out rows are scored together; the
            test images are scored for each fold, and these scores averaged.
    """

    folder: Path | None
    options: Options | None
    folds: tuple[int, ...]
    rows: NDArray[np.int64]
    held: NDArray[np.float32]
    test: NDArray[np.float32]
    cost: dict[str, float | None]
    scores: Scores

    def same_rows(self, other: "Trained") -> bool:
        """Whether both hold out the same rows."""
        return np.array_equal(np.sort(self.rows), np.sort(other.rows))


@dataclass(frozen=True, slots=True)
class Entry:
    """A model of the table: runs that differ in nothing but their seed, or an ensemble, or the mean.

    Attributes:
        name: what it is called in the report; used once.
        members: its runs, as they were named.
    """

    name: str
    members: tuple[Trained, ...]

    @property
    def options(self) -> Options | None:
        """How it was trained, with the first run's seed; None if it is no run."""
        return self.members[0].options

    @property
    def seeds(self) -> list[int]:
        """The seeds of its runs."""
        return [member.options.seed for member in self.members if member.options is not None]

    def spread(self, score: str) -> Spread | None:
        """Mean and range of a score over the runs; None if nothing could be scored."""
        known = [value for member in self.members if (value := member.scores.get(score)) is not None]
        return Spread(fmean(known), min(known), max(known)) if known else None

    def mean(self, score: str) -> float | None:
        """Mean of a score over the runs; None if nothing could be scored."""
        spread = self.spread(score)
        return None if spread is None else spread.mean

    def cost(self, name: str) -> float | None:
        """One of the `COSTS`: the largest memory, the mean of the others; None if it is not known of every run."""
        known = [value for member in self.members if (value := member.cost[name]) is not None]
        if len(known) < len(self.members):
            return None
        return max(known) if name == "peak_memory_mb" else fmean(known)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared.

    Attributes:
        dataset: the data that all were trained on.
        solution: the answers for the test images, if they are known.
        mean: predicting the mean of the training rows; one member per set of rows that a model held out.
        entries: the models, in the order in which they were named.
    """

    dataset: Dataset
    solution: Solution | None
    mean: Entry
    entries: tuple[Entry, ...]

    @property
    def main(self) -> str:
        """The score that decides: of the test images, or of the held-out rows if no solution is known."""
        return "rmse" if self.solution is None else "test_rmse"

    @property
    def main_title(self) -> str:
        """The name of this score for people."""
        return "held-out RMSE" if self.solution is None else "test RMSE"

    @property
    def table(self) -> tuple[Entry, ...]:
        """The rows of the table of models."""
        return (self.mean, *self.entries)


def options_of(entry: Entry) -> dict[str, Any] | None:
    """The options that the runs of a model share, for a record."""
    if entry.options is None:
        return None
    return {name: value for name, value in asdict(entry.options).items() if name != "seed"}
