import csv
import json
import subprocess
from pathlib import Path

import av
import cv2
import numpy as np
import pyarrow.parquet
import pytest

from tests.conftest import Run


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def one_sentence(result: "subprocess.CompletedProcess[str]") -> str:
    """The only line on stderr of a program that refused."""
    assert result.returncode == 2, result.stderr
    assert "Traceback" not in result.stderr
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith("fkd: ")
    assert line.endswith(".")
    return line


def test_a_video_becomes_points_and_an_annotated_copy(run: Run, clip: Path, tmp_path: Path) -> None:
    result = run("fkd", "video", clip, "--out", "annotated.mp4", "--points", "points.jsonl")
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    records = lines(tmp_path / "points.jsonl")
    assert [record["frame"] for record in records] == list(range(60))
    assert np.allclose([record["time"] for record in records], np.arange(60) / 30, atol=1e-3)
    assert all(record["faces"] for record in records)
    assert {face["id"] for record in records for face in record["faces"]} == {0}
    with av.open(str(tmp_path / "annotated.mp4")) as container:
        times = [frame.time for frame in container.decode(video=0)]
    assert np.allclose(times, np.arange(60) / 30, atol=1e-3)


def test_the_annotated_copy_shows_the_points(run: Run, clip: Path, tmp_path: Path) -> None:
    assert run("fkd", "video", clip, "--out", "annotated.mp4", "--points", "points.jsonl").returncode == 0
    before, after = (cv2.VideoCapture(str(path)).read()[1].astype(int) for path in (clip, tmp_path / "annotated.mp4"))
    change = np.abs(after - before).sum(axis=2)
    (face,) = lines(tmp_path / "points.jsonl")[0]["faces"]
    near = np.mean([change[round(y), round(x)] for x, y in face["points"]])
    assert near > 5 * change.mean()


