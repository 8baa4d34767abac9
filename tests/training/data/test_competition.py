"""Reading the competition's files: what is in them, in which packing, and what is wrong with them."""

import csv
import errno
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tests.training.competition_files import pixels, rendered, write, write_competition
from tracker.errors import InputError
from training.data import competition
from training.data.competition import read_dataset
from training.data.csv_files import parse_training
from training.data.dataset import CELLS, FIRST, SECOND


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FKD_CACHE", str(tmp_path / "cache"))


def test_cells_pixels_and_what_is_asked(tmp_path: Path) -> None:
    folder = write_competition(tmp_path / "data", first=3, second=2, test=3)
    dataset = read_dataset(folder)
    image, points = rendered(np.random.default_rng(0))
    assert np.array_equal(dataset.training.images[0], image)
    assert dataset.training.points[0] == pytest.approx(points, abs=1e-3)
    assert dataset.training.kinds.tolist() == [FIRST] * 3 + [SECOND] * 2
    assert dataset.training.labelled.sum(axis=1).tolist() == [15, 15, 15, 4, 4]
    assert dataset.training.normalised().max() <= 1.0 < dataset.training.images.max()
    assert dataset.test_ids.tolist() == [1, 2, 3]
    assert dataset.test_kinds().tolist() == [FIRST, SECOND, FIRST]


def test_the_second_reading_comes_from_the_cache_and_is_the_same(tmp_path: Path) -> None:
    folder = write_competition(tmp_path / "data", first=2, second=0)
    first = read_dataset(folder)
    kept = list((tmp_path / "cache").glob("*.npz"))
    assert len(kept) == 3
    again = read_dataset(folder)
    assert again.digest == first.digest
    assert np.array_equal(again.training.points, first.training.points)
    for path in kept:
        path.write_bytes(b"broken")
    assert np.array_equal(read_dataset(folder).training.images, first.training.images)


def test_zip_in_zip_as_downloaded_gives_the_same(tmp_path: Path) -> None:
    folder = write_competition(tmp_path / "data", first=2, second=1)
    packed = tmp_path / "facial-keypoints-detection.zip"
    with zipfile.ZipFile(packed, "w") as outer:
        for stem in ("training", "test"):
            with zipfile.ZipFile(tmp_path / f"{stem}.zip", "w") as inner:
                inner.write(folder / f"{stem}.csv", f"{stem}.csv")
            outer.write(tmp_path / f"{stem}.zip", f"{stem}.zip")
        outer.write(folder / "IdLookupTable.csv", "IdLookupTable.csv")
    loose, zipped = read_dataset(folder), read_dataset(packed)
    assert zipped.digest == loose.digest
    assert np.array_equal(zipped.training.images, loose.training.images)
    assert zipped.asked is not None


def test_a_zip_that_declares_too_much_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = tmp_path / "bomb.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as outer:
        outer.writestr("training.csv", bytes(1 << 20))
    monkeypatch.setattr(competition, "LARGEST", (1 << 20) - 1)
    monkeypatch.setattr(zipfile.ZipFile, "read", lambda *_: pytest.fail("it was unpacked"))
    with pytest.raises(InputError, match=r"bomb\.zip: training\.csv declares more than"):
        read_dataset(packed)


def test_zips_in_a_zip_in_a_zip_are_left_alone(tmp_path: Path) -> None:
    content = b""
    for _ in range(3):
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
            packed.writestr("training.zip", content)
        content = (tmp_path / "a.zip").read_bytes()
    with pytest.raises(InputError, match=r"holds no training\.csv"):
        read_dataset(tmp_path / "a.zip")


