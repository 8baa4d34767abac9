"""Pixels, points and times that make no sense: no warning, nothing that is no number, no crash."""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fakes import FakeDetector, FakeEngine, anchors_at
from tests.tracker.test_sources import PORTRAIT_LIKE
from tracker import Faces, Frame, InputError, Settings, Tracker
from tracker.detection import Detections
from tracker.drawing import draw_faces, draw_on_planes
from tracker.models import KeypointModel
from tracker.planes import Planes
from tracker.sources.demo import PORTRAIT
from tracker.sources.images import read_image

FACE = read_image(PORTRAIT)
Image = NDArray[np.uint8]


@pytest.fixture(scope="module")
def tracker() -> Iterator[Tracker]:
    with Tracker() as real:
        yield real


def sensible(faces: Faces) -> Faces:
    for name in ("points", "confidence", "boxes", "scores"):
        assert np.isfinite(getattr(faces, name)).all(), name
    assert ((faces.confidence >= 0) & (faces.confidence <= 1)).all()
    assert len(set(faces.ids.tolist())) == len(faces)
    return faces


def noise(height: int, width: int) -> Image:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


PLAIN: dict[str, Callable[[int, int], Image]] = {
    "black": lambda height, width: np.zeros((height, width, 3), np.uint8),
    "white": lambda height, width: np.full((height, width, 3), 255, np.uint8),
    "noise": noise,
}


@pytest.mark.parametrize("size", [(1, 1), (1, 700), (700, 1), (2, 3), (16, 16), (480, 640)])
@pytest.mark.parametrize("kind", PLAIN)
def test_a_picture_of_nothing_has_no_face(tracker: Tracker, kind: str, size: tuple[int, int]) -> None:
    image = PLAIN[kind](*size)
    assert len(sensible(tracker.detect(image))) == 0
    tracker.reset()
    for index in range(2):
        assert len(sensible(tracker.update(Frame(image, index, index / 30)))) == 0


def gray(image: Image) -> Image:
    return np.asarray(image.mean(axis=2), np.uint8)


def with_alpha(image: Image) -> Image:
    return np.dstack([image, np.full(image.shape[:2], 7, np.uint8)])


def read_only(image: Image) -> Image:
    image = image.copy()
    image.setflags(write=False)
    return image


def every_other(image: Image) -> Image:
    return np.repeat(image, 2, axis=1)[:, ::2]


def mirrored_twice(image: Image) -> Image:
    return np.ascontiguousarray(image[::-1])[::-1]


def by_columns(image: Image) -> Image:
    return np.asfortranarray(image)


@pytest.mark.parametrize("change", [gray, with_alpha, read_only, every_other, mirrored_twice, by_columns])
def test_an_image_in_any_layout_has_the_same_face(tracker: Tracker, change: Callable[[Image], Image]) -> None:
    (known,) = tracker.detect(FACE)
    image = change(FACE)
    before = image.copy()
    found = [tracker.detect(image)]
    tracker.reset()
    found += [tracker.update(Frame(image, index, index / 30)) for index in range(3)]
    for faces in found:
        (face,) = sensible(faces)
        assert face.points == pytest.approx(known.points, abs=6)
    assert (image == before).all()
    draw_faces(image if image.ndim == 3 else FACE, found[0])
    assert (image == before).all()


@pytest.mark.parametrize(
    "image",
    [
        np.full((48, 64, 3), np.nan),
        np.zeros((48, 64, 3), np.float32),
        np.zeros((48, 64, 3), np.uint16),
        np.zeros((48, 64, 3), bool),
        np.zeros((48, 64, 2), np.uint8),
        np.zeros((48, 64, 5), np.uint8),
        np.zeros((2, 48, 64, 3), np.uint8),
        np.zeros(48, np.uint8),
        np.zeros((0, 64, 3), np.uint8),
        np.zeros((48, 0, 3), np.uint8),
        [[0, 0], [0, 0]],
        None,
        "picture.png",
    ],
    ids=lambda image: f"{getattr(image, 'dtype', type(image).__name__)}{getattr(image, 'shape', '')}",
)
def test_what_is_no_image_is_refused(tracker: Tracker, image: Image) -> None:
    for ask in (lambda: tracker.detect(image), lambda: tracker.update(Frame(image))):
        with pytest.raises(InputError, match="An image must be"):
            ask()