def test_csv_and_parquet_hold_the_same_rows(run: Run, clip: Path, tmp_path: Path) -> None:
    for name in ("points.csv", "points.parquet"):
        assert run("fkd", "video", clip, "--points", name).returncode == 0
    with (tmp_path / "points.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    table = pyarrow.parquet.read_table(tmp_path / "points.parquet").to_pylist()
    assert len(rows) == len(table) == 60
    for row, other in zip(rows, table, strict=True):
        assert int(row["frame"]) == other["frame"]
        assert float(row["nose_tip_x"]) == pytest.approx(other["nose_tip_x"], abs=1e-3)


def test_a_folder_of_pictures_is_taken_one_by_one(run: Run, folder_of_pictures: Path, tmp_path: Path) -> None:
    result = run("fkd", "video", folder_of_pictures, "--points", "points.jsonl", "--out", "drawn")
    assert result.returncode == 0, result.stderr
    records = lines(tmp_path / "points.jsonl")
    assert [record["file"] for record in records] == [f"picture {number}.png" for number in range(3)]
    ids = [face["id"] for record in records for face in record["faces"]]
    assert len(ids) == len(set(ids)) >= 3
    assert sorted(path.name for path in (tmp_path / "drawn").iterdir()) == [f"picture {n}.png" for n in range(3)]


def test_one_picture_becomes_one_picture(run: Run, folder_of_pictures: Path, tmp_path: Path) -> None:
    result = run("fkd", "video", folder_of_pictures / "picture 0.png", "--out", "drawn.jpg", "--points", "p.jsonl")
    assert result.returncode == 0, result.stderr
    assert cv2.imread(str(tmp_path / "drawn.jpg")).shape == (480, 640, 3)
    assert len(lines(tmp_path / "p.jsonl")) == 1


def test_without_outputs_the_points_go_beside(run: Run, clip: Path, tmp_path: Path) -> None:
    assert run("fkd", "video", clip).returncode == 0
    assert len(lines(tmp_path / "clip.points.jsonl")) == 60


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [("missing.mp4", None, "no file"), ("empty.mp4", b"", "empty"), ("text.mp4", b"Once upon a time\n" * 50, "cannot")],
)
def test_what_is_no_video_is_refused(run: Run, tmp_path: Path, name: str, content: bytes | None, word: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    sentence = one_sentence(run("fkd", "video", name, "--points", "p.jsonl"))
    assert name in sentence
    assert word in sentence
    assert not (tmp_path / "p.jsonl").exists()


def test_a_folder_without_pictures_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert "fkd batch" in one_sentence(run("fkd", "video", "folder"))


def test_an_output_that_exists_is_kept(run: Run, clip: Path, tmp_path: Path) -> None:
    (tmp_path / "p.jsonl").write_text("precious", encoding="utf-8")
    assert "--overwrite" in one_sentence(run("fkd", "video", clip, "--points", "p.jsonl"))
    assert (tmp_path / "p.jsonl").read_text(encoding="utf-8") == "precious"
    assert run("fkd", "video", clip, "--points", "p.jsonl", "--overwrite").returncode == 0
    assert len(lines(tmp_path / "p.jsonl")) == 60


@pytest.mark.parametrize("words", [("fkd", "video"), ("fkd-live", "--no-window", "--video")])
def test_an_output_is_kept_if_the_network_is_none(run: Run, clip: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "p.csv").write_text("precious", encoding="utf-8")
    outputs = ("--points", "p.csv", "--points", "new.csv", "--overwrite")
    assert "nowhere.tflite" in one_sentence(run(*words, clip, *outputs, "--weights", "nowhere.tflite"))
    assert (tmp_path / "p.csv").read_text(encoding="utf-8") == "precious"
    assert not (tmp_path / "new.csv").exists()


@pytest.mark.parametrize("output", ["--out", "--points"])
def test_an_output_that_cannot_be_written_is_refused(run: Run, clip: Path, tmp_path: Path, output: str) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    name = "file/a.mp4" if output == "--out" else "file/a.csv"
    assert name in one_sentence(run("fkd", "video", clip, output, name))


@pytest.mark.parametrize(("option", "name"), [("--out", "a.docx"), ("--points", "a.xlsx")])
def test_an_output_of_an_unknown_kind_is_refused(run: Run, clip: Path, option: str, name: str) -> None:
    assert name in one_sentence(run("fkd", "video", clip, option, name))


def test_the_input_is_never_written_over(run: Run, clip: Path) -> None:
    before = clip.read_bytes()
    one_sentence(run("fkd", "video", clip, "--out", clip, "--overwrite"))
    assert clip.read_bytes() == before


@pytest.mark.parametrize(("option", "value"), [("--engine", "abacus"), ("--detector", "eagle"), ("--smooth", "silk")])
def test_a_wrong_choice_is_refused(run: Run, clip: Path, option: str, value: str) -> None:
    assert value in one_sentence(run("fkd", "video", clip, "--points", "p.jsonl", option, value))


def test_a_wrong_option_is_refused(run: Run, clip: Path) -> None:
    result = run("fkd", "video", clip, "--foo")
    assert result.returncode == 2
    assert "--foo" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_slip_of_the_pen_in_a_command_is_known(run: Run, clip: Path) -> None:
    sentence = one_sentence(run("fkd", "vidoe", clip))
    assert sentence == "fkd: No such command 'vidoe'. Did you mean 'video'? See fkd --help."


def test_a_video_that_breaks_off_is_kept_up_to_there(run: Run, clip: Path, tmp_path: Path) -> None:
    data = clip.read_bytes()
    (tmp_path / "broken.mp4").write_bytes(data[: len(data) * 6 // 10])
    result = run("fkd", "video", "broken.mp4", "--points", "p.jsonl", "--out", "out.mp4")
    assert result.returncode == 0
    assert "breaks off" in result.stderr
    read = len(lines(tmp_path / "p.jsonl"))
    assert 20 < read < 50
    with av.open(str(tmp_path / "out.mp4")) as container:
        assert sum(1 for _ in container.decode(video=0)) == read
