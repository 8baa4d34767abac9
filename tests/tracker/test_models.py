"""What `--weights` may name, and records of exported models that are broken or hostile."""

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import environment
from tracker import EngineError, Tracker
from tracker.crop import DEFAULT_FRAMING, Framing
from tracker.engines import open_engine
from tracker.models import KEYPOINTS_FLOAT, KEYPOINTS_INT8, KEYPOINTS_KERAS, KeypointModel, find_model, models_folder
from tracker.sources.demo import PORTRAIT

FRAMING = {"eyes_in_side": 2.6, "mouth_in_side": 2.4, "eyes_weight": 0.6}


def record(folder: Path, **changed: Any) -> dict[str, Any]:
    """What an export of the files in a folder would write."""
    files = {
        path.name: {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "bytes": path.stat().st_size}
        for path in folder.glob("*.tflite")
    }
    whole = {"format": 1, "framing": FRAMING, "confidence": True, "default": KEYPOINTS_INT8, "files": files}
    return whole | changed


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A folder of a training with the shipped network as its exported model."""
    folder = tmp_path / "run" / "export"
    folder.mkdir(parents=True)
    for name in (KEYPOINTS_INT8, KEYPOINTS_FLOAT):
        shutil.copy(models_folder() / name, folder)
    (folder / "model.json").write_text(json.dumps(record(folder)), encoding="utf-8")
    (tmp_path / "run" / "run.json").write_text("{}", encoding="utf-8")
    return tmp_path / "run"


def write(run: Path, **changed: Any) -> None:
    """Writes the run's record anew."""
    (run / "export" / "model.json").write_text(json.dumps(record(run / "export", **changed)), encoding="utf-8")


def test_without_a_name_it_is_the_shipped_network() -> None:
    assert find_model(None) == KeypointModel(None, DEFAULT_FRAMING, confidence=True, exported=False)


@pytest.mark.parametrize(
    ("named", "file"),
    [
        ("", KEYPOINTS_INT8),
        ("export", KEYPOINTS_INT8),
        ("export/" + KEYPOINTS_INT8, KEYPOINTS_INT8),
        ("export/" + KEYPOINTS_FLOAT, KEYPOINTS_FLOAT),
    ],
)
def test_an_exported_model_is_used_as_its_record_says(run: Path, named: str, file: str) -> None:
    write(run, confidence=False)
    expected = KeypointModel(run / "export" / file, Framing(**FRAMING), confidence=False, exported=True)
    assert find_model(run / named) == expected


def test_the_record_chooses_the_file(run: Path) -> None:
    write(run, default=KEYPOINTS_FLOAT)
    assert "float32" in open_engine("auto", run).name
    write(run, default=None)
    with pytest.raises(EngineError, match="holds no LiteRT file"):
        find_model(run)


def test_a_file_that_the_record_does_not_list_is_one_by_itself(run: Path) -> None:
    other = run / "export" / "other.tflite"
    shutil.copy(models_folder() / KEYPOINTS_FLOAT, run.parent / other.name)
    (run.parent / other.name).rename(other)
    write(run, files={})
    with pytest.raises(EngineError, match="default"):
        find_model(other)
    write(run, files={}, default=None)
    assert find_model(other) == KeypointModel(other)


def test_what_is_not_there_or_not_exported_is_said(run: Path, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no model at"):
        find_model(tmp_path / "nowhere")
    with pytest.raises(EngineError, match=r"no model that fkd train export wrote"):
        find_model(tmp_path)
    (run / "export" / "model.json").unlink()
    with pytest.raises(EngineError, match=f"export it first: fkd train export {run}"):
        find_model(run)


def test_a_file_that_was_changed_or_removed_is_refused(run: Path) -> None:
    path = run / "export" / KEYPOINTS_INT8
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    for named in (run, path):
        with pytest.raises(EngineError, match="export the model again"):
            find_model(named)
    path.unlink()
    with pytest.raises(EngineError, match="cannot be read"):
        find_model(run)


HOSTILE: dict[str, Any] = {
    "not a number": {"framing": FRAMING | {"eyes_in_side": "2.5"}},
    "yes": {"framing": FRAMING | {"eyes_in_side": True}},
    "nan": {"framing": FRAMING | {"eyes_in_side": float("nan")}},
    "infinite": {"framing": FRAMING | {"mouth_in_side": float("inf")}},
    "negative": {"framing": FRAMING | {"mouth_in_side": -2.0}},
    "huge": {"framing": FRAMING | {"eyes_weight": 10**400}},
    "no framing": {"framing": None},
    "part of a framing": {"framing": {"eyes_in_side": 2.5}},
    "confidence of a word": {"confidence": "no"},
    "another version": {"format": 2},
    "a long format": {"format": "x" * 100_000},
    "list of files": {"files": []},
    "file without a hash": {"files": {KEYPOINTS_INT8: {}}},
    "hash of a number": {"files": {KEYPOINTS_INT8: {"sha256": 5}}},
    "default not listed": {"default": "other.tflite"},
    "default is no name": {"default": ["a"]},
    "a path that leads out": {"files": {"../../x.tflite": {"sha256": ""}}, "default": "../../x.tflite"},
    "an absolute path": {"files": {"/x.tflite": {"sha256": ""}}, "default": "/x.tflite"},
    "too long": {"padding": " " * (1 << 20)},
}


@pytest.mark.parametrize("changed", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_record_is_one_sentence(run: Path, changed: dict[str, Any]) -> None:
    write(run, **changed)
    with pytest.raises(EngineError, match=r"model\.json is not the record") as error:
        find_model(run)
    assert len(str(error.value)) < 300 + len(str(run))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"{}", b"\xff\xfe\xfa", b"[" * 100_000, b"1" * 10_000])
def test_what_is_no_record_is_one_sentence(run: Path, content: bytes) -> None:
    (run / "export" / "model.json").write_bytes(content)
    with pytest.raises(EngineError, match=r"model\.json is not the record") as error:
        find_model(run)
    assert "\n" not in str(error.value)


def test_keras_does_not_run_an_exported_model(run: Path) -> None:
    with pytest.raises(EngineError, match="leave out --engine keras"):
        open_engine("keras", run)


def test_keras_weights_are_still_taken() -> None:
    weights = models_folder() / KEYPOINTS_KERAS
    assert open_engine("auto", weights).model == KeypointModel(weights)


def test_an_exported_model_is_run_without_tensorflow_or_the_training(run: Path) -> None:
    program = f"""
import sys
from pathlib import Path
from tracker import Tracker, open_source
with Tracker(weights=Path({str(run)!r})) as tracker:
    (frame, faces), = tracker.track(open_source({str(PORTRAIT)!r}))
    assert len(faces) == 1
print([name for name in ("tensorflow", "keras", "training") if name in sys.modules])
"""
    command = [sys.executable, "-W", "error", "-c", program]
    result = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=60, check=False)
    assert result.stderr == ""
    assert result.stdout.strip() == "[]"


def test_the_tracker_takes_framing_and_confidence_from_the_record(run: Path) -> None:
    write(run, confidence=False)
    with Tracker(weights=str(run)) as tracker:
        assert tracker.engine.model.framing == Framing(**FRAMING)
        assert not tracker.engine.model.confidence
