"""`fkd train compare`: numbers against plain arithmetic, seeds put together, and a page of what there is."""

import base64
import csv
import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.training.competition_files import write, write_competition
from tests.training.run_folders import COST, write_ensemble, write_run
from tracker.errors import InputError
from tracker.keypoints import KEYPOINTS, LEFT_EYE, REGIONS, RIGHT_EYE
from training.cli.compare import compare as command
from training.data.competition import read_dataset
from training.data.dataset import CELLS, Asked, Dataset
from training.reports.compare.conventions import worth
from training.reports.compare.faces import choose_images
from training.reports.compare.keypoints import draw_keypoints
from training.reports.compare.reading import read_comparison
from training.reports.compare.report import compare
from training.reports.compare.worst import line_of

FIRST, SECOND = 14, 8
"""Rows of the two kinds, in this order."""
HELD = [1, 5, 9, 13, 15, 20]
TWO = (10, 14)
"""Keypoints with an output for each convention."""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FKD_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_competition(tmp_path_factory.mktemp("data"), first=FIRST, second=SECOND, test=12)


@pytest.fixture(scope="module")
def dataset(data: Path) -> Dataset:
    return read_dataset(data, use_cache=False)


@pytest.fixture(scope="module")
def solution(data: Path) -> Path:
    """Right answers for all that is asked but the first ten values."""
    rng = np.random.default_rng(5)
    rows: list[list[object]] = [
        [row["RowId"], f"{rng.uniform(40, 56):.4f}"] for row in read_table(data / "IdLookupTable.csv")[10:]
    ]
    write(data / "solution.csv", ["RowId", "Location"], rows)
    return data / "solution.csv"


