"""Names of files: whatever a disk can hold comes through, and runs nothing."""

import csv
import json
import os
import shutil
from pathlib import Path

import pyarrow.parquet
import pytest

from tests.tracker.faults.conftest import Fkd
from tests.tracker.faults.test_pictures import write
from tests.tracker.test_sources import write_video
from tracker.cli.messages import printable

NAMES = [
    b"with spaces.png",
    b"'quoted' \"twice\".png",
    b"-x.png",
    b"--out=y.png",
    b"=cmd|' calc'!A0.png",
    b"+1.png",
    b"@sum(1).png",
    b"a,b;c.png",
    b"new\nline.png",
    b"\ttab.png",
    b"\rback.png",
    b"\x1b[31mred.png",
    "Ünïcödé 面 🙂 \u202egnp.png".encode(),
    b"no text \xff\xfe.png",
    b"%s %d {} $HOME `id`.png",
    b"x" * 200 + b".png",
]


def as_text(name: bytes) -> str:
    return os.fsdecode(name).encode("utf-8", "backslashreplace").decode()


def test_pictures_of_any_name_come_through_all_outputs(tmp_path: Path, run_fkd: Fkd) -> None:
    write(tmp_path / "a.png")
    (tmp_path / "in").mkdir()
    for name in NAMES:
        shutil.copy(tmp_path / "a.png", os.fsencode(tmp_path / "in") + b"/" + name)
    tables = [f"p{suffix}" for suffix in (".jsonl", ".csv", ".parquet", ".json")]
    options = [word for table in tables for word in ("--points", table)]
    outcome = run_fkd("video", "in", *options, "--out", "out")
    assert outcome.code == 0
    assert outcome.warned == ""
    expected = {as_text(name) for name in NAMES}
    lines = (tmp_path / "p.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["file"] for line in lines} == expected
    assert set(pyarrow.parquet.read_table(tmp_path / "p.parquet")["file"].to_pylist()) == expected
    coco = json.loads((tmp_path / "p.json").read_text(encoding="utf-8"))
    assert {image["file_name"] for image in coco["images"]} == expected
    with (tmp_path / "p.csv").open(newline="", encoding="utf-8") as file:
        cells = {row["file"] for row in csv.DictReader(file)}
    assert {cell.removeprefix("./") for cell in cells} == {name.replace("\r", r"\r") for name in expected}
    assert {os.fsencode(path.name) for path in (tmp_path / "out").iterdir()} == set(NAMES)


def test_no_cell_of_a_table_is_a_formula(tmp_path: Path, run_fkd: Fkd) -> None:
    write(tmp_path / "a.png")
    (tmp_path / "in").mkdir()
    for name in NAMES:
        shutil.copy(tmp_path / "a.png", os.fsencode(tmp_path / "in") + b"/" + name)
    assert run_fkd("video", "in", "--points", "p.csv").code == 0
    with (tmp_path / "p.csv").open(newline="", encoding="utf-8") as file:
        names = [row["file"] for row in csv.DictReader(file)]
    assert not any(name.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for name in names)
    assert "./=cmd|' calc'!A0.png" in names


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_file_of_any_name_is_read_written_and_said(tmp_path: Path, run_fkd: Fkd, name: bytes) -> None:
    write_video(tmp_path / "a.mp4", [0.0, 0.1])
    clip = os.fsdecode(name.removesuffix(b".png") + b".mp4")
    (tmp_path / "a.mp4").rename(tmp_path / clip)
    outcome = run_fkd("video", "--out", f"new {clip}", "--", clip)
    assert outcome.code == 0
    assert (tmp_path / f"new {clip}").stat().st_size > 500
    assert outcome.said.splitlines()[-1] == f"written: new {printable(clip)}"
    assert outcome.said.replace("\n", "").isprintable()
    (tmp_path / clip).write_bytes(b"no video")
    assert run_fkd("video", "--", clip).sentence.isprintable()
    (tmp_path / clip).unlink()
    assert run_fkd("video", "--", clip).sentence == f"fkd: There is no file {printable(clip)}."
