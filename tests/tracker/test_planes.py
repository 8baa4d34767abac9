"""Pictures as they were decoded: what is looked at and written must be the same as by way of the whole image."""

from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from tests.fakes import upright_points
from tracker import Faces, Frame, Tracker, open_source
from tracker.crop import anchors_of, crop_boxes, crop_transforms, cut_crops
from tracker.drawing import draw_faces, draw_on_planes
from tracker.frame import VideoFrame
from tracker.planes import Planes
from tracker.sinks import open_video


def random_planes(width: int = 160, height: int = 120) -> Planes:
    """Smooth colours, as pictures have them, with some noise."""
    random = np.random.default_rng(0)
    small = random.integers(40, 210, (3, 4, 5)).astype(np.float32)
    y = cv2.resize(small[0], (width, height)) + random.normal(0, 5, (height, width))
    u, v = (cv2.resize(plane, (width // 2, height // 2)) for plane in small[1:])
    return Planes(*(np.asarray(plane, np.uint8) for plane in (y, u, v)), (1, 1, 1, 1))  # type: ignore[misc]


def faces_at(*places: tuple[float, float, float]) -> Faces:
    """Faces with their centre at x, y, so many times as large as a crop."""
    points = np.stack([(upright_points() - 47.5) * scale + [x, y] for x, y, scale in places])
    boxes = crop_boxes(crop_transforms(anchors_of(points)))
    sure = np.tile(np.linspace(0.1, 1, 15, dtype=np.float32), (len(places), 1))
    return Faces(points, sure, boxes, sure.mean(axis=1), np.arange(len(places)) * 1234)


FACES = faces_at((80, 50, 0.5), (2, 5, 0.4), (158, 118, 0.6), (500, -300, 1.0))


def test_a_part_is_a_part_of_the_whole() -> None:
    planes, random = random_planes(), np.random.default_rng(1)
    whole = planes.bgr()
    assert whole.shape == planes.shape
    for _ in range(200):
        (x0, x1), (y0, y1) = (np.sort(random.choice(size + 1, 2, replace=False)) for size in (160, 120))
        assert (planes.part(x0, y0, x1, y1) == whole[y0:y1, x0:x1]).all()


@pytest.mark.parametrize("scale", [0.3, 0.8, 2.0])
def test_crops_are_those_of_the_whole(scale: float) -> None:
    planes = random_planes(640, 480)
    transforms = crop_transforms(anchors_of(faces_at((300, 200, scale), (-20, 470, scale)).points))
    assert (cut_crops(planes, transforms) == cut_crops(planes.bgr(), transforms)).all()


def test_drawing_on_planes_is_drawing_on_the_whole() -> None:
    planes = random_planes()
    canvas, whole = planes.copy()
    draw_on_planes(canvas, FACES)
    drawn = draw_faces(planes.bgr(), FACES)
    expected = cv2.cvtColor(drawn, cv2.COLOR_BGR2YUV_I420)
    touched = (drawn != planes.bgr()).any(axis=2)
    assert touched[:, :40].any()
    assert touched[:, 60:100].any()
    assert touched[:, -20:].any()
    assert (whole[:120][touched] == expected[:120][touched]).all()
    assert ((whole == expected) | (whole == planes.copy()[1])).all()


def test_away_from_faces_nothing_changes() -> None:
    planes = random_planes()
    canvas, whole = planes.copy()
    before = whole.copy()
    draw_on_planes(canvas, faces_at((30, 30, 0.3)))
    assert (canvas.y != planes.y).any()
    assert (canvas.y[80:] == planes.y[80:]).all()
    assert (canvas.u[:, 40:] == planes.u[:, 40:]).all()
    assert (before == planes.copy()[1]).all()


def test_what_was_drawn_is_all_inside_the_part_that_is_turned() -> None:
    planes = Planes(*(np.full(size, 128, np.uint8) for size in ((480, 640), (240, 320), (240, 320))))
    for scale in (0.2, 1.0, 3.0):
        faces = faces_at((320, 240, scale))
        canvas, _ = planes.copy()
        draw_on_planes(canvas, faces)
        drawn = draw_faces(planes.bgr(), faces)
        assert (np.abs(canvas.bgr().astype(int).mean(axis=2) - drawn.mean(axis=2)) < 40).all()


def test_a_frame_gives_up_its_planes_for_its_image() -> None:
    planes = random_planes()
    frame = VideoFrame.of(planes, 7, 0.5)
    assert (frame.index, frame.time, frame.name, frame.size) == (7, 0.5, None, (160, 120))
    assert frame.planes is planes
    assert (frame.image == planes.bgr()).all()
    assert frame.planes is None
    frame.image[:] = 0
    assert not frame.image.any()
    assert frame.size == (160, 120)


def test_a_video_written_from_planes_shows_the_same(tmp_path: Path) -> None:
    planes, faces = random_planes(), faces_at((60, 60, 0.5))
    for name, frame in (("planes", VideoFrame.of(planes, 0, 0.0)), ("image", Frame(planes.bgr()))):
        with open_video(tmp_path / f"{name}.mp4", rate=30) as sink:
            sink.append(frame, faces)
    pictures = {}
    for name in ("planes", "image"):
        with av.open(str(tmp_path / f"{name}.mp4")) as container:
            pictures[name] = next(container.decode(video=0))
    assert pictures["planes"].colorspace == 1
    a, b = (picture.to_ndarray()[:120].astype(int) for picture in pictures.values())
    assert np.abs(a - b).mean() < 3


def test_a_file_is_tracked_as_frame_by_frame(clip: Path) -> None:
    with open_source(clip) as source, Tracker() as tracker:
        together = [faces for _, faces in tracker.track(source)]
    with open_source(clip) as source, Tracker() as tracker:
        alone = [tracker.update(Frame(frame.image, frame.index, frame.time)) for frame in source]
    assert len(together) == len(alone) == 60
    for a, b in zip(together, alone, strict=True):
        assert len(a) == len(b) > 0
        assert (a.points == b.points).all()
        assert (a.ids == b.ids).all()
        assert (a.confidence == b.confidence).all()
