"""The run folder: everything that is needed to repeat a training, and what came of it.

RUN/run.json                        options, data and its hash, versions, outputs
RUN/fold-0/PART/history.csv         one row per epoch
RUN/fold-0/PART/best.weights.h5     the weights with the best validation score
RUN/fold-0/PART/tensorboard/        the same for TensorBoard
RUN/fold-0/result.json              scores, seconds, parameters; there once the fold is done
RUN/fold-0/predictions.npz          what the fold's networks say of the held-out rows and of the test images
"""

import importlib.metadata
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tracker.errors import InputError, OutputError
from tracker.sinks.base import writing
from training.data.conventions import Heads
from training.data.dataset import Dataset
from training.files import read_json, write_json
from training.fitting.options import Options

RECORD, RESULT, PREDICTIONS = "run.json", "result.json", "predictions.npz"
VERSIONS = ("fkd", "keras", "tensorflow", "numpy", "opencv-contrib-python")


@dataclass(frozen=True, slots=True)
class Run:
    """One trained model, or one that is being trained.

    Attributes:
        folder: where it is.
        options: how it is trained.
        data: where its data is.
        digest: hash of the data.
        heads: its outputs.
    """

    folder: Path
    options: Options
    data: Path
    digest: str
    heads: Heads

    def recipe(self) -> dict[str, Any]:
        """What decides the result, and is the same on every machine that takes part."""
        return {"options": asdict(self.options), "data": self.digest, "second_outputs": list(self.heads.second)}

    def fold_folder(self, fold: int) -> Path:
        """The folder of a fold."""
        return self.folder / f"fold-{fold}"

    def folds(self) -> list[int]:
        """The folds whose training is done."""
        done = [path.parent.name for path in self.folder.glob(f"fold-*/{RESULT}")]
        return sorted(int(name.removeprefix("fold-")) for name in done)

    def result(self, fold: int) -> dict[str, Any]:
        """What is known of a fold whose training is done."""
        return read_json(self.fold_folder(fold) / RESULT)


def create_run(folder: Path, options: Options, dataset: Dataset, heads: Heads, *, resume: bool) -> Run:
    """Starts a run folder, or opens the one to go on with.

    Raises:
        InputError: the folder holds a run with other options or other data.
        OutputError: the folder is in use already, or cannot be written.
    """
    if found := find_run(folder, options, dataset, resume=resume):
        return found
    record = {
        "options": asdict(options),
        "data": str(dataset.source),
        "data_sha256": dataset.digest,
        "rows": len(dataset.training),
        "second_outputs": list(heads.second),
        "versions": versions(),
    }
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / RECORD, record)
    return Run(folder, options, dataset.source, dataset.digest, heads)


def find_run(folder: Path, options: Options, dataset: Dataset, *, resume: bool) -> Run | None:
    """Opens the run folder to go on with; None if the run is to be started.

    Raises:
        InputError: the folder holds a run with other options or other data.
        OutputError: the folder is in use already.
    """
    if (folder / RECORD).exists():
        if not resume:
            raise OutputError(f"{folder} holds a run already; go on with it by --resume, or name another --out.")
        found = open_run(folder)
        if (found.options, found.digest) != (options, dataset.digest):
            raise InputError(f"{folder} was started with other options or other data; name another --out.")
        return found
    if folder.is_dir() and any(folder.iterdir()):
        raise OutputError(f"{folder} is not empty and holds no run; name another --out.")
    return None


def open_run(folder: Path) -> Run:
    """Opens a run folder.

    Raises:
        InputError: it is none.
    """
    if not (folder / RECORD).is_file():
        raise InputError(f"{folder} is not the folder of a training: it holds no {RECORD}.")
    record = read_json(folder / RECORD)
    try:
        heads = Heads(tuple(record["second_outputs"]))
        return Run(folder, Options(**record["options"]), Path(record["data"]), record["data_sha256"], heads)
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder / RECORD} is not what a training writes: {error}.") from None


def versions() -> dict[str, str]:
    """What the result depends on besides options and data."""
    packages = {name: importlib.metadata.version(name) for name in VERSIONS}
    return {"python": platform.python_version(), "machine": platform.machine()} | packages
