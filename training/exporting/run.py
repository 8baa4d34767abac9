"""Exports a trained run: files for other programs, and the record by which the tracker uses them."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tracker.errors import InputError, OutputError
from tracker.keypoints import COUNT
from tracker.models import EXPORT_FOLDER, KEYPOINTS_FLOAT, KEYPOINTS_INT8
from tracker.record import FORMAT, RECORD
from training.data.dataset import Dataset, Faces96
from training.exporting.assemble import Assembled, assemble
from training.exporting.check import WORSE, Agreement, check_exact, compare, run_litert, run_onnx, run_trained
from training.exporting.convert import (
    ONNX_INSTALL,
    Frozen,
    can_write_onnx,
    freeze,
    to_float,
    to_int8,
    to_int8_weights,
    to_onnx,
)
from training.exporting.framing import measure_framing
from training.files import read_arrays, write_json
from training.fitting.run import PREDICTIONS, Run, open_run, versions

FILES = {"float32": KEYPOINTS_FLOAT, "int8": KEYPOINTS_INT8, "onnx": "keypoints.onnx"}
"""The file of each format."""
ALL = "all"
FEWEST = 20
"""With fewer held-out faces than this, files are checked on faces that were trained on too."""
MOST = 1024
"""On more faces than this no file is checked."""
RANGES = 512
"""On so many training faces the ranges of 8-bit arithmetic are measured."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What came of an export.

    Attributes:
        folder: where it is.
        record: the content of its `model.json`.
        notes: sentences for the user.
    """

    folder: Path
    record: dict[str, Any]
    notes: list[str]


def export_run(
    folder: Path, dataset: Dataset, *, fold: int = 0, out: Path | None = None, formats: Sequence[str] = (ALL,)
) -> Exported:
    """Exports one fold of a trained run, and checks what each file says against what the trained model says.

    Files of a former export are replaced. Its record is removed first and the new one written last, so that a record
    never stands beside files of another export.

    Args:
        folder: of the run.
        dataset: its data.
        fold: which of its folds.
        out: where to write; `export` in the run's folder if None.
        formats: some of `float32`, `int8` and `onnx`; or `all`, which leaves out ONNX where its packages are missing.

    Raises:
        InputError: the run, the fold or a format does not exist, or the data is another.
        OutputError: nothing can be written there.
        EngineError: a file in float32 does not say what the trained model says.
    """
    chosen, notes = _chosen(formats)
    run = open_run(folder)
    held, rest = _rows(run, dataset, fold)
    assembled = assemble(run, fold, held)
    enough = len(held) >= FEWEST
    shown = (held if enough else dataset.training)[:MOST]
    out = out or folder / EXPORT_FOLDER
    try:
        _clear(out)
        frozen = freeze(assembled.model)
        for format_ in chosen:
            (out / FILES[format_]).write_bytes(_converted(assembled, frozen, format_, rest))
        agreement = _checked(assembled, run, out, chosen, shown)
        names = [FILES[format_] for format_ in chosen]
        record = {
            "format": FORMAT,
            "model": run.options.model,
            "fold": fold,
            "options": asdict(run.options),
            "data_sha256": run.digest,
            "framing": asdict(measure_framing(rest.points)),
            "confidence": assembled.confidence,
            "calibrated": assembled.calibrated,
            "default": _default(agreement),
            "files": {name: _described(out / name) for name in names},
            "agreement": {
                name: asdict(found) | {"percent_worse": found.percent_worse} for name, found in agreement.items()
            },
            "checked_on": {"faces": len(shown), "held_out": enough},
            "versions": versions(),
        }
        write_json(out / RECORD, record)
    except OSError as error:
        raise OutputError(f"{out} cannot be written: {error.strerror}.") from None
    return Exported(out, record, notes + _notes(assembled, agreement, len(held)))


def _chosen(formats: Sequence[str]) -> tuple[list[str], list[str]]:
    """Returns the formats to write, in the order of `FILES`, and what to say about those left out."""
    for name in formats:
        if name not in (*FILES, ALL):
            raise InputError(f"A model cannot be exported to {name!r}; --format can be {', '.join((*FILES, ALL))}.")
    missing = not can_write_onnx()
    if missing and "onnx" in formats:
        raise InputError(f"ONNX takes packages that are not installed; install them: {ONNX_INSTALL}")
    if ALL not in formats:
        return [name for name in FILES if name in formats], []
    if missing:
        return [name for name in FILES if name != "onnx"], [f"ONNX is left out; it takes packages: {ONNX_INSTALL}"]
    return list(FILES), []


def _rows(run: Run, dataset: Dataset, fold: int) -> tuple[Faces96, Faces96]:
    """Returns the faces that a fold held out and those that it was trained on."""
    if dataset.digest != run.digest:
        raise InputError(f"{run.folder} was trained on other data than {dataset.source}.")
    if fold not in run.folds():
        done = ", ".join(map(str, run.folds())) or "none"
        raise InputError(f"Fold {fold} of {run.folder} is not trained to its end; done: {done}.")
    (rows,) = read_arrays(run.fold_folder(fold) / PREDICTIONS, "rows")
    held = np.zeros(len(dataset.training), bool)
    held[rows] = True
    return dataset.training[held], dataset.training[~held]


def _clear(out: Path) -> None:
    """Makes the folder, and removes what a former export wrote, the record first."""
    out.mkdir(parents=True, exist_ok=True)
    for name in (RECORD, *FILES.values()):
        (out / name).unlink(missing_ok=True)


def _converted(assembled: Assembled, frozen: Frozen, format_: str, faces: Faces96) -> bytes:
    if format_ == "float32":
        return to_float(frozen)
    if format_ == "onnx":
        return to_onnx(assembled.model)
    if not assembled.confidence:
        return to_int8_weights(frozen)
    some = np.random.default_rng(0).permutation(len(faces))[:RANGES]
    return to_int8(frozen, faces.images[some][..., None].astype(np.float32))


def _checked(assembled: Assembled, run: Run, out: Path, formats: Sequence[str], faces: Faces96) -> dict[str, Agreement]:
    """Compares the files with the trained model on faces; raises EngineError if one in float32 differs."""
    labels = run.heads.spread(faces.points, faces.kinds)[:, :COUNT]
    trained = run_trained(assembled.model, faces.images)
    found = {}
    for format_ in formats:
        path = out / FILES[format_]
        answers = (run_onnx if format_ == "onnx" else run_litert)(path, faces.images)
        found[path.name] = compare(answers, trained, labels)
        if format_ != "int8":
            check_exact(path, found[path.name])
    return found


def _default(agreement: dict[str, Agreement]) -> str | None:
    """Returns the LiteRT file that the tracker uses: in 8 bits, if that costs little."""
    int8 = agreement.get(KEYPOINTS_INT8)
    if int8 is not None and (int8.percent_worse <= WORSE or KEYPOINTS_FLOAT not in agreement):
        return KEYPOINTS_INT8
    return KEYPOINTS_FLOAT if KEYPOINTS_FLOAT in agreement else None


def _described(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def _notes(assembled: Assembled, agreement: dict[str, Agreement], held: int) -> list[str]:
    notes = []
    if assembled.confidence and not assembled.calibrated:
        notes.append("The confidence could not be calibrated on what was held out; its curve is the shipped network's.")
    if held < FEWEST:
        notes.append(f"Held-out faces are few ({held}), so files were checked on faces that were trained on, too.")
    int8 = agreement.get(KEYPOINTS_INT8)
    if int8 is not None and int8.percent_worse > WORSE:
        used = "; the tracker uses the one in float32" if KEYPOINTS_FLOAT in agreement else ""
        notes.append(
            f"The error of the 8-bit file is {int8.percent_worse:.1f} % larger than the trained model's{used}."
        )
    return notes
