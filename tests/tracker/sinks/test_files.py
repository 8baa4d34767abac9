import csv
import json
import shutil
from pathlib import Path

import av
import jsonschema
import numpy as np
import polars
import pyarrow.parquet
import pytest

from tests.tracker.sinks.given import GIVEN, faces, frame
from tracker import Frame, OutputError
from tracker.sinks import open_points, open_video
from tracker.sinks import table as table_module
from tracker.sinks.table import COLUMNS

SCHEMA = json.loads((Path(table_module.__file__).parent / "points.schema.json").read_text(encoding="utf-8"))


def written(path: Path) -> Path:
    with open_points(path) as sink:
        for one in GIVEN:
            sink.append(*one)
    return path


def test_every_frame_is_a_line_as_the_schema_says(tmp_path: Path) -> None:
    lines = written(tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    for record in records:
        jsonschema.validate(record, SCHEMA)
    assert [len(record["faces"]) for record in records] == [2, 0, 1]
    assert records[1] == {"frame": 1, "time": 0.033367, "faces": []}
    assert records[2]["file"] == GIVEN[2][0].name
    assert records[0]["faces"][1]["id"] == 7
    assert np.allclose(records[0]["faces"][1]["points"], GIVEN[0][1].points[1], atol=0.006)


def test_a_table_has_a_row_per_face(tmp_path: Path) -> None:
    with written(tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert [(row["frame"], row["id"], row["file"]) for row in rows] == [
        ("0", "3", ""),
        ("0", "7", ""),
        ("2", "3", GIVEN[2][0].name),
    ]
    assert float(rows[1]["mouth_center_bottom_lip_y"]) == pytest.approx(GIVEN[0][1].points[1, 14, 1], abs=0.006)
    assert float(rows[1]["nose_tip_confidence"]) == pytest.approx(0.877)


def test_csv_and_parquet_agree(tmp_path: Path) -> None:
    table = pyarrow.parquet.read_table(written(tmp_path / "a.parquet"))
    assert tuple(table.column_names) == COLUMNS
    with written(tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
        for row, other in zip(csv.DictReader(file), table.to_pylist(), strict=True):
            for name in COLUMNS:
                if name == "file":
                    assert (row[name] or None) == other[name]
                else:
                    assert float(row[name]) == pytest.approx(other[name], abs=1e-4)


def test_polars_reads_the_table(tmp_path: Path) -> None:
    table = polars.read_parquet(written(tmp_path / "a.parquet"))
    assert tuple(table.columns) == COLUMNS
    assert table["id"].to_list() == [3, 7, 3]
    assert table["id"].dtype == table["frame"].dtype == polars.Int64
    assert table["file"].to_list() == [None, None, GIVEN[2][0].name]
    points = table.select([name for name in COLUMNS if name.endswith(("_x", "_y"))]).to_numpy()
    given = np.concatenate([given.points.reshape(-1, 30) for _, given in GIVEN])
    assert np.abs(points - given).max() < 0.00501


def test_row_groups_are_written_as_they_fill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_module, "ROWS_AT_ONCE", 3)
    with open_points(tmp_path / "a.parquet") as sink:
        for index, ids in enumerate([(3, 7), (3, 7), (3, 7), (3, 7), (3,)]):
            sink.append(frame(index), faces(*ids))
    told = pyarrow.parquet.ParquetFile(tmp_path / "a.parquet").metadata
    assert [told.row_group(number).num_rows for number in range(told.num_row_groups)] == [4, 4, 1]


def test_lines_are_on_the_disk_at_once(tmp_path: Path) -> None:
    with open_points(tmp_path / "a.jsonl") as sink:
        sink.append(*GIVEN[0])
        assert len((tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()) == 1


def test_a_table_without_faces_is_a_table(tmp_path: Path) -> None:
    for name in ("a.csv", "a.parquet"):
        with open_points(tmp_path / name):
            pass
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == ",".join(COLUMNS) + "\n"
    assert pyarrow.parquet.read_table(tmp_path / "a.parquet").num_rows == 0


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv"])
@pytest.mark.parametrize("size", [(120, 160), (121, 161)])
def test_a_video_has_the_frames_and_times_given(tmp_path: Path, suffix: str, size: tuple[int, int]) -> None:
    times = [0.0, 0.04, 0.2, 0.23, 1.5]
    with open_video(tmp_path / f"a.{suffix}", rate=25.0) as sink:
        for index, time in enumerate(times):
            sink.append(Frame(frame(0, size=size).image, index, time), faces(1))
    with av.open(str(tmp_path / f"a.{suffix}")) as container:
        frames = list(container.decode(video=0))
    assert [picture.time for picture in frames] == pytest.approx(times, abs=0.001)
    assert frames[0].height in (size[0], size[0] + 1)


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv"])
def test_a_video_can_be_played_before_it_is_closed(tmp_path: Path, suffix: str) -> None:
    """As it is after a kill: all but the last second is there, from the first frame on."""
    path, killed = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"
    with open_video(path, rate=30.0) as sink:
        for index in range(75):
            sink.append(Frame(frame(0).image, index, 5 + index / 30), faces(1))
        shutil.copy(path, killed)
    with av.open(str(killed)) as container:
        times = [picture.time for picture in container.decode(video=0)]
    assert times == pytest.approx(5 + np.arange(len(times)) / 30, abs=0.001)
    assert times[-1] > 5 + 74 / 30 - 1


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv"])
def test_a_recording_that_begins_in_the_middle_is_played_from_its_first_frame(tmp_path: Path, suffix: str) -> None:
    apart = np.array([0.0, 0.04, 0.2, 1.5])
    with open_video(tmp_path / f"a.{suffix}", rate=25.0, from_zero=True) as sink:
        for time in 600.0 + apart:
            sink.append(Frame(frame(0).image, 0, float(time)), faces(1))
    with av.open(str(tmp_path / f"a.{suffix}")) as container:
        assert [picture.time for picture in container.decode(video=0)] == pytest.approx(apart, abs=0.001)


def test_time_that_stands_still_is_written_all_the_same(tmp_path: Path) -> None:
    with open_video(tmp_path / "a.mp4", rate=None) as sink:
        for _ in range(3):
            sink.append(frame(0), faces())
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == 3


@pytest.mark.parametrize("name", ["points", "video.mp4"])
def test_a_folder_is_no_file(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.csv").mkdir()
    with pytest.raises(OutputError, match="folder"):
        open_points(tmp_path / f"{name}.csv", overwrite=True)


@pytest.mark.parametrize("suffix", ["jsonl", "csv", "json", "parquet"])
def test_a_full_disk_is_said(tmp_path: Path, suffix: str) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("There is no /dev/full here, which behaves as a full disk.")
    (tmp_path / f"a.{suffix}").symlink_to(full)
    with pytest.raises(OutputError, match=rf"a\.{suffix} cannot be written: No space"):
        fill(tmp_path / f"a.{suffix}")
    assert [file.name for file in tmp_path.iterdir()] == [f"a.{suffix}"]


def fill(path: Path) -> None:
    with open_points(path, overwrite=True) as sink:
        sink.append(*GIVEN[0])
