"""The Python that pages show runs as it stands, and says what the tables hold."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

from tests.docs.shown import ROOT
from tracker import Tracker
from tracker.measures import MEASURES, with_measures
from tracker.sinks import open_outputs, open_video
from tracker.sources.demo import Demo

FRAMES = 30


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables of the first second of the demo, after two frames without a face, and the demo as a video."""
    folder = tmp_path_factory.mktemp("tables")
    paths = [folder / name for name in ("points.parquet", "points.csv", "me.csv", "points.jsonl")]
    with (
        Tracker() as tracker,
        open_video(folder / "clip.mp4", rate=30) as video,
        open_outputs(points=paths, measures=MEASURES) as outputs,
    ):
        for frame in Demo(seconds=FRAMES / 30):
            if frame.index < 2:
                frame.image[:] = 0
            faces = with_measures(frame, tracker.update(frame))
            video.append(frame, faces)
            outputs.append(frame, faces)
    return folder


def shown(page: str) -> list[str]:
    """The blocks of Python on a page."""
    return re.findall(r"^```python\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def run_all(page: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Runs the blocks of a page one after another, as in a notebook; returns the variables."""
    monkeypatch.chdir(folder)
    variables: dict[str, Any] = {}
    for block in shown(page):
        exec(compile(block, page, "exec"), variables)
    return variables


def test_tables_are_read_by_pandas_and_polars(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    variables = run_all("docs/tables.md", folder, monkeypatch)
    table = pandas.read_parquet(folder / "points.parquet")
    assert len(table) == FRAMES - 2
    assert variables["points"].shape == (FRAMES - 2, 15, 2)
    assert variables["points"][-1, 10] == pytest.approx(table[["nose_tip_x", "nose_tip_y"]].to_numpy()[-1])
    moved = np.hypot(*np.diff(table[["nose_tip_x", "nose_tip_y"]].to_numpy(), axis=0).T)
    assert variables["speed"].dropna().to_numpy() == pytest.approx(moved * 30, rel=1e-3)
    assert variables["per_face"]["measures.yaw"].to_numpy() == pytest.approx(table["yaw"].to_numpy(), abs=1e-3)
    assert "2 frames without a face" in capsys.readouterr().out


def test_a_table_is_the_same_as_csv_and_as_parquet(folder: Path) -> None:
    text, typed = pandas.read_csv(folder / "points.csv"), pandas.read_parquet(folder / "points.parquet")
    assert list(text.columns) == list(typed.columns)
    numbers = [name for name in typed.columns if name != "file"]
    assert text[numbers].to_numpy(float) == pytest.approx(typed[numbers].to_numpy(float), rel=1e-5)


def test_columns_are_those_that_the_page_lists(folder: Path) -> None:
    page = (ROOT / "docs/tables.md").read_text(encoding="utf-8")
    columns = set(pandas.read_csv(folder / "points.csv").columns) - set(MEASURES)
    listed = set(re.findall(r"`(\w+)`", page.split("## Columns")[1].split("## pandas")[0])) - {"KEYPOINT_x"}
    fields = {re.sub(r"^.*_(x|y|confidence)$", r"KEYPOINT_\1", name) for name in columns}
    assert fields - {"KEYPOINT_x"} == listed


def test_the_first_table_of_the_quick_start(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run_all("docs/quick-start.md", folder, monkeypatch)
    assert "nose_tip_x" in capsys.readouterr().out


def test_the_loop_of_the_library_page(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "clip.mp4").symlink_to(folder / "clip.mp4")
    run_all("docs/library.md", tmp_path, monkeypatch)
    assert len(pandas.read_parquet(tmp_path / "points.parquet")) == FRAMES - 2
