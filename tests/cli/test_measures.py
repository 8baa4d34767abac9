import json
from pathlib import Path

import pyarrow.parquet
import pytest

from tests.cli.test_video import lines, one_sentence
from tests.conftest import Run
from tracker.measures import MEASURES


def test_measures_come_when_asked_for(run: Run, clip: Path, tmp_path: Path) -> None:
    assert run("fkd", "video", clip, "--points", "p.parquet", "--measures").returncode == 0
    assert run("fkd", "video", clip, "--points", "p.jsonl").returncode == 0
    table = pyarrow.parquet.read_table(tmp_path / "p.parquet")
    assert set(MEASURES) < set(table.column_names)
    assert table["distance"].null_count == 0
    assert "measures" not in lines(tmp_path / "p.jsonl")[0]["faces"][0]


def test_twice_the_focal_length_is_about_twice_the_distance(run: Run, clip: Path, tmp_path: Path) -> None:
    found = []
    for focal in ("640", "1280"):
        name = f"{focal}.jsonl"
        assert run("fkd", "video", clip, "--points", name, "--measures", "--focal", focal).returncode == 0
        found.append(json.loads((tmp_path / name).read_text(encoding="utf-8").splitlines()[0])["faces"][0]["measures"])
    assert found[1]["distance"] / found[0]["distance"] == pytest.approx(2, rel=0.05)


def test_the_live_loop_measures_too(run: Run, clip: Path, tmp_path: Path) -> None:
    result = run("fkd-live", "--video", clip, "--no-window", "--points", "p.jsonl", "--measures")
    assert result.returncode == 0, result.stderr
    assert set(lines(tmp_path / "p.jsonl")[-1]["faces"][0]["measures"]) == set(MEASURES)


@pytest.mark.parametrize(
    "words", [["--focal", "600"], ["--measures", "--focal", "0"], ["--measures", "--focal", "nan"]]
)
def test_a_focal_length_of_no_use_is_refused(run: Run, clip: Path, tmp_path: Path, words: list[str]) -> None:
    assert "focal length" in one_sentence(run("fkd", "video", clip, "--points", "p.jsonl", *words))
    assert not (tmp_path / "p.jsonl").exists()
