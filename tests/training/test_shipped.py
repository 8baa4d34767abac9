"""The training of the shipped network, on a face set of a few pictures of the portrait."""

import csv
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from tracker import KEYPOINTS, Tracker
from tracker.sources.demo import PORTRAIT
from training.data.face_set import COLUMNS, read_face_set

FKD = Path(sys.executable).parent / "fkd"
EPOCHS, STEPS = 3, 2


@pytest.fixture(scope="module")
def small_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a face set of 24 pictures, labelled by the shipped network."""
    folder = tmp_path_factory.mktemp("data")
    portrait = cv2.imread(str(PORTRAIT))
    rows = []
    with Tracker() as tracker:
        for number in range(24):
            subset = ("lfpw", "helen", "ytf")[number % 3]
            turn = cv2.getRotationMatrix2D((224, 120), 3 * number - 36, 0.9)
            picture = cv2.warpAffine(portrait, turn, (448, 300), borderMode=cv2.BORDER_REFLECT)
            (points,) = tracker.detect(picture).points
            name = f"{subset}/{number}.jpg"
            (folder / "faces" / subset).mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(folder / "faces" / name), picture)
            label = "teacher" if subset == "ytf" else "human"
            rows.append([name, subset, number, label, 448, 300, *(f"{value:.2f}" for value in points.ravel())])
    with (folder / "faces" / "faces.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    return folder


def start(data: Path, run: Path) -> "subprocess.Popen[bytes]":
    command = [FKD, "train", "shipped", "--data", data, "--out", run, "--epochs", str(EPOCHS), "--steps", str(STEPS)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def history(run: Path) -> list[dict[str, str]]:
    path = run / "history.csv"
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_set_is_read(small_set: Path) -> None:
    faces = read_face_set(small_set)
    assert len(faces) == 24
    assert sum(face.human for face in faces) == 16
    assert faces[0].points.shape == (len(KEYPOINTS), 2)


def test_a_killed_training_is_resumed_and_ends_as_an_undisturbed_one(small_set: Path, tmp_path: Path) -> None:
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    whole, process = start(small_set, undisturbed), start(small_set, killed)
    deadline = time.monotonic() + 200
    while not history(killed) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    process.kill()
    process.wait()
    assert 1 <= len(history(killed)) < EPOCHS
    assert start(small_set, killed).wait(timeout=300) == 0
    assert whole.wait(timeout=300) == 0
    losses = {run: {row["epoch"]: float(row["loss"]) for row in history(run)} for run in (undisturbed, killed)}
    assert losses[killed].keys() == losses[undisturbed].keys() == {f"{epoch}.0" for epoch in range(EPOCHS)}
    for epoch, loss in losses[undisturbed].items():
        assert losses[killed][epoch] == pytest.approx(loss, rel=0.01)
    for name in ("keypoints.weights.h5", "keypoints_float32.tflite", "keypoints_int8.tflite"):
        assert (killed / "models" / name).stat().st_size > 100_000
    with Tracker(weights=killed / "models" / "keypoints_float32.tflite") as tracker:
        crops = np.zeros((2, 96, 96), np.uint8)
        assert tracker.engine.predict(crops).shape == (2, 15, 3)
