"""What is written of one frame, number for number."""

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest

from tracker import Faces, Frame
from tracker.keypoints import COUNT, KEYPOINTS
from tracker.sinks import open_points
from tracker.sinks.coco import CocoSink
from tracker.sinks.numbers import NUMBERS

FRAME = Frame(np.zeros((20, 30, 3), np.uint8), 4, 1.23456789, "a.png")
BOX = [1.2345, 2.3456, 11.2849, 32.3951]
"""Of the first face; as written, it is 10.05 wide and 30.05 high."""


def two_faces() -> Faces:
    """Faces that nothing has been written of before: what was written of the same ones is remembered."""
    points = np.arange(2 * COUNT * 2).reshape(2, COUNT, 2) + 0.126
    boxes = np.array([BOX, [0, 1, 2, 3]])
    confidence = np.linspace(0.1236, 0.9996, 2 * COUNT).reshape(2, COUNT)
    measures = {"yaw": [1.23456, np.nan], "roll": [-2, 0.5]}
    return Faces(points, confidence, boxes, np.array([0.98765, 0.5]), np.array([3, 2**40]), measures)


def points_written(face: int) -> list[list[float]]:
    return [[round(30 * face + 2 * row + offset, 2) for offset in (0.13, 1.13)] for row in range(COUNT)]


def sure_written(face: int) -> list[float]:
    return [round(value, 3) for value in np.linspace(0.1236, 0.9996, 2 * COUNT)[face * COUNT :][:COUNT].tolist()]


def test_a_line(tmp_path: Path) -> None:
    with open_points(tmp_path / "a.jsonl") as sink:
        sink.append(FRAME, two_faces())
    first = {"id": 3, "box": [1.23, 2.35, 11.28, 32.4], "score": 0.988, "points": points_written(0)}
    second = {"id": 2**40, "box": [0, 1, 2, 3], "score": 0.5, "points": points_written(1)}
    assert json.loads((tmp_path / "a.jsonl").read_bytes()) == {
        "frame": 4,
        "time": 1.234568,
        "file": "a.png",
        "faces": [
            first | {"confidence": sure_written(0), "measures": {"yaw": 1.2346, "roll": -2}},
            second | {"confidence": sure_written(1), "measures": {"yaw": None, "roll": 0.5}},
        ],
    }


def test_rows(tmp_path: Path) -> None:
    with open_points(tmp_path / "a.csv", measures=("yaw", "roll")) as sink:
        sink.append(FRAME, two_faces())
    numbers = [1.23, 2.35, 11.28, 32.4, 0.988]
    for (x, y), sure in zip(points_written(0), sure_written(0), strict=True):
        numbers += [x, y, sure]
    expected = [["frame", "time", "file", "id", *NUMBERS, "yaw", "roll"]]
    expected.append(["4", "1.234568", "a.png", "3", *map(str, numbers), "1.2346", "-2.0"])
    text = (tmp_path / "a.csv").read_bytes().decode("utf-8")
    lines = [line.split(",") for line in text.split("\n")]
    assert lines[:2] == expected
    assert lines[2][3] == str(2**40)
    assert lines[2][-2:] == ["", "0.5"]
    assert lines[3:] == [[""]]
    assert "\r" not in text


def test_the_same_rows_as_parquet(tmp_path: Path) -> None:
    with open_points(tmp_path / "a.parquet", measures=("yaw", "roll")) as sink:
        sink.append(FRAME, two_faces())
        sink.append(FRAME, two_faces())
    table = pyarrow.parquet.read_table(tmp_path / "a.parquet")
    types = dict.fromkeys((*NUMBERS, "yaw", "roll"), "float") | {"frame": "int64", "id": "int64", "time": "double"}
    assert {field.name: str(field.type) for field in table.schema} == types | {"file": "string"}
    assert b"coordinates in pixels" in table.schema.metadata[b"description"]
    rows = table.to_pylist()
    assert rows[:2] == rows[2:]
    first, second = rows[:2]
    assert (first["frame"], first["time"], first["file"], first["id"]) == (4, 1.234568, "a.png", 3)
    assert (second["id"], second["yaw"], second["roll"]) == (2**40, None, 0.5)
    x, y = points_written(1)[-1]
    assert (second[f"{KEYPOINTS[-1]}_x"], second[f"{KEYPOINTS[-1]}_y"]) == (np.float32(x), np.float32(y))
    assert pyarrow.parquet.ParquetFile(tmp_path / "a.parquet").metadata.row_group(0).column(0).compression == "ZSTD"


def test_a_coco_file(tmp_path: Path) -> None:
    with open_points(tmp_path / "a.json") as sink:
        sink.append(FRAME, two_faces())
        sink.append(FRAME, two_faces())
        sink.append(Frame(FRAME.image, 5, 2.0), two_faces())
    content = json.loads((tmp_path / "a.json").read_bytes())
    assert content["info"] == {"description": "Faces found by fkd"}
    assert [note["id"] for note in content["annotations"]] == [1, 2, 3, 4, 5, 6]
    image = {"id": 4, "file_name": "a.png", "width": 30, "height": 20, "time": 1.234568}
    assert content["images"][0] == content["images"][1] == image
    assert content["images"][2] == {"id": 5, "file_name": "frame_000005.png", "width": 30, "height": 20, "time": 2.0}
    assert content["annotations"][0] == {
        "id": 1,
        "image_id": 4,
        "category_id": 1,
        "iscrowd": 0,
        "bbox": [1.23, 2.35, 10.05, 30.05],
        "area": 302.0,
        "num_keypoints": COUNT,
        "keypoints": [value for x, y in points_written(0) for value in (x, y, 2)],
        "score": 0.988,
        "track_id": 3,
        "confidence": sure_written(0),
    }


def test_a_coco_file_without_frames(tmp_path: Path) -> None:
    CocoSink(tmp_path / "a.json").close()
    content = json.loads((tmp_path / "a.json").read_bytes())
    assert content["annotations"] == content["images"] == []
    assert content["categories"][0]["name"] == "face"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_name_that_a_spreadsheet_would_run_is_a_path(tmp_path: Path, sign: str) -> None:
    with open_points(tmp_path / "a.csv") as sink:
        sink.append(Frame(FRAME.image, 0, 0.0, f"{sign}cmd.png"), two_faces())
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
        names = [row["file"] for row in csv.DictReader(file)]
    assert all(name[0] not in "=+-@\t\r\n" and name.endswith("cmd.png") for name in names)
    assert len(names) == 2
