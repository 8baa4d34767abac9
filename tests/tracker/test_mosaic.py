"""Several pictures in one: where each is, and where its points are."""

import numpy as np
import pytest

from tests.fakes import upright_points
from tracker.faces import Faces
from tracker.frame import Frame
from tracker.mosaic import WIDEST, Mosaic


def seen(width: int, height: int, level: int, face: int) -> tuple[Frame, Faces]:
    """A frame of one gray level with a dot at the first point of its one face."""
    image = np.full((height, width, 3), level, np.uint8)
    points = upright_points()[None] + np.float32(100)
    x, y = np.round(points[0, 0]).astype(int)
    image[y - 3 : y + 4, x - 3 : x + 4] = 255
    faces = Faces(points, np.ones((1, 15)), np.array([[100, 100, 196, 196]]), np.ones(1), np.array([face]))
    return Frame(image), faces


def test_points_stay_on_what_they_are_points_of() -> None:
    whole, faces = Mosaic(["a", "b", "c"]).of(
        {0: seen(640, 480, 40, 3), 1: seen(320, 240, 80, 5), 2: seen(400, 480, 90, 7)}, 1.5, {}
    )
    assert (whole.size, whole.time) == ((1280, 960), 1.5)
    assert faces.ids.tolist() == [3, 5, 7]
    for face, corner in zip(faces, ((0, 0), (640, 0), (0, 480)), strict=True):
        x, y = np.round(face.points[0]).astype(int)
        assert whole.image[y, x].min() == 255
        assert (face.points >= corner).all()
        assert (face.points < np.add(corner, (640, 480))).all()


def test_what_gives_no_picture_stays_dark_and_is_named() -> None:
    mosaic = Mosaic(["a", "b"])
    whole, faces = mosaic.of({0: seen(640, 480, 40, 0)}, 0.0, {})
    assert whole.size == (1280, 480)
    assert len(faces) == 1
    assert whole.image[100:, 640:].max() == 0
    assert whole.image[:60, 640:].max() > 0
    noted, _ = mosaic.of({0: seen(640, 480, 40, 0)}, 0.1, {1: "no picture"})
    assert (noted.image[:60, 640:] > 0).sum() > (whole.image[:60, 640:] > 0).sum()
    assert noted.index == 1


def test_the_whole_is_not_too_wide() -> None:
    whole, faces = Mosaic(["a", "b"]).of({0: seen(1920, 1080, 9, 0), 1: seen(1920, 1080, 9, 1)}, 0.0, {})
    assert whole.size == (WIDEST, 540)
    assert faces.points[1] - faces.points[0] == pytest.approx(np.tile([[960, 0]], (15, 1)), abs=1e-3)


def test_measures_go_along() -> None:
    frame, faces = seen(640, 480, 9, 0)
    measured = Faces(faces.points, faces.confidence, faces.boxes, faces.scores, faces.ids, {"yaw": np.array([4.0])})
    _, together = Mosaic(["a", "b"]).of({0: (frame, measured), 1: (frame, measured)}, 0.0, {})
    assert together.measures["yaw"].tolist() == [4.0, 4.0]
