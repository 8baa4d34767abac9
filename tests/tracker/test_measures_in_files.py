"""Measures in points files: columns of tables, an object in JSON Lines."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pyarrow.parquet
import pytest

from tests.tracker.sinks.given import GIVEN
from tests.tracker.sinks.test_files import SCHEMA
from tracker import Faces
from tracker.measures import MEASURES, with_measures
from tracker.sinks import open_points
from tracker.sinks.table import COLUMNS

MEASURED = [(frame, with_measures(frame, faces)) for frame, faces in GIVEN]


def blank(faces: Faces) -> Faces:
    """The same faces, none of whose measures could be taken."""
    return replace(faces, measures={name: np.full(len(faces), np.nan) for name in MEASURES})


def written(path: Path, *, known: bool = True) -> Path:
    with open_points(path, measures=MEASURES) as sink:
        for frame, faces in MEASURED:
            sink.append(frame, faces if known else blank(faces))
    return path


@pytest.mark.parametrize("known", [True, False])
def test_a_line_has_an_object_of_measures_per_face(tmp_path: Path, known: bool) -> None:
    records = [json.loads(line) for line in written(tmp_path / "a.jsonl", known=known).read_text().splitlines()]
    for record, (_, faces) in zip(records, MEASURED, strict=True):
        jsonschema.validate(record, SCHEMA)
        for name in MEASURES:
            said = [face["measures"][name] for face in record["faces"]]
            assert said == (pytest.approx(faces.measures[name], abs=1e-3) if known else [None] * len(faces))


@pytest.mark.parametrize("known", [True, False])
def test_tables_have_columns_of_measures(tmp_path: Path, known: bool) -> None:
    table = pyarrow.parquet.read_table(written(tmp_path / "a.parquet", known=known))
    with written(tmp_path / "a.csv", known=known).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert tuple(table.column_names) == tuple(rows[0]) == COLUMNS + MEASURES
    truth = np.concatenate([faces.measures["yaw"] for _, faces in MEASURED])
    if known:
        assert table["yaw"].to_pylist() == pytest.approx(truth, abs=1e-3)
        assert [float(row["yaw"]) for row in rows] == pytest.approx(truth, abs=1e-3)
    else:
        assert table["yaw"].to_pylist() == [None] * 3
        assert [row["yaw"] for row in rows] == [""] * 3


def test_a_table_without_faces_has_the_columns_too(tmp_path: Path) -> None:
    for name in ("a.csv", "a.parquet"):
        with open_points(tmp_path / name, measures=MEASURES):
            pass
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == ",".join(COLUMNS + MEASURES) + "\n"
    assert tuple(pyarrow.parquet.read_table(tmp_path / "a.parquet").column_names) == COLUMNS + MEASURES
