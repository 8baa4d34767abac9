import hashlib
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.conftest import environment
from tracker import EngineError, Tracker
from tracker.crop import CROP_SIZE, anchors_of
from tracker.engines import Engine, open_engine
from tracker.models import KEYPOINTS_FLOAT, KEYPOINTS_INT8, models_folder
from tracker.sources.demo import PORTRAIT
from training.augment import DETECTION, jittered_crop

FLOAT = models_folder() / KEYPOINTS_FLOAT


@pytest.fixture(scope="module")
def crops() -> NDArray[np.uint8]:
    """40 crops of a real face, near and far, as from the detector."""
    portrait = cv2.imread(str(PORTRAIT))
    with Tracker() as tracker:
        (points,) = tracker.detect(portrait).points
    assert anchors_of(points[None]).shape == (1, 3, 2)
    rng = np.random.default_rng(0)
    gray = cv2.cvtColor(portrait, cv2.COLOR_BGR2GRAY)
    return np.stack([jittered_crop(gray, points, DETECTION, rng)[0] for _ in range(40)])


@pytest.fixture(scope="module", params=["litert", "keras"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return open_engine(request.param)


def test_keras_and_litert_agree(crops: NDArray[np.uint8]) -> None:
    difference = open_engine("keras").predict(crops) - open_engine("litert", FLOAT).predict(crops)
    assert np.linalg.norm(difference[:, :, :2], axis=2).max() < 0.05
    assert np.abs(difference[:, :, 2]).max() < 0.005


def test_eight_bits_are_nearly_as_good(crops: NDArray[np.uint8]) -> None:
    eight, exact = (
        open_engine("litert", models_folder() / name).predict(crops) for name in (KEYPOINTS_INT8, FLOAT.name)
    )
    assert np.median(np.linalg.norm((eight - exact)[:, :, :2], axis=2)) < 0.3
    assert np.abs(eight - exact)[:, :, 2].max() < 0.15


def test_a_face_does_not_depend_on_its_batch(engine: Engine, crops: NDArray[np.uint8]) -> None:
    together = engine.predict(crops[:5])
    for index in (0, 4):
        assert engine.predict(crops[index : index + 1])[0] == pytest.approx(together[index], abs=1e-2)


@pytest.mark.parametrize("count", [0, 1, 3, 64, 65, 130])
def test_any_number_of_faces_will_do(engine: Engine, count: int) -> None:
    answer = engine.predict(np.full((count, CROP_SIZE, CROP_SIZE), 128, np.uint8))
    assert answer.shape == (count, 15, 3)
    assert answer.dtype == np.float32
    assert np.isfinite(answer).all()


def test_the_answer_is_the_callers_to_keep(engine: Engine, crops: NDArray[np.uint8]) -> None:
    first = engine.predict(crops[:2])
    before = first.copy()
    engine.predict(crops[2:4])
    assert (first == before).all()


def test_the_keras_network_is_traced_once_whatever_comes() -> None:
    from tracker.engines.keras import KerasEngine

    engine = KerasEngine(warm_up=2)
    traced = engine.traces
    for count in (1, 3, 2, 17, 70):
        engine.predict(np.full((count, CROP_SIZE, CROP_SIZE), 99, np.uint8))
    assert engine.traces == traced == 1


@pytest.mark.parametrize("wrong", [np.zeros((1, 96, 96), np.float32), np.zeros((1, 48, 48), np.uint8)])
def test_wrong_crops_are_refused(engine: Engine, wrong: NDArray[np.uint8]) -> None:
    with pytest.raises(EngineError, match="Crops"):
        engine.predict(wrong)


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_blank_crop_is_no_face(engine: Engine, value: int) -> None:
    assert engine.predict(np.full((1, CROP_SIZE, CROP_SIZE), value, np.uint8))[0, :, 2].mean() < 0.2


@pytest.mark.parametrize("name", ["model.tflite", "model.weights.h5"])
def test_a_file_that_is_no_model_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("no model", encoding="utf-8")
    with pytest.raises(EngineError, match=name):
        open_engine("auto", tmp_path / name)


def test_a_model_of_something_else_is_refused() -> None:
    with pytest.raises(EngineError, match="does not take one array and give one"):
        open_engine("litert", models_folder() / "face_detection_short_range.tflite")


def test_the_shipped_files_are_the_ones_documented() -> None:
    for line in (models_folder() / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        expected, name = line.split()
        assert hashlib.sha256((models_folder() / name).read_bytes()).hexdigest() == expected
        assert f"`{expected[:8]}…{expected[-8:]}`" in (models_folder() / "README.md").read_text(encoding="utf-8")


def test_the_cpu_path_loads_nothing_heavy_and_says_nothing() -> None:
    program = f"""
import sys
from tracker import Tracker, open_source
with Tracker(engine="litert") as tracker:
    (frame, faces), = tracker.track(open_source({str(PORTRAIT)!r}))
    assert len(faces) == 1
    assert len(tracker.update(frame)) == 1
print([name for name in ("tensorflow", "keras", "matplotlib", "sounddevice", "training") if name in sys.modules])
"""
    command = [sys.executable, "-W", "error", "-c", program]
    result = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=60, check=False)
    assert result.stderr == ""
    assert result.stdout.strip() == "[]"