def test_nothing_is_unpacked_to_where_a_zip_says(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with zipfile.ZipFile(tmp_path / "data" / "a.zip", "w") as packed:
        packed.writestr("../training.csv", "a,b\n")
        packed.writestr("/tmp/../../test.csv", "a,b\n")
    with pytest.raises(InputError, match="the column"):
        read_dataset(tmp_path / "data" / "a.zip")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


def test_columns_may_stand_in_any_order(tmp_path: Path) -> None:
    folder = write_competition(tmp_path / "data", first=2, second=0)
    before = read_dataset(folder).training
    with (folder / "training.csv").open(newline="", encoding="utf-8") as file:
        rows = [row[::-1] for row in csv.reader(file)]
    write(folder / "training.csv", rows[0], [list(row) for row in rows[1:]])
    after = read_dataset(folder).training
    assert np.array_equal(after.points, before.points)
    assert np.array_equal(after.images, before.images)


IMAGE = pixels(np.zeros((96, 96), np.uint8))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ([*["1"] * 30, "1 2 3"], "row 3 has 3 pixels, not 9216"),
        ([*["1"] * 30, IMAGE[:-1] + "x"], "row 3: the pixels are not whole numbers"),
        ([*["1"] * 30, IMAGE[:-1] + "256"], "row 3: a pixel is 256"),
        ([*["1"] * 30, IMAGE[:-1] + "-1"], "row 3: a pixel is -1"),
        ([*["1"] * 29, "nose", IMAGE], "row 3: mouth_center_bottom_lip_y is 'nose', not a number"),
        ([*["1"] * 29, "inf", IMAGE], "row 3: mouth_center_bottom_lip_y is 'inf', not a number"),
        (["97", *["1"] * 29, IMAGE], "row 3: left_eye_center_x is 97, outside"),
        ([*["1"] * 29, IMAGE], "row 3 has 30 cells, not 31"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, row: list[object], message: str) -> None:
    write(tmp_path / "training.csv", [*CELLS, "Image"], [[*["1"] * 30, IMAGE], row])
    with pytest.raises(InputError, match=message):
        read_dataset(tmp_path)


def test_labels_at_the_edge_of_the_real_files_are_read(tmp_path: Path) -> None:
    cells = ["0.686592", "3.8262430563", *["48"] * 26, "61.804506", "95.8089831215"]
    write(tmp_path / "training.csv", [*CELLS, "Image"], [[*cells, IMAGE]])
    points = read_dataset(tmp_path).training.points[0]
    assert points[[0, -1]] == pytest.approx(np.array([[0.686592, 3.8262430563], [61.804506, 95.8089831215]]))


def test_a_row_that_is_no_text_is_named(tmp_path: Path) -> None:
    write(tmp_path / "training.csv", [*CELLS, "Image"], [[*["1"] * 30, IMAGE]] * 3)
    lines = (tmp_path / "training.csv").read_bytes().splitlines(keepends=True)
    lines[2] = b"\xff" + lines[2]
    for mark in (b"", b"\xef\xbb\xbf"):
        (tmp_path / "training.csv").write_bytes(mark + b"".join(lines))
        with pytest.raises(InputError, match="row 3 is not text"):
            read_dataset(tmp_path)


def test_parsing_takes_less_memory_than_the_file(tmp_path: Path) -> None:
    write(tmp_path / "training.csv", [*CELLS, "Image"], [[*["1"] * 30, IMAGE.replace("0", "100")]] * 60)
    content = (tmp_path / "training.csv").read_bytes()
    tracemalloc.start()
    try:
        parse_training("training.csv", content)
        assert tracemalloc.get_traced_memory()[1] < len(content)
    finally:
        tracemalloc.stop()


def test_a_full_disk_is_no_hindrance_and_holds_nothing_of_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(path: Path, **_: object) -> None:
        Path(path).write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez", fill)
    assert len(read_dataset(write_competition(tmp_path / "data", first=2, second=0)).training) == 2
    assert list((tmp_path / "cache").iterdir()) == []


def test_wrong_columns_missing_files_and_broken_zips_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no training\.csv"):
        read_dataset(tmp_path)
    with pytest.raises(InputError, match="nothing at"):
        read_dataset(tmp_path / "nowhere")
    (tmp_path / "training.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="the column left_eye_center_x is missing, and 30 more"):
        read_dataset(tmp_path)
    (tmp_path / "broken.zip").write_bytes(b"PK no zip")
    with pytest.raises(InputError, match="not a zip"):
        read_dataset(tmp_path / "broken.zip")


def test_a_question_about_an_image_that_is_not_there_is_named(tmp_path: Path) -> None:
    folder = write_competition(tmp_path / "data", first=2, second=0, test=2)
    write(folder / "IdLookupTable.csv", ["RowId", "ImageId", "FeatureName"], [[7, 9, "nose_tip_x"]])
    with pytest.raises(InputError, match="in RowId 7 for image 9"):
        read_dataset(folder)
