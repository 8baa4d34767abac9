"""The training of the shipped network, on a face set of a few pictures of the portrait."""

import json
import subprocess
import time
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.conftest import PROGRAMS
from tests.training.face_set_files import write_face_set
from tracker import KEYPOINTS, Tracker
from tracker.errors import InputError, OutputError
from tracker.sources.demo import PORTRAIT
from training.data.face_set import read_face_set
from training.fitting.checkpoint import read_history
from training.shipped import RECIPE, Recipe, train

EPOCHS, STEPS = 3, 1
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras and numpy 2


@pytest.fixture(scope="module")
def small_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a face set of 24 pictures, labelled by the shipped network."""
    portrait = cv2.imread(str(PORTRAIT))
    faces = []
    with Tracker() as tracker:
        for number in range(24):
            turn = cv2.getRotationMatrix2D((224, 120), 3 * number - 36, 0.9)
            picture = cv2.warpAffine(portrait, turn, (448, 300), borderMode=cv2.BORDER_REFLECT)
            (points,) = tracker.detect(picture).points
            faces.append((("lfpw", "helen", "ytf")[number % 3], str(number), picture, points))
    return write_face_set(tmp_path_factory.mktemp("data"), faces)


def start(data: Path, run: Path) -> "subprocess.Popen[bytes]":
    command = [PROGRAMS / "fkd", "train", "shipped", "--data", data, "--out", run]
    command += ["--epochs", str(EPOCHS), "--steps", str(STEPS)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wait_for_epochs(run: Path, count: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 200
    while len(read_history(run)) < count and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)


def test_the_set_is_read(small_set: Path) -> None:
    faces = read_face_set(small_set)
    assert len(faces) == 24
    assert sum(face.human for face in faces) == 16
    assert faces[0].points.shape == (len(KEYPOINTS), 2)


def test_a_killed_training_is_resumed_and_ends_as_an_undisturbed_one(small_set: Path, tmp_path: Path) -> None:
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    process = start(small_set, killed)
    wait_for_epochs(killed, 1, process)
    process.kill()
    process.wait()
    assert 1 <= len(read_history(killed)) < EPOCHS
    assert start(small_set, killed).wait(timeout=300) == 0
    train(small_set, undisturbed, Recipe(epochs=EPOCHS, steps=STEPS), verbose=0)
    losses = {run: {row["epoch"]: row["loss"] for row in read_history(run)} for run in (undisturbed, killed)}
    assert losses[killed].keys() == losses[undisturbed].keys() == set(range(EPOCHS))
    for epoch, loss in losses[undisturbed].items():
        assert losses[killed][epoch] == pytest.approx(loss, rel=0.01)
    for name in ("keypoints.weights.h5", "keypoints_float32.tflite", "keypoints_int8.tflite"):
        assert (killed / "models" / name).stat().st_size > 100_000
    with Tracker(weights=killed / "models" / "keypoints_float32.tflite") as tracker:
        crops = np.zeros((2, 96, 96), np.uint8)
        assert tracker.engine.predict(crops).shape == (2, 15, 3)


def test_a_folder_is_not_gone_on_with_by_another_recipe(small_set: Path, tmp_path: Path) -> None:
    (tmp_path / RECIPE).write_text(json.dumps(asdict(Recipe(epochs=2))), encoding="utf-8")
    before = (tmp_path / RECIPE).read_bytes()
    with pytest.raises(InputError, match=r"begun with other options.*name another --out"):
        train(small_set, tmp_path, Recipe(epochs=3))
    assert (tmp_path / RECIPE).read_bytes() == before
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="file cannot be written"):
        train(small_set, tmp_path / "file", Recipe(epochs=3))


def test_too_few_faces_are_refused_before_the_training(small_set: Path, tmp_path: Path) -> None:
    for share, counts in ((0.0, r"24 faces to train on and 0 that"), (1.0, r"0 faces to train on and 16 that")):
        with pytest.raises(InputError, match=counts):
            train(small_set, tmp_path / "run", Recipe(held_out=share))
    assert not (tmp_path / "run").exists()


def test_the_recipe_is_that_of_the_network_that_ships() -> None:
    kept = json.loads((Path(__file__).parents[2] / "weights" / RECIPE).read_text(encoding="utf-8"))
    assert kept == json.loads(json.dumps(asdict(Recipe())))
