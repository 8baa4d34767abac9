import numpy as np
import pytest

from tests.fakes import anchors_at
from tracker import Tracker
from tracker.blazeface import INPUT_SIZE, BlazeFace, _once, _quarters, _shrink
from tracker.crop import crop_boxes, crop_transforms
from tracker.detection import Detections
from tracker.sources.crowd import Crowd


@pytest.mark.parametrize(
    ("size", "factor"), [((480, 640), 2), ((720, 1280), 4), ((1081, 1923), 6), ((1000, 1700), 5), ((200, 639), 1)]
)
def test_the_detector_is_given_means_of_whole_pixels(size: tuple[int, int], factor: int) -> None:
    image = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    small = _shrink(image)
    height, width = size[0] // factor, size[1] // factor
    assert max(height, width) >= INPUT_SIZE
    blocks = image[: height * factor, : width * factor].reshape(height, factor, width, factor, 3)
    assert small.shape == (height, width, 3)
    assert np.abs(small - blocks.mean(axis=(1, 3))).max() <= 1


def test_in_a_crowd_far_more_small_faces_are_found() -> None:
    (frame,) = Crowd(64, 1, 1280, 720)
    with Tracker() as tracker:
        assert isinstance(tracker.detector, BlazeFace)
        alone = tracker.detector._look(frame.image)
        found = tracker.detector.detect(frame.image)
        faces = tracker.detect(frame.image)
    assert (np.diff(found.scores) <= 0).all()
    cells = (faces.points.mean(axis=1) // [160, 90]).astype(int)
    assert len(faces) == len({tuple(cell) for cell in cells.tolist()}) > 2 * len(alone)


def test_a_face_that_a_part_cuts_is_left_to_the_next() -> None:
    (frame,) = Crowd(1, 1)
    with Tracker() as tracker:
        assert isinstance(tracker.detector, BlazeFace)
        (face,) = tracker.detector.detect(frame.image).anchors
        x, y = face.mean(axis=0).astype(int)
        look_at = tracker.detector._look_at
        assert len(look_at(frame.image, (0, 0, 640, 480))) == 1
        assert len(look_at(frame.image, (0, 0, x + 40, 480))) == 0
        assert len(look_at(frame.image, (x - 150, y - 150, x + 150, y + 150))) == 1
        (again,) = look_at(frame.image, (x - 150, y - 150, x + 150, y + 150)).anchors
    assert again == pytest.approx(face, abs=8)


def test_quarters_cover_the_image_and_share_its_middle() -> None:
    seen = np.zeros((721, 1283), int)
    for x0, y0, x1, y1 in _quarters(seen.shape):
        assert 0 <= x0 < x1 <= 1283
        assert 0 <= y0 < y1 <= 721
        seen[y0:y1, x0:x1] += 1
    assert seen.min() == 1
    assert seen[360, 641] == 4


def test_of_two_looks_at_a_face_the_better_is_kept() -> None:
    first = Detections(anchors_at((100, 100), (300, 100)), np.array([0.5, 0.9], np.float32))
    second = Detections(anchors_at((104, 98), (500, 100)), np.array([0.8, 0.3], np.float32))
    found = _once([first, second])
    assert found.scores == pytest.approx([0.9, 0.8, 0.3])
    assert crop_boxes(crop_transforms(found.anchors)) == pytest.approx(
        crop_boxes(crop_transforms(anchors_at((300, 100), (104, 98), (500, 100))))
    )
