"""`fkd train export`: files that say what the trained networks say, and a record that says how to use them."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import keras
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from tests.training.competition_files import write_competition
from tests.training.exporting.trained import write_trained
from tracker import Tracker
from tracker.engines.litert import LiteRTEngine
from tracker.errors import EngineError, InputError, OutputError
from tracker.models import KEYPOINTS_FLOAT, KEYPOINTS_INT8, KeypointModel, find_model
from tracker.sources.demo import PORTRAIT
from training import calibrate
from training.calibrate import DEFAULT_CURVE
from training.cli.export import export
from training.data.conventions import Heads
from training.exporting import run as exporting
from training.exporting.check import Agreement, compare, run_onnx
from training.exporting.convert import Frozen, freeze
from training.exporting.framing import measure_framing
from training.exporting.run import FILES, export_run
from training.fitting.run import Run
from training.fitting.train import predict
from training.models.base import FAMILIES, find_family

ONNX = FILES["onnx"]
FORMATS = {"baseline": ["all"], "heatmap": ["float32", "int8", "onnx"]}
"""Of these models every file is tested, of the others, which consist of the same layers, one."""
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras and numpy 2


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_competition(tmp_path_factory.mktemp("data"), first=50, second=40)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FKD_CACHE", str(tmp_path / "cache"))


def answers_of_parts(run: Run, images: np.ndarray) -> np.ndarray:
    """What the networks themselves say of the outputs of the first convention, (N, 15, 3)."""
    whole = np.full((len(images), len(run.heads), 3), 0.5, np.float32)
    for part in find_family(run.options.model).parts(run.heads):
        if part.helper:
            continue
        network = part.build()
        given = {name: network.output[name] for name in ("points", "maps") if name in network.output}
        keras.Model(network.input, given).load_weights(run.fold_folder(0) / part.name / "best.weights.h5")
        whole[:, list(part.outputs), :2] = predict(network, images)
        if "confidence" in network.output:
            slope, offset = DEFAULT_CURVE
            network.get_layer("confidence_curve").set_weights([np.full((1, 1), slope), np.full(1, offset)])
            said = network.predict(images[..., None].astype(np.float32), verbose=0)["confidence"]
            whole[:, list(part.outputs), 2] = said
    return whole[:, :15]


@pytest.mark.parametrize("model", FAMILIES)
def test_every_model_is_exported_and_runs_in_the_tracker(
    model: str, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibrate, "FEWEST", 10**9)
    run, dataset = write_trained(tmp_path / "run", data, model)
    exported = export_run(run.folder, dataset, formats=FORMATS.get(model, ["float32"]))
    record = json.loads((run.folder / "export" / "model.json").read_text())
    assert exported.record == record
    assert list(record["files"]) == (list(FILES.values()) if model in FORMATS else [KEYPOINTS_FLOAT])
    images = dataset.training.images
    expected = answers_of_parts(run, images)
    for name in record["files"]:
        path = run.folder / "export" / name
        answers = run_onnx(path, images) if name == ONNX else LiteRTEngine(KeypointModel(path)).predict(images)
        away = np.linalg.norm((answers - expected)[..., :2], axis=2)
        unsure = np.abs(answers - expected)[..., 2]
        if name == KEYPOINTS_INT8:
            assert 0 < np.median(away) < 3  # maps that nobody trained suffer from 8 bits
            assert np.median(unsure) < 0.05
        else:
            assert away.max() < 0.01, name
            assert unsure.max() < 0.005
        assert record["agreement"][name]["mean"] == pytest.approx(away[:30].mean(), abs=1e-3)
        assert record["files"][name]["bytes"] == path.stat().st_size
    maps = model == "heatmap"
    assert (np.ptp(expected[..., 2]) > 0.05) == maps
    assert (record["confidence"], record["calibrated"]) == (maps, False)
    assert record["checked_on"] == {"faces": 30, "held_out": True}
    found = find_model(run.folder)
    assert found.path == run.folder / "export" / record["default"]
    assert found.framing == measure_framing(dataset.training.points[30:])
    with Tracker(weights=run.folder) as tracker:
        assert len(tracker.detect(cv2.imread(str(PORTRAIT)))) == (0 if maps else 1)  # a random map is no face


def test_what_was_trained_in_mixed_precision_is_exported_in_float(data: Path, tmp_path: Path) -> None:
    run, dataset = write_trained(tmp_path / "run", data, "baseline", precision="mixed_float16")
    keras.config.set_dtype_policy("mixed_float16")
    try:
        record = export_run(run.folder, dataset, formats=["float32"]).record
        assert keras.config.dtype_policy().name == "mixed_float16"
    finally:
        keras.config.set_dtype_policy("float32")
    assert record["agreement"][KEYPOINTS_FLOAT]["largest"] < 0.001
    expected = answers_of_parts(run, dataset.training.images)
    answers = LiteRTEngine(KeypointModel(run.folder / "export" / KEYPOINTS_FLOAT)).predict(dataset.training.images)
    assert np.abs(answers - expected).max() < 0.001


def test_a_file_that_says_something_else_is_an_error_and_leaves_no_record(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, dataset = write_trained(tmp_path / "run", data, "baseline")
    export_run(run.folder, dataset, formats=["float32"])

    def shifted(model: keras.Model) -> Frozen:
        return freeze(keras.Model(model.input, model.output + np.array([0.06, 0, 0], np.float32)))

    monkeypatch.setattr(exporting, "freeze", shifted)
    with pytest.raises(EngineError, match=r"float32\.tflite does not say"):
        export_run(run.folder, dataset, formats=["float32"])
    with pytest.raises(EngineError, match="export it first"):
        find_model(run.folder)


def test_an_export_replaces_the_one_before(data: Path, tmp_path: Path) -> None:
    run, dataset = write_trained(tmp_path / "run", data, "baseline")
    out = tmp_path / "out"
    export_run(run.folder, dataset, out=out, formats=["float32", "int8"])
    assert find_model(out).path == out / KEYPOINTS_INT8
    record = export_run(run.folder, dataset, out=out, formats=["float32"]).record
    assert sorted(path.name for path in out.iterdir()) == [KEYPOINTS_FLOAT, "model.json"]
    assert list(record["files"]) == [KEYPOINTS_FLOAT]
    assert find_model(out).path == out / KEYPOINTS_FLOAT
    export_run(run.folder, dataset, out=out, formats=["onnx"])
    with pytest.raises(EngineError, match="no LiteRT file"):
        find_model(out)


@pytest.mark.parametrize(("rmse", "default"), [(1.01, KEYPOINTS_INT8), (1.03, KEYPOINTS_FLOAT)])
def test_eight_bits_that_cost_too_much_are_not_used(rmse: float, default: str) -> None:
    exact = Agreement(0.0, 0.0, 0.0, 1.0, 1.0)
    coarse = Agreement(0.3, 1.0, 0.0, rmse, 1.0)
    assert coarse.percent_worse == pytest.approx(100 * rmse - 100)
    assert exporting._default({KEYPOINTS_FLOAT: exact, KEYPOINTS_INT8: coarse}) == default
    assert exporting._default({KEYPOINTS_INT8: coarse}) == KEYPOINTS_INT8
    assert replace(coarse, rmse=None).percent_worse == 0


def test_agreement_is_measured_in_pixels_on_what_has_labels() -> None:
    trained = np.full((2, 15, 3), 0.5, np.float32)
    answers = trained.copy()
    answers[0, 0] += np.array([3, 4, 0.1], np.float32)
    labels = np.full((2, 15, 2), np.nan, np.float32)
    assert compare(answers, trained, labels).rmse is None
    labels[0, 0] = 0.5
    found = compare(answers, trained, labels)
    assert (found.mean, found.largest) == (pytest.approx(5 / 30), pytest.approx(5))
    assert found.confidence == pytest.approx(0.1, abs=1e-6)
    assert (found.rmse, found.rmse_trained) == (pytest.approx(np.sqrt(25 / 2)), 0)


def test_ten_rows_of_one_kind_are_enough(tmp_path: Path) -> None:
    few = write_competition(tmp_path / "data", first=10, second=0)
    run, dataset = write_trained(tmp_path / "run", few, "heatmap", heads=Heads(), held=1)
    exported = export_run(run.folder, dataset, formats=["float32"])
    assert exported.record["checked_on"] == {"faces": 10, "held_out": False}
    assert any("calibrated" in note for note in exported.notes)
    assert any("few (1)" in note for note in exported.notes)


def test_mistakes_are_one_sentence(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, dataset = write_trained(tmp_path / "run", data, "baseline")
    with pytest.raises(InputError, match=r"Fold 3 of .* done: 0"):
        export_run(run.folder, dataset, fold=3)
    with pytest.raises(InputError, match="exported to 'coreml'"):
        export_run(run.folder, dataset, formats=["coreml"])
    with pytest.raises(InputError, match="other data"):
        export_run(run.folder, replace(dataset, digest="other"))
    with pytest.raises(InputError, match="not the folder of a training"):
        export_run(tmp_path, dataset)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="cannot be written"):
        export_run(run.folder, dataset, out=tmp_path / "file")
    monkeypatch.setattr(exporting, "can_write_onnx", lambda: False)
    with pytest.raises(InputError, match=r"pip install .fkd\[onnx\]"):
        export_run(run.folder, dataset, formats=["float32", "onnx"])
    exported = export_run(run.folder, dataset)
    assert list(exported.record["files"]) == [KEYPOINTS_FLOAT, KEYPOINTS_INT8]
    assert any("fkd[onnx]" in note for note in exported.notes)
    (run.fold_folder(0) / "joint" / "best.weights.h5").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="does not hold the weights of a trained baseline"):
        export_run(run.folder, dataset)


def test_the_command_prints_a_table_or_json(data: Path, tmp_path: Path) -> None:
    run, _ = write_trained(tmp_path / "run", data, "baseline")
    application = typer.Typer()
    application.command()(export)
    words = [str(run.folder), "--format", "float32", "--format", "int8"]
    table = CliRunner().invoke(application, words)
    assert table.exit_code == 0, table.output
    assert f"{KEYPOINTS_INT8}  " in table.stdout
    assert "none: the detector decides" in table.stdout
    assert table.stdout.endswith(f"written: {run.folder / 'export'}\n")
    machine = CliRunner().invoke(application, [*words, "--json"])
    assert json.loads(machine.stdout) == json.loads((run.folder / "export" / "model.json").read_text())