@pytest.mark.parametrize("part", [np.s_[:, 230:], np.s_[:, :300], np.s_[150:], np.s_[:130], np.s_[100:180, 200:300]])
def test_a_face_that_is_half_outside_gives_numbers(tracker: Tracker, part: tuple[slice, ...]) -> None:
    image = np.ascontiguousarray(FACE[part])
    sensible(tracker.detect(image))
    tracker.reset()
    for index in range(4):
        faces = sensible(tracker.update(Frame(image, index, index / 30)))
        draw_faces(image, faces)


@pytest.mark.parametrize("width", [4, 8, 12])
def test_a_face_of_a_few_pixels_gives_numbers(width: int) -> None:
    detector = FakeDetector()
    detector.detect = lambda _: Detections(anchors_at((0, 0)) * width / 100 + 30, np.array([0.9], np.float32))  # type: ignore[method-assign]
    with Tracker(detector=detector, engine=FakeEngine()) as tracker:
        assert len(sensible(tracker.detect(PORTRAIT_LIKE))) == 1
        for index in range(4):
            (face,) = sensible(tracker.update(Frame(PORTRAIT_LIKE, index, index / 30)))
        assert face.box[2] - face.box[0] == pytest.approx(width, rel=0.5)


def test_faces_on_one_spot_give_numbers() -> None:
    detector = FakeDetector()
    detector.detect = lambda _: Detections(np.full((3, 3, 2), 40, np.float32), np.ones(3, np.float32))  # type: ignore[method-assign]
    with Tracker(detector=detector, engine=FakeEngine()) as tracker:
        for index in range(4):
            sensible(tracker.update(Frame(PORTRAIT_LIKE, index, index / 30)))


