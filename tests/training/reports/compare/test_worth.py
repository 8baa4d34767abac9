"""`fkd train compare`: what an option is worth, over the seeds that both ways have."""

import json
from pathlib import Path

import pytest

from tests.training.reports.compare.plain import HELD, held_out_errors, root_mean_square
from tests.training.run_folders import write_run
from training.cli.compare import compare as command
from training.data.dataset import Dataset
from training.reports.compare.conventions import worth
from training.reports.compare.reading import read_comparison


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
