"""`fkd train compare`: the faces and figures that it shows."""

import base64
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.training.reports.compare.plain import (
    HELD,
    answers,
    errors_on_test,
    held_out_errors,
    read_table,
    root_mean_square,
)
from tracker.keypoints import KEYPOINTS
from training.data.dataset import CELLS, Asked
from training.reports.compare.faces import choose_images
from training.reports.compare.keypoints import draw_keypoints
from training.reports.compare.reading import read_comparison
from training.reports.compare.worst import records


def test_worst_faces_are_named_by_their_line(numbers: dict[str, Any], data: Path, runs: list[Path]) -> None:
    errors = held_out_errors(data, runs[0], {0: HELD})
    of_rows = {row: root_mean_square([error for other, _, error in errors if other == row]) for row in HELD}
    worst = numbers["worst"]["baseline"]
    assert [face["row"] for face in worst] == sorted(HELD, key=of_rows.__getitem__, reverse=True)
    assert [face["rmse"] for face in worst] == pytest.approx(sorted(of_rows.values(), reverse=True), rel=1e-5)
    lines = (data / "training.csv").read_text().splitlines()
    table = read_table(data / "training.csv")
    for face in worst:
        assert lines[face["line"] - 1].endswith(table[face["row"]]["Image"])
    largest = numbers["face_rmse_percentiles"]["baseline"]["100"]
    assert largest >= worst[0]["rmse"]


def test_all_models_are_shown_the_same_test_faces(
    numbers: dict[str, Any], data: Path, runs: list[Path], solution: Path
) -> None:
    shown = numbers["test_faces"]
    assert shown["images"][0] == 10
    assert len(set(shown["images"])) == 6
    assert {image % 2 for image in shown["images"]} == {0, 1}
    asked = errors_on_test(data, solution, [answers(runs[0], 0, 0, image, test=True) for image in range(12)])
    for image, error in zip(shown["images"], shown["rmse"]["baseline"], strict=True):
        assert error == pytest.approx(root_mean_square([e for other, e in asked if other == image - 1]), rel=1e-5)


def test_faces_of_both_kinds_are_shown_by_their_share(runs: list[Path], data: Path) -> None:
    comparison = read_comparison(runs[:1], data)
    ids = np.arange(100, 0, -1)
    first = np.flatnonzero((ids - 1) % 5 < 2)  # two in five
    asked = Asked(np.arange(len(first)), first, np.full(len(first), CELLS.index("mouth_left_corner_x")))
    images = np.zeros((100, 96, 96), np.uint8)
    many = replace(comparison, dataset=replace(comparison.dataset, test=images, test_ids=ids, asked=asked))
    chosen = choose_images(many)
    assert ids[chosen[0]] == 10
    assert many.dataset.test_kinds()[chosen[1:]].tolist() == [0, 0, 1, 1, 1]
    assert len(set(chosen.tolist())) == 6
    assert np.ptp(ids[chosen[1:3]]) > 30
    assert np.ptp(ids[chosen[3:]]) > 50


def test_the_page_holds_the_figures_that_lie_beside_it(numbers: dict[str, Any], out: Path) -> None:
    html = (out / "report.html").read_text()
    figures = re.findall(
        r'<figure id="(\w+)">\s*<div[^>]*><img src="data:image/png;base64,([^"]+)" alt="([^"]+)"', html
    )
    assert [name for name, _, _ in figures] == [
        "models", "keypoints", "histories", "test_image_10", "test_faces", "worst_cases", "cumulative_errors"
    ]  # fmt: skip
    for name, content, caption in figures:
        picture = base64.b64decode(content)
        assert picture == (out / f"{name}.png").read_bytes()
        decoded = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_GRAYSCALE)
        assert decoded is not None
        assert decoded.std() > 5
        assert len(caption) > 20
    captions = {name: caption for name, _, caption in figures}
    spread = numbers["models"][1]["scores"]["test_rmse"]
    assert f"baseline {spread['mean']:.3f} ({spread['low']:.3f} to {spread['high']:.3f})" in captions["models"]
    assert f"line {numbers['worst']['heatmap'][0]['line']}" in captions["worst_cases"]
    assert "do not all hold out the same rows" in html
    assert "is worth" not in html


def test_every_keypoint_of_every_model_is_inside_of_the_figure(runs: list[Path], data: Path, solution: Path) -> None:
    """Errors on the test images are larger here than those on the held-out rows."""
    comparison = read_comparison(runs, data, solution)
    axes = draw_keypoints(comparison).axes
    assert [len(each.lines) for each in axes] == [4, 4]
    for each, prefix in zip(axes, ("", "test_"), strict=True):
        for line, entry in zip(each.lines, comparison.entries, strict=True):
            x, y = np.asarray(line.get_xdata()), np.asarray(line.get_ydata())
            expected = [entry.mean(f"{prefix}rmse_{name}") for name in KEYPOINTS]
            np.testing.assert_array_equal(x, np.array([np.nan if e is None else e for e in expected]))
            assert np.nanmax(x) <= each.get_xlim()[1]
            assert np.round(y).tolist() == list(range(15))


def test_rows_of_a_face_set_are_counted_as_faces(runs: list[Path], data: Path) -> None:
    comparison = read_comparison(runs[:1], data)
    groups = np.arange(len(comparison.dataset.training))
    of_set = replace(comparison, dataset=replace(comparison.dataset, groups=groups))
    for worst, name, first in ((records(comparison), "line", 2), (records(of_set), "face", 1)):
        for face in worst["worst"]["baseline"]:
            assert face[name] == face["row"] + first
            assert face.keys() == {"row", name, "rmse"}