@pytest.fixture(scope="module")
def runs(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three seeds of a baseline, two specialists' networks in two folds, a network with maps, and an ensemble."""
    folder = tmp_path_factory.mktemp("runs")
    found = [write_run(folder / f"b{seed}", dataset, {0: HELD}, second=TWO, seed=seed) for seed in (0, 1, 2)]
    folds = {0: HELD, 1: [0, 2, 17]}
    found.append(write_run(folder / "s", dataset, folds, model="specialists", parts=("eye_centers", "joint")))
    found.append(write_run(folder / "h", dataset, {0: HELD}, model="heatmap", maps=True, noise=0.5))
    return [*found, write_ensemble(folder / "joined", dataset, found[3:5], HELD)]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("out")


@pytest.fixture(scope="module")
def numbers(data: Path, runs: list[Path], solution: Path, out: Path) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FKD_CACHE", str(out / "cache"))
        returned = compare(runs, out, data=data, solution=solution)
    assert returned == json.loads((out / "compare.json").read_text())
    return returned


def read_table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def root_mean_square(errors: list[float]) -> float:
    return math.sqrt(sum(error * error for error in errors) / len(errors))


def answers(folder: Path, fold: int, row: int, place: int, *, test: bool = False) -> np.ndarray:
    """What a run says of a row, by the output that answers in the convention of its kind."""
    with np.load(folder / f"fold-{fold}" / "predictions.npz") as arrays:
        outputs = arrays["test" if test else "validation"][0, place]
    chosen = list(range(15))
    sparse = place % 2 == 1 if test else row >= FIRST
    if sparse and len(outputs) > 15:
        chosen[10], chosen[14] = 15, 16
    return np.asarray(outputs[chosen], np.float64)


def held_out_errors(data: Path, folder: Path, folds: dict[int, list[int]]) -> list[tuple[int, str, float]]:
    """Row, coordinate and error of each labelled value of the held-out rows, from the files themselves."""
    table = read_table(data / "training.csv")
    found = []
    for fold, rows in folds.items():
        for place, row in enumerate(rows):
            said = answers(folder, fold, row, place).ravel()
            labels = [(i, table[row][cell]) for i, cell in enumerate(CELLS)]
            found += [(row, CELLS[i], said[i] - float(label)) for i, label in labels if label]
    return found


def errors_on_test(data: Path, solution: Path, points: list[np.ndarray]) -> list[tuple[int, float]]:
    """Index of the image and error of each value of the solution."""
    lookup = {row["RowId"]: row for row in read_table(data / "IdLookupTable.csv")}
    found = []
    for row in read_table(solution):
        image, cell = int(lookup[row["RowId"]]["ImageId"]) - 1, CELLS.index(lookup[row["RowId"]]["FeatureName"])
        found.append((image, points[image].ravel()[cell] - float(row["Location"])))
    return found


def test_scores_of_a_run_are_those_of_plain_arithmetic(
    numbers: dict[str, Any], data: Path, runs: list[Path], solution: Path
) -> None:
    run = numbers["models"][1]["runs"][1]
    assert run["folder"] == str(runs[1])
    errors = held_out_errors(data, runs[1], {0: HELD})
    kinds = [[error for row, _, error in errors if (row >= FIRST) == kind] for kind in (False, True)]
    first, second = map(root_mean_square, kinds)
    expected = {
        "rmse": root_mean_square([error for _, _, error in errors]),
        "rmse_first": first,
        "rmse_second": second,
        "rmse_test_mix": math.sqrt(0.649 * first**2 + 0.351 * second**2),
        "rmse_nose_tip": root_mean_square([error for _, cell, error in errors if cell.startswith("nose_tip")]),
    }
    for region, members in REGIONS.items():
        names = {KEYPOINTS[member] for member in members}
        expected[f"rmse_{region}"] = root_mean_square([error for _, cell, error in errors if cell[:-2] in names])
    said = [answers(runs[1], 0, 0, image, test=True) for image in range(12)]
    asked = errors_on_test(data, solution, said)
    expected["test_rmse"] = root_mean_square([error for _, error in asked])
    for name, odd in (("test_rmse_first", 0), ("test_rmse_second", 1)):
        expected[name] = root_mean_square([error for image, error in asked if image % 2 == odd])
    assert {name: run["scores"][name] for name in expected} == pytest.approx(expected, rel=1e-5)


def test_error_is_a_share_of_the_eye_distance(numbers: dict[str, Any], data: Path, runs: list[Path]) -> None:
    table = read_table(data / "training.csv")
    shares = []
    for place, row in enumerate(HELD):
        labels = np.array([float(table[row][cell] or "nan") for cell in CELLS]).reshape(15, 2)
        eyes = math.dist(labels[LEFT_EYE], labels[RIGHT_EYE])
        said = answers(runs[0], 0, row, place)
        shares += [100 * math.dist(a, b) / eyes for a, b in zip(said, labels, strict=True) if not np.isnan(b).any()]
    assert numbers["models"][1]["runs"][0]["scores"]["error_percent"] == pytest.approx(np.mean(shares), rel=1e-5)


def test_the_mean_is_the_first_row_and_the_measure_of_the_others(
    numbers: dict[str, Any], data: Path, solution: Path
) -> None:
    table = read_table(data / "training.csv")
    mean = np.array([np.mean([float(row[cell]) for row in table if row[cell]]) for cell in CELLS])
    row = numbers["models"][0]
    errors = [mean[i] - float(table[r][cell]) for r in HELD for i, cell in enumerate(CELLS) if table[r][cell]]
    assert (row["name"], row["kind"]) == ("mean", "mean")
    assert row["runs"][0]["scores"]["rmse"] == pytest.approx(root_mean_square(errors), rel=1e-5)
    asked = [error for _, error in errors_on_test(data, solution, [mean] * 12)]
    assert row["scores"]["test_rmse"]["mean"] == pytest.approx(root_mean_square(asked), rel=1e-5)
    assert (row["percent_of_above"], row["percent_of_mean"]) == (None, None)
    values = [model["scores"]["test_rmse"]["mean"] for model in numbers["models"]]
    for index, model in enumerate(numbers["models"][1:], 1):
        assert model["percent_of_above"] == pytest.approx(100 * values[index] / values[index - 1])
        assert model["percent_of_mean"] == pytest.approx(100 * values[index] / values[0])


def test_seeds_are_one_row_in_the_order_given(numbers: dict[str, Any]) -> None:
    names = [model["name"] for model in numbers["models"]]
    assert names == ["mean", "baseline", "specialists", "heatmap", "joined"]
    row = numbers["models"][1]
    assert row["seeds"] == [0, 1, 2]
    for score in ("rmse", "test_rmse_second", "rmse_mouth_brows"):
        of_runs = [run["scores"][score] for run in row["runs"]]
        assert len(set(of_runs)) == 3
        assert row["scores"][score] == {
            "mean": pytest.approx(np.mean(of_runs)), "low": min(of_runs), "high": max(of_runs)
        }  # fmt: skip


def test_folds_are_pooled_and_their_test_scores_averaged(
    numbers: dict[str, Any], data: Path, runs: list[Path], solution: Path
) -> None:
    row = numbers["models"][2]
    errors = held_out_errors(data, runs[3], {0: HELD, 1: [0, 2, 17]})
    assert row["runs"][0]["held_out_rows"] == 9
    assert row["scores"]["rmse"]["mean"] == pytest.approx(root_mean_square([error for _, _, error in errors]), rel=1e-5)
    said = [[answers(runs[3], fold, 0, image, test=True) for image in range(12)] for fold in (0, 1)]
    of_folds = [root_mean_square([error for _, error in errors_on_test(data, solution, points)]) for points in said]
    assert row["scores"]["test_rmse"]["mean"] == pytest.approx(sum(of_folds) / 2, rel=1e-5)
    assert (row["seconds"], row["parameters"]) == (1.5 * COST["seconds"], COST["parameters"])


def test_an_ensemble_costs_what_its_networks_cost(numbers: dict[str, Any]) -> None:
    row = numbers["models"][4]
    assert (row["kind"], row["options"], row["seeds"]) == ("ensemble", None, [])
    assert row["scores"]["rmse"]["mean"] == pytest.approx(0.5, rel=1e-5)
    assert (row["parameters"], row["seconds"], row["peak_memory_mb"]) == (3000, 4 * COST["seconds"], 500)


def test_histories_are_read_whatever_their_columns_are_called(numbers: dict[str, Any]) -> None:
    found = [(one["model"], one["seed"], one["fold"], one["part"]) for one in numbers["histories"]]
    joint = [("baseline", seed, 0, "joint") for seed in (0, 1, 2)]
    both = [("specialists", 0, fold, part) for fold in (0, 1) for part in ("joint", "eye_centers")]
    assert found == [*joint, *both, ("heatmap", 0, 0, "joint")]
    for one in numbers["histories"]:
        assert one["epochs"] == [1, 2, 3, 4]
        assert one["validation_rmse"] == [9, 3, 2, 2.5]
        assert one["training_rmse"] == [4.5, 1.5, 1, 1.25]
        assert one["best_epoch"] == 3


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


def test_runs_are_compared_over_the_seeds_that_both_have(
    dataset: Dataset, data: Path, solution: Path, tmp_path: Path
) -> None:
    apart, together = (
        [
            write_run(tmp_path / f"{way}{seed}", dataset, {0: HELD}, seed=seed, conventions=way, noise=noise)
            for seed in seeds
        ]
        for way, noise, seeds in (("apart", 1, (0, 1, 2)), ("together", 2, (1, 2, 3)))
    )
    filled = write_run(tmp_path / "filled", dataset, {0: [*HELD, 2]}, seed=2, missing="fill")
    other = write_run(tmp_path / "other", dataset, {0: HELD}, seed=1, conventions="together", loss="wing")
    comparison = read_comparison([*together, *apart, filled, other], data, solution)
    names = [entry.name for entry in comparison.entries]
    assert names == [
        "baseline, mse, mask, together", "baseline, mse, mask, apart", "baseline, mse, fill, apart",
        "baseline, wing, mask, together",
    ]  # fmt: skip
    found = worth(comparison)
    assert {(one["with"], one["without"]) for one in found} == {(names[1], names[0]), (names[1], names[2])}
    (record,) = (one for one in found if (one["option"], one["score"]) == ("conventions", "rmse"))
    scores = [
        [root_mean_square([error for _, _, error in held_out_errors(data, run, {0: HELD})]) for run in chosen]
        for chosen in (apart[1:], together[:2])
    ]
    assert record["values"] == ["apart", "together"]
    assert record["seeds"] == [1, 2]
    assert record["percent"] == pytest.approx(100 * sum(scores[0]) / sum(scores[1]), rel=1e-5)
    each = [100 * a / b for a, b in zip(*scores, strict=True)]
    assert (record["percent_low"], record["percent_high"]) == pytest.approx((min(each), max(each)), rel=1e-5)
    missing = [one for one in found if one["option"] == "missing"]
    assert {one["score"] for one in missing} == {"test_rmse", "test_rmse_first", "test_rmse_second"}  # other rows held
    assert missing[0]["values"] == ["mask", "fill"]
    assert missing[0]["seeds"] == [2]


def test_what_the_conventions_are_worth_has_a_section(
    dataset: Dataset, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, way, seed in (("a", "apart", 0), ("b", "together", 0), ("c", "together", 1)):
        folder = tmp_path / ("runs" if name != "c" else "others") / name
        write_run(folder, dataset, {0: HELD}, conventions=way, seed=seed, parts=())
    runs, out = tmp_path / "runs", tmp_path / "out"
    command([runs / "a", runs / "b", runs / "a"], data=data, solution=None, out=out, as_json=True)
    numbers = json.loads(capsys.readouterr().out)
    assert [len(model["runs"]) for model in numbers["models"]] == [1, 1, 1]
    html = (out / "report.html").read_text()
    assert "What keeping the conventions apart is worth" in html
    assert "All models hold out the same rows" in html
    assert f'<td class="number">{numbers["worth"][0]["percent"]:.1f}</td>' in html
    assert not (out / "histories.png").exists()
    command([runs / "a", tmp_path / "others" / "c"], data=data, solution=None, out=out, as_json=False)
    said = capsys.readouterr().out
    assert "baseline, apart" in said
    assert f"written: {out / 'report.html'}" in said
    assert "have no seed in common" in (out / "report.html").read_text()


def test_without_a_solution_the_held_out_rows_decide(tmp_path: Path) -> None:
    """And without a table of what is asked for, the test faces are shown all the same."""
    folder = write_competition(tmp_path / "data", first=10, second=0)
    (folder / "IdLookupTable.csv").unlink()
    run = write_run(tmp_path / "run", read_dataset(folder), {0: [3, 7]})
    (run / "fold-0" / "joint" / "history.csv").write_text("epoch,rmse,val_rmse\n0,3.0,0.0\n")
    numbers = compare([run], tmp_path / "out")
    assert numbers["main_score"] == "rmse"
    mean, row = numbers["models"]
    assert not any(name.startswith("test_") for name in row["scores"])
    assert row["percent_of_mean"] == pytest.approx(100 * row["scores"]["rmse"]["mean"] / mean["scores"]["rmse"]["mean"])
    assert numbers["test_faces"] == {"images": [1, 2, 3, 4]}
    assert numbers["histories"][0]["validation_rmse"] == [None]  # nothing that was held out had a label
    pictures = {path.stem for path in (tmp_path / "out").glob("*.png")}
    assert pictures == {"models", "keypoints", "histories", "test_faces", "worst_cases", "cumulative_errors"}
    write(tmp_path / "solution.csv", ["RowId", "Location"], [[1, 40]])
    with pytest.raises(InputError, match=r"lacks test\.csv or IdLookupTable\.csv"):
        compare([run], tmp_path / "out", solution=tmp_path / "solution.csv")


def test_rows_of_a_face_set_have_no_line(runs: list[Path], data: Path) -> None:
    comparison = read_comparison(runs[:1], data)
    assert line_of(comparison, 5) == 7
    assert line_of(replace(comparison, dataset=replace(comparison.dataset, source=Path("faces.csv"))), 5) is None


def test_ten_rows_of_one_kind_and_nothing_else(tmp_path: Path) -> None:
    """No test images, no second kind, a column without a label, a held-out row without one, no history."""
    folder = write_competition(tmp_path / "data", first=10, second=0)
    table = read_table(folder / "training.csv")
    for index, row in enumerate(table):
        row |= {"mouth_left_corner_x": "", "mouth_left_corner_y": ""} | (dict.fromkeys(CELLS, "") if index == 3 else {})
    write(folder / "training.csv", [*CELLS, "Image"], [list(row.values()) for row in table])
    for name in ("test.csv", "IdLookupTable.csv"):
        (folder / name).unlink()
    dataset = read_dataset(folder)
    run = write_run(tmp_path / "run", dataset, {0: [3, 7]}, parts=())
    blind = write_run(tmp_path / "blind", dataset, {0: [3]}, parts=(), model="regions")
    compare([blind, run], tmp_path / "turned")
    assert (tmp_path / "turned" / "keypoints.png").exists()
    numbers = compare([run, blind], tmp_path / "out")
    text = (tmp_path / "out" / "compare.json").read_text()
    assert "NaN" not in text
    row = numbers["models"][1]
    errors = held_out_errors(folder, run, {0: [3, 7]})
    assert len(errors) == 28
    assert row["scores"]["rmse"]["mean"] == pytest.approx(root_mean_square([error for _, _, error in errors]), rel=1e-5)
    assert row["scores"]["rmse_test_mix"] == row["scores"]["rmse_first"]
    assert row["scores"]["rmse_second"] is None
    assert row["scores"]["rmse_mouth_left_corner"] is None
    assert numbers["models"][2]["scores"]["rmse"] is None
    assert numbers["models"][2]["percent_of_above"] is None
    assert [face["row"] for face in numbers["worst"]["baseline"]] == [7]
    assert numbers["worst"]["regions"] == []
    pictures = {path.stem for path in (tmp_path / "out").glob("*.png")}
    assert pictures == {"models", "keypoints", "worst_cases", "cumulative_errors"}
    compare([blind], tmp_path / "nothing")
    assert not list((tmp_path / "nothing").glob("*.png"))
    assert "<img" not in (tmp_path / "nothing" / "report.html").read_text()


def test_what_cannot_be_compared_is_refused_in_one_sentence(
    runs: list[Path], data: Path, dataset: Dataset, tmp_path: Path
) -> None:
    other = read_dataset(write_competition(tmp_path / "data", first=10, second=0, seed=1))
    strange = write_run(tmp_path / "strange", other, {0: [1]})
    unfinished = write_run(tmp_path / "unfinished", dataset, {})
    broken = write_run(tmp_path / "broken", dataset, {0: HELD})
    (broken / "fold-0" / "joint" / "history.csv").write_text("epoch,loss\n0,1\n")
    for words, message in (
        ([runs[0], strange], "strange was trained on other data"),
        ([runs[0], unfinished], "unfinished: no fold of this training is done"),
        ([runs[0], tmp_path], "is not the folder of a training"),
        ([tmp_path], "neither the folder of a training nor of an ensemble"),
        ([broken], "history.csv is not the history of a training"),
        ([], "nothing to compare"),
    ):
        with pytest.raises(InputError, match=message) as caught:
            compare(words, tmp_path / "out", data=data if words != [tmp_path] else None)
        assert "\n" not in str(caught.value)
    write(tmp_path / "empty.csv", ["RowId", "Location"], [[10**6, 1]])
    with pytest.raises(InputError, match="holds none of the"):
        compare([runs[0]], tmp_path / "out", data=data, solution=tmp_path / "empty.csv")
    assert not (tmp_path / "out").exists()
