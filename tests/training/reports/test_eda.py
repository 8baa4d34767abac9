"""The picture book of the data: a page that is whole on all kinds of data, and says what the numbers are."""

import base64
import csv
import json
import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from tests.training.competition_files import pixels, rendered, write, write_competition
from tests.training.reports.eda_files import BROW, NOSE, Drawn, empty_cells, noise, write_data
from tracker.errors import OutputError
from tracker.keypoints import INDEX, KEYPOINTS
from training.cli.eda import eda
from training.data.competition import read_dataset
from training.data.dataset import CELLS, Dataset, Faces96
from training.reports.eda import copies, counts, row_picture
from training.reports.eda.report import SECTIONS, write_report

SOURCE = re.compile(r'<img src="([^"]*)"')


@pytest.fixture(autouse=True)
def _own_cache_and_small_figures(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FKD_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("training.reports.page.RESOLUTION", 40)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def dataset(data: Path) -> Dataset:
    return read_dataset(data, use_cache=False)


def words_of(page: Path) -> str:
    """What a page says, without its tags; cells of a table are apart by spaces."""
    return re.sub(r"(<[^>]*>|\s)+", " ", page.read_text(encoding="utf-8"))


def pictures_of(folder: Path) -> list[bytes]:
    """The pictures in a page; fails where one has no data."""
    sources = SOURCE.findall((folder / "report.html").read_text(encoding="utf-8"))
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    return [base64.b64decode(source.split(",")[1]) for source in sources]


def report_of(folder: Path, out: Path) -> dict[str, Any]:
    """Writes the report and checks that page, files and numbers agree and that no picture is there twice or empty."""
    path, numbers = write_report(read_dataset(folder), out)
    assert path == out / "report.html"
    pictures = pictures_of(out)
    files = sorted(file.read_bytes() for file in out.glob("*.png"))
    assert sorted(pictures) == files
    assert len(set(pictures)) == len(pictures)
    assert all(picture.startswith(b"\x89PNG") for picture in pictures)
    assert path.read_text(encoding="utf-8").count("<section") == len(SECTIONS)
    assert json.loads((out / "facts.json").read_text(encoding="utf-8")) == json.loads(
        json.dumps(numbers, allow_nan=False)
    )
    return numbers


def test_the_whole_report_and_a_moved_label_by_its_line(data: Path, tmp_path: Path) -> None:
    with (data / "training.csv").open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    rows[20][2 * NOSE] = str(float(rows[20][2 * NOSE]) + 30)
    for name in ("test.csv", "IdLookupTable.csv"):
        shutil.copy(data / name, tmp_path)
    write(tmp_path / "training.csv", header, [list(row) for row in rows])
    numbers = report_of(tmp_path, tmp_path / "out")
    names = {path.stem for path in (tmp_path / "out").glob("*.png")}
    assert names >= {"labels", "patterns", "missing_together", "rows", "samples", "pixels", "mean_face", "conventions"}
    assert "outliers" in names
    text = words_of(tmp_path / "out/report.html")
    assert "lines 2 to 71 are of the first kind, 72 to 111 are of the second kind" in text
    lower = re.search(r"the nose tip (\d\.\d) px lower and the mouth center bottom lip (\d\.\d) px higher", text)
    assert lower is not None
    assert [float(value) for value in lower.groups()] == pytest.approx([7, 4], abs=1)
    worst = numbers["outliers"]["worst"][0]
    assert (worst["line"], worst["keypoint"]) == (22, "nose_tip")
    assert worst["pixels"] == pytest.approx(30, abs=5)
    assert " 22 nose tip " in text
    noses = read_dataset(tmp_path).training.points[:70, NOSE].astype(np.float64)
    values = (f"{value:.2f}" for value in (*noses.mean(axis=0), *noses.std(axis=0, ddof=1)))
    assert f" nose tip 70 {' '.join(values)} " in text
    beyond = [each for each in numbers["outliers"]["worst"] if each["deviations"] > 5]
    assert len(beyond) == numbers["outliers"]["rows_beyond"]
    assert 1 <= len(beyond) < 10
    assert "Labels are left out together" in text


@pytest.mark.parametrize(("first", "second"), [(10, 0), (0, 10), (1, 0)])
def test_few_rows_of_one_kind_without_test_files(first: int, second: int, tmp_path: Path) -> None:
    folder = write_competition(tmp_path / "data", first=first, second=second)
    (folder / "test.csv").unlink()
    (folder / "IdLookupTable.csv").unlink()
    numbers = report_of(folder, tmp_path / "out")
    assert numbers["test_images"] == numbers["values_asked"] == 0
    assert not (tmp_path / "out/conventions.png").exists()
    assert not (tmp_path / "out/outliers.png").exists()
    text = (tmp_path / "out/report.html").read_text(encoding="utf-8")
    assert "There are no test images to compare with." in text
    assert "Nothing to compare" in text
    assert "Too few complete rows" in text


def test_empty_columns_and_no_label_at_all(tmp_path: Path) -> None:
    folder = write_competition(tmp_path / "data", first=12, second=4)
    empty_cells(folder, dict.fromkeys(range(16), (0, NOSE, BROW)))
    numbers = report_of(folder, tmp_path / "columns")
    assert numbers["labels"]["nose_tip"] == {"first": 0, "second": 0}
    image = pixels(rendered(np.random.default_rng(0))[0])
    (tmp_path / "none").mkdir()
    write(tmp_path / "none/training.csv", [*CELLS, "Image"], [[*[""] * 30, image]] * 3)
    numbers = report_of(tmp_path / "none", tmp_path / "nothing")
    assert numbers["rows_without_label"] == 3
    assert "No keypoint of any row has a label." in (tmp_path / "nothing/report.html").read_text(encoding="utf-8")


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = write_competition(tmp_path / "data", first=6, second=4)
    application = typer.Typer()
    application.command()(eda)
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(application, ["--data", str(data), "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["rows_of_second_kind"] == 4
    assert result.stderr.splitlines()[-1] == f"written: {Path('runs/eda/report.html')}"
    plain = CliRunner().invoke(application, ["--data", str(data), "--out", str(tmp_path / "book")])
    assert plain.stdout.splitlines()[-1] == f"written: {tmp_path / 'book/report.html'}"
    assert (tmp_path / "book/report.html").read_bytes() == (tmp_path / "runs/eda/report.html").read_bytes()


def test_figures_show_what_was_counted(dataset: Dataset) -> None:
    page = Drawn()
    counts.add(page, dataset)
    (axes,) = page.drawn["labels"].axes
    names = [label.get_text() for label in axes.get_yticklabels()]
    totals = {
        name.replace("_", " "): int(n) for name, n in zip(KEYPOINTS, dataset.training.labelled.sum(0), strict=True)
    }
    assert dict(zip(names, (text.get_text() for text in axes.texts), strict=True)) == {
        name: str(total) for name, total in totals.items()
    }
    assert [bar.get_width() for container in axes.containers for bar in container][:4] == [70, 70, 70, 68]
    row_picture.add(page, dataset)
    above, below = page.drawn["rows"].axes
    names = [label.get_text().replace(" ", "_") for label in above.get_yticklabels()]
    for axes, labels in ((above, dataset.training.labelled), (below, row_picture.asked_keypoints(dataset))):
        picture = np.asarray(axes.get_images()[0].get_array())
        absent = np.ptp(picture, axis=2) < 0.1  # gray
        assert np.array_equal(~absent, labels[:, [INDEX[name] for name in names]].T)


def test_pairs_are_named_by_line_and_test_id(dataset: Dataset) -> None:
    images, points = noise(7), dataset.training.points[:7]
    images[5] = images[1]
    twin = Dataset(dataset.source, "", Faces96(images[:6], points[:6]), images[[6, 2]], np.array([40, 50]))
    page = Drawn()
    found = copies.add(page, twin)["duplicates"]
    titles = {
        name: [axes.get_title() for axes in figure.axes if axes.get_title()] for name, figure in page.drawn.items()
    }
    assert titles == {
        "duplicates": ["line 3\n2 images", "line 7\n1.00"],
        "duplicates_in_test": ["line 4\n", "test 50\n1.00"],
    }
    assert [list(each.values())[1:] for each in found["alike"]] == [[1, 2, 2, 1]] * 3
    assert found["exact_copies"] == 1


def test_a_folder_that_cannot_be_written_is_named(dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="file cannot be written"):
        write_report(dataset, tmp_path / "file")
