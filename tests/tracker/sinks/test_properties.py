"""What holds of written files whatever the numbers are."""

import csv
import io
import json
import tempfile
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tracker import Faces, Frame
from tracker.sinks import open_points
from tracker.sinks.numbers import NUMBERS

NAMES = st.none() | st.text(st.characters(exclude_characters="/\x00", exclude_categories=()), min_size=1, max_size=12)
PIXELS = st.floats(-1e5, 1e5, width=32)
SHARES = st.floats(0, 1, width=32)


@st.composite
def some_faces(draw: st.DrawFn) -> Faces:
    count = draw(st.integers(0, 3))
    return Faces(
        draw(arrays(np.float32, (count, 15, 2), elements=PIXELS)),
        draw(arrays(np.float32, (count, 15), elements=SHARES)),
        draw(arrays(np.float32, (count, 4), elements=PIXELS)),
        draw(arrays(np.float32, count, elements=SHARES)),
        np.arange(count) + draw(st.integers(0, 2**40)),
    )


FRAMES = st.lists(st.tuples(NAMES, st.floats(-1e6, 1e9), some_faces()), max_size=4)


@settings(deadline=None, max_examples=20)
@given(FRAMES)
def test_all_files_say_the_same_and_what_they_were_given(frames: list[tuple[str | None, float, Faces]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"p{suffix}" for suffix in (".jsonl", ".csv", ".parquet", ".json")]
        sinks = [open_points(path) for path in paths]
        for index, (name, time, faces) in enumerate(frames):
            for sink in sinks:
                sink.append(Frame(np.zeros((4, 4, 3), np.uint8), index, time, name), faces)
        for sink in sinks:
            sink.close()
        lines = [json.loads(line) for line in paths[0].read_bytes().split(b"\n")[:-1]]
        rows = list(csv.DictReader(io.StringIO(paths[1].read_bytes().decode(), newline="")))
        table = pyarrow.parquet.read_table(paths[2]).to_pylist()
        coco = json.loads(paths[3].read_bytes())
    assert [line["frame"] for line in lines] == [image["id"] for image in coco["images"]] == list(range(len(frames)))
    flat = [(index, *face) for index, (_, _, faces) in enumerate(frames) for face in faces]
    assert len(flat) == len(rows) == len(table) == len(coco["annotations"])
    said = [(line, face) for line in lines for face in line["faces"]]
    for given_face, (line, face), row, record, annotation in zip(
        flat, said, rows, table, coco["annotations"], strict=True
    ):
        index, points, confidence, box, score, id_ = given_face
        assert index == line["frame"] == int(row["frame"]) == record["frame"] == annotation["image_id"]
        assert id_ == face["id"] == int(row["id"]) == record["id"] == annotation["track_id"]
        assert line["time"] == pytest.approx(frames[index][1], abs=1e-6)
        assert [float(row["time"]), record["time"]] == pytest.approx([line["time"]] * 2, rel=0, abs=1.1e-6)
        assert np.array(face["points"]) == pytest.approx(points.astype(float), abs=0.00501)
        assert np.array(face["confidence"]) == pytest.approx(confidence.astype(float), abs=0.000501)
        assert np.array(face["box"]) == pytest.approx(box.astype(float), abs=0.00501)
        assert face["score"] == pytest.approx(score, abs=0.000501)
        numbers = [*face["box"], face["score"]]
        for point, sure in zip(face["points"], face["confidence"], strict=True):
            numbers += [*point, sure]
        assert [float(row[column]) for column in NUMBERS] == numbers
        assert [record[column] for column in NUMBERS] == pytest.approx(numbers, rel=1e-6)
        assert np.array(annotation["keypoints"]).reshape(15, 3)[:, :2].tolist() == face["points"]
        name = frames[index][0]
        assert line.get("file") == record["file"] == (name and name.encode("utf-8", "backslashreplace").decode())
        assert not row["file"].startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
