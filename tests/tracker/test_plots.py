from pathlib import Path

import cv2
import numpy as np
import pytest
from matplotlib.figure import Figure

from tests.fakes import upright_points
from tracker import Faces, Frame, InputError, OutputError
from tracker.measures import MEASURES, with_measures
from tracker.measures.mean_shape import MEAN_SHAPE
from tracker.plots import panels, write_plots
from tracker.plots.figures import summary
from tracker.plots.panels import BARS, LINES, View, measures_of
from tracker.plots.reading import SUFFIXES, Table, read_table
from tracker.sinks import open_points

IMAGE = np.zeros((480, 640, 3), np.uint8)


def faces(*places: tuple[int, float, float]) -> Faces:
    points = [upright_points() + np.array([x - 48, y - 48]) for _, x, y in places]
    boxes = [[x - 50, y - 50, x + 50, y + 50] for _, x, y in places]
    count = len(places)
    return Faces(
        np.array(points).reshape(count, 15, 2),
        np.ones((count, 15)),
        np.array(boxes).reshape(count, 4),
        np.ones(count),
        np.array([place[0] for place in places], int),
    )


def scene(index: int) -> Faces:
    """Face 3 goes to the right and is away from the tenth to the nineteenth frame; face 8 comes late."""
    seen = [] if 10 <= index < 20 else [(3, 100 + 2 * index, 200)]
    return faces(*seen, *([(8, 400, 300)] if index >= 25 else []))


def written(path: Path, *, frames: int = 30, measured: bool = False, name: str | None = None) -> Path:
    with open_points(path, measures=MEASURES if measured else ()) as sink:
        for index in range(frames):
            frame = Frame(IMAGE, index, index / 10, name)
            sink.append(frame, with_measures(frame, scene(index)) if measured else scene(index))
    return path


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("measured", [True, False])
def test_every_kind_of_file_is_read_alike(tmp_path: Path, suffix: str, measured: bool) -> None:
    table = read_table(written(tmp_path / f"a{suffix}", measured=measured))
    assert len(table) == 25
    assert table.ids.tolist() == [3] * 10 + [3] * 5 + [3, 8] * 5
    assert table.times[9:12] == pytest.approx([0.9, 2.0, 2.1])
    assert table.points[5] == pytest.approx(scene(5).points[0], abs=0.01)
    assert table.boxes[5] == pytest.approx(scene(5).boxes[0], abs=0.01)
    measured = measured and suffix != ".json"  # COCO has no place for them
    assert tuple(table.measures) == (MEASURES if measured else ())
    if measured:
        assert table.measures["distance"][5] == pytest.approx(
            with_measures(Frame(IMAGE), scene(5)).measures["distance"][0], rel=1e-3
        )
    assert not table.pictures


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_pictures_and_files_without_faces_are_read(tmp_path: Path, suffix: str) -> None:
    assert read_table(written(tmp_path / f"a{suffix}", name="a.jpg")).pictures
    empty = read_table(str(written(tmp_path / f"b{suffix}", frames=0)))
    assert len(empty) == 0
    assert not empty.pictures
    assert summary(empty) == "There is no face in this file."


POINTS = b"[1, 2]," * 14 + b"[3, 4]"
FACE = b'{"frame": 0, "time": %s, "faces": [{"id": %s, "box": [0, 0, 9, %s], "points": [' + POINTS + b"]}]}"
"""A line with a face, but for its time, its id and a side of its box."""


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jsonl", b'{"frame": 0}\n'),
        ("a.jsonl", b"[1]\n"),
        ("a.jsonl", b'{"frame": 0, "time": 0, "fa'),
        ("a.jsonl", b'{"time": 0, "faces": [{"id": 1, "box": [1], "points": []}]}\n'),
        ("a.jsonl", b"\xff\xfe\x00"),
        ("a.jsonl", FACE % (b"NaN", b"1", b"0")),
        ("a.jsonl", FACE % (b"0", b"1e99", b"0")),
        ("a.jsonl", FACE % (b"0", b"%d" % 2**70, b"0")),
        ("a.jsonl", FACE % (b"0", b"1", b"null")),
        ("a.jsonl", b"[" * 100_000),
        ("a.csv", b""),
        ("a.csv", b"a,b\n1,2\n"),
        ("a.csv", b"a,b\n1,2,3\n"),
        ("a.parquet", b"PAR1"),
        ("a.json", b""),
        ("a.json", b"[]"),
        ("a.json", b'{"images": [], "annotations": [{"id": 1}]}'),
        ("a.json", b'{"images": [{"id": 0}], "annotations": [{"image_id": 0, "bbox": [0, 0, 1, 1], "keypoints": []}]}'),
    ],
)
def test_what_is_no_points_file_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=name):
        read_table(tmp_path / name)


