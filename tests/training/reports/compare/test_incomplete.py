"""`fkd train compare` where something is missing or does not belong together."""

from pathlib import Path

import pytest

from tests.training.competition_files import write, write_competition
from tests.training.reports.compare.plain import HELD, held_out_errors, read_table, root_mean_square
from tests.training.run_folders import write_run
from tracker.errors import InputError
from training.data.competition import read_dataset
from training.data.dataset import CELLS, Dataset
from training.reports.compare.report import compare


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
