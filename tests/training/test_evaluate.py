"""Accuracy from picture to points, where faces are found and where they are not."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from tests.fakes import FakeDetector, FakeEngine, upright_points
from tests.training.face_set_files import write_face_set
from tracker import Tracker
from tracker.errors import InputError
from training.cli import application
from training.data.face_set import LabelledFace, read_face_set
from training.evaluate import Accuracy, _rank_correlation, evaluate

PICTURE = np.zeros((240, 320, 3), np.uint8)


@pytest.fixture
def faces(tmp_path: Path) -> list[LabelledFace]:
    points = upright_points() + np.float32([100, 60])
    return read_face_set(write_face_set(tmp_path, [("afw", "a", PICTURE, points), ("afw", "b", PICTURE, points)]))


def test_without_a_face_found_there_is_no_error(faces: list[LabelledFace]) -> None:
    with Tracker(detector=FakeDetector(), engine=FakeEngine()) as tracker:
        found = evaluate(tracker.detect, faces)
    assert found.errors.shape == found.confidence.shape == (0, 15)
    summary = found.summary()
    assert (summary.pop("faces"), summary.pop("found_percent")) == (2, 0)
    assert len(summary) == 4
    assert set(summary.values()) == {None}


def test_errors_are_those_of_the_faces_found() -> None:
    errors = np.repeat([[2.0], [4.0], [9.0]], 15, axis=1)
    summary = Accuracy(4, errors, np.repeat(np.float32([[0.9], [0.8], [0.1]]), 15, axis=1)).summary()
    assert summary == {
        "faces": 4,
        "found_percent": 75,
        "mean_error_percent": 5,
        "median_error_percent": 4,
        "failures_percent": pytest.approx(100 / 3),
        "rank_correlation_of_confidence_and_error": pytest.approx(-1),
    }


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([1, 2, 3], [10, 30, 20], 0.5),
        ([1, 1, 2, 2], [1, 2, 3, 4], np.sqrt(0.8)),  # ranks 1.5, 1.5, 3.5, 3.5
        ([0.5, 0.5, 0.5], [1, 2, 3], None),
        ([], [], None),
    ],
)
def test_equal_values_share_their_ranks(a: list[float], b: list[float], expected: float | None) -> None:
    found = _rank_correlation(np.array(a), np.array(b))
    assert found == (None if expected is None else pytest.approx(expected))


def test_a_collection_that_is_not_there_is_named(tmp_path: Path) -> None:
    picture: NDArray[np.uint8] = np.zeros((100, 100), np.uint8)
    write_face_set(tmp_path, [(name, "a", picture, upright_points()) for name in ("lfpw", "afw")])
    result = CliRunner().invoke(application, ["accuracy", "--data", str(tmp_path), "--subset", "ibug"])
    assert isinstance(result.exception, InputError)
    assert str(result.exception) == "The face set has no collection 'ibug'; there are: afw, lfpw."