def test_two_hundred_faces_are_followed() -> None:
    centres = [(60.0 + 120 * (i % 20), 60.0 + 140 * (i // 20)) for i in range(200)]
    image = np.full((1500, 2500, 3), 128, np.uint8)
    with Tracker(detector=FakeDetector(*centres), engine=FakeEngine(), settings=Settings(max_faces=200)) as tracker:
        for index in range(5):
            faces = sensible(tracker.update(Frame(image, index, index / 30)))
            assert faces.ids.tolist() == list(range(200))
        assert len(sensible(tracker.detect(image))) == 200


NONSENSE = [math.nan, math.inf, -math.inf, 3e38, -1e30, 1e6]


@pytest.mark.parametrize("value", NONSENSE)
@pytest.mark.parametrize("confident", [True, False])
@pytest.mark.parametrize("where", [np.s_[:, 3, 0], np.s_[:, :, 1], np.s_[:, 0, 2], np.s_[:]])
def test_a_network_that_answers_nonsense_sees_no_face(
    value: float, confident: bool, where: tuple[slice | int, ...]
) -> None:
    class Broken(FakeEngine):
        spoils = True

        def predict(self, crops: Image) -> NDArray[np.float32]:
            answer = super().predict(crops)
            if self.spoils:
                answer[where] = value
            return answer

    engine = Broken(model=replace(KeypointModel(), confidence=confident))
    image = np.full((480, 640, 3), 128, np.uint8)
    with Tracker(detector=FakeDetector((200, 200), (400, 300)), engine=engine) as tracker:
        assert len(tracker.detect(image)) == len(tracker.update(Frame(image, 0, 0.0))) == 0
        engine.spoils = False
        assert len(sensible(tracker.update(Frame(image, 1, 0.1)))) == 2
        engine.spoils = True
        for index in range(2, 9):
            assert len(sensible(tracker.update(Frame(image, index, index / 10)))) == 0
        engine.spoils = False
        assert sensible(tracker.update(Frame(image, 9, 0.9))).ids.tolist() == [0, 1]


@pytest.mark.parametrize("value", NONSENSE)
def test_a_detection_of_nonsense_is_none(value: float) -> None:
    detector = FakeDetector((200, 200))
    anchors = np.concatenate([anchors_at((200, 200)), np.full((1, 3, 2), value, np.float32)])
    detector.detect = lambda _: Detections(anchors, np.array([0.9, 0.8], np.float32))  # type: ignore[method-assign]
    image = np.full((480, 640, 3), 128, np.uint8)
    with Tracker(detector=detector, engine=FakeEngine()) as tracker:
        assert len(sensible(tracker.detect(image))) == 1
        for index in range(3):
            assert len(sensible(tracker.update(Frame(image, index, index / 30)))) == 1
        assert np.isfinite(tracker.places).all()


TIMES = {
    "stands still": [4.0] * 40,
    "runs backwards": [4.0 - i / 30 for i in range(40)],
    "is set back": [i / 30 for i in range(20)] * 2,
    "jumps": [i / 30 + 1e9 * (i > 20) for i in range(40)],
    "jumps once": [i / 30 + 1e9 * (i == 20) for i in range(40)],
    "is no number": [math.nan] * 40,
    "is no number once": [i / 30 if i != 20 else math.nan for i in range(40)],
    "is endless": [math.inf if i % 2 else -math.inf for i in range(40)],
}


@pytest.mark.parametrize("clock", TIMES)
def test_whatever_the_clock_does_newcomers_are_found_and_faces_that_left_forgotten(clock: str) -> None:
    image = np.full((480, 640, 3), 128, np.uint8)
    detector = FakeDetector((200, 200))
    with Tracker(detector=detector, engine=FakeEngine(lambda crop: 0.9 if crop.mean() > 50 else 0.1)) as tracker:
        for index, time in enumerate(TIMES[clock]):
            if index == 5:
                detector.centres.append((400, 300))
            faces = sensible(tracker.update(Frame(image, index, time)))
        assert len(faces) == 2
        last = TIMES[clock][-1]
        for index in range(90):
            sensible(tracker.update(Frame(np.zeros_like(image), index, last)))
        assert len(tracker._tracks) == 0


@pytest.mark.parametrize("value", [*NONSENSE, 5000.0, -5000.0, 20_000.0])
@pytest.mark.parametrize("side", [0.0, -3.0, 1e4, 1e9, math.inf, math.nan])
def test_points_far_away_or_nowhere_can_be_drawn(value: float, side: float) -> None:
    points = np.full((1, 15, 2), 100, np.float32)
    points[0, ::2] = value
    faces = Faces(points, np.ones((1, 15)), np.array([[0, 0, side, side]]), np.ones(1), np.zeros(1))  # type: ignore[arg-type]
    assert draw_faces(np.zeros((120, 160, 3), np.uint8), faces).shape == (120, 160, 3)
    half = np.zeros((60, 80), np.uint8)
    draw_on_planes(Planes(np.zeros((120, 160), np.uint8), half, half.copy()), faces)


def test_a_face_at_the_edge_of_an_8k_picture_is_drawn_there() -> None:
    points = np.full((1, 15, 2), 7000, np.float32)
    points[0, :, 1] = np.linspace(4000, 4100, 15)
    faces = Faces(points, np.ones((1, 15)), np.array([[6900, 3950, 7100, 4150]]), np.ones(1), np.zeros(1))  # type: ignore[arg-type]
    drawn = draw_faces(np.zeros((4320, 7680, 3), np.uint8), faces)
    assert drawn[4000:4100, 6990:7010].any()
    assert not drawn[:, :6000].any()