def test_a_column_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("input,result\nb.mp4,b.mp4.csv\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"as a points file: 'time' is missing\.$"):
        read_table(tmp_path / "a.csv")


@pytest.mark.parametrize("suffix", [".png", ".html"])
def test_a_name_with_signs_that_the_font_lacks_is_drawn_in_silence(tmp_path: Path, suffix: str) -> None:
    write_plots(read_table(written(tmp_path / "a.csv")), "\N{MOVIE CAMERA}.csv", tmp_path / f"a{suffix}")


@pytest.mark.parametrize("name", ["missing.csv", "a.xlsx"])
def test_what_is_not_there_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=name):
        read_table(tmp_path / name)


def test_the_timeline_has_a_bar_for_each_stay(tmp_path: Path) -> None:
    axes = Figure().add_subplot()
    panels.timeline(axes, View.of(read_table(written(tmp_path / "a.csv"))))
    bars = [[path.get_extents().intervalx.tolist() for path in bar.get_paths()] for bar in axes.collections]
    assert bars == [
        [pytest.approx([-0.05, 0.95]), pytest.approx([1.95, 2.95])],
        [pytest.approx([2.45, 2.95])],
    ]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["3", "8"]


def test_trajectories_break_where_a_face_was_away(tmp_path: Path) -> None:
    axes = Figure().add_subplot()
    panels.trajectories(axes, View.of(read_table(written(tmp_path / "a.csv"))))
    path = np.asarray(axes.lines[0].get_xdata())
    assert np.isnan(path).sum() == 1
    assert np.isnan(path[10])
    assert np.diff(path[:10]) == pytest.approx(2, abs=0.02)
    assert axes.yaxis_inverted()


def test_the_heat_map_says_how_often_a_face_was_where(tmp_path: Path) -> None:
    axes = Figure().add_subplot()
    panels.heat_map(axes, View.of(read_table(written(tmp_path / "a.csv"))))
    (image,) = axes.images
    share = np.asarray(image.get_array())
    left, right, bottom, top = image.get_extent()

    def at(x: float, y: float) -> float:
        row, column = (y - top) / (bottom - top) * share.shape[0], (x - left) / (right - left) * share.shape[1]
        return float(share[int(row), int(column)])

    assert at(400, 300) == pytest.approx(25)  # 5 of the 20 frames that show a face
    assert at(140, 200) == pytest.approx(100, abs=5)
    assert at(20, 300) == 0


def test_measures_are_those_of_the_file_or_of_the_points(tmp_path: Path) -> None:
    own = read_table(written(tmp_path / "a.csv", measured=True))
    assert measures_of(View.of(own)) is own.measures
    points = np.stack([MEAN_SHAPE[:, :2] * size + place for size, place in ((20, 30), (90, 500))])
    table = Table(np.arange(2.0), np.zeros(2, np.int64), np.zeros((2, 4)), points)
    computed = measures_of(View.of(table))
    assert "distance" not in computed
    assert computed["yaw"] == pytest.approx([0, 0], abs=0.5)
    assert computed["mouth_width"] == pytest.approx([0.87, 0.87], abs=0.02)


def many(count: int) -> Table:
    ids = np.arange(count)
    points = np.stack([upright_points() + np.array([5.0 * face, 3.0 * face]) for face in ids])
    boxes = np.concatenate([points.min(axis=1), points.max(axis=1)], axis=1)
    return Table(ids / 10, ids.astype(np.int64), boxes, points)


def test_many_ids_are_counted_not_drawn() -> None:
    axes = Figure().add_subplot()
    view = View.of(many(BARS + 60))
    panels.timeline(axes, view)
    assert len(axes.collections) == BARS
    assert "60 more" in axes.get_title()
    other = Figure().add_subplot()
    panels.trajectories(other, view)
    assert len(other.lines) == 2 * LINES


@pytest.mark.parametrize("rows", [0, 1, 100])
@pytest.mark.parametrize("pictures", [False, True])
def test_plots_are_written(tmp_path: Path, rows: int, pictures: bool) -> None:
    full = many(max(rows, 1))
    table = Table(full.times[:rows], full.ids[:rows], full.boxes[:rows], full.points[:rows], pictures=pictures)
    write_plots(table, "a$b$ <i>.csv", tmp_path / "a.png")
    write_plots(table, "a$b$ <i>.csv", tmp_path / "a.html")
    assert cv2.imread(str(tmp_path / "a.png")).shape[1] == 1200
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert page.count("<img") == (0 if rows == 0 else 2 if pictures else 6)
    assert "<i>" not in page
    assert "http" not in page


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"a\.svg"):
        write_plots(many(1), "a", tmp_path / "a.svg")
