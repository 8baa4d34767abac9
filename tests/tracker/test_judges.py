"""Who decides what is a face: a network without confidence leaves it to the detector."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fakes import FakeDetector, FakeEngine, anchors_at, upright_points
from tracker import Faces, Frame, Settings, Tracker
from tracker.crop import CROP_SIZE, Framing, crop_transforms, to_crop
from tracker.judges import DetectorJudges
from tracker.keypoints import COUNT, LEFT_EYE, LIPS, MOUTH_CORNERS, RIGHT_EYE
from tracker.models import KeypointModel

BLANK = np.full((480, 640, 3), 128, np.uint8)
BLIND = KeypointModel(confidence=False)
RATE = 30.0


class Follower:
    """A tracker whose network has no confidence, and what came of its frames."""

    def __init__(self, *centres: tuple[float, float], engine: FakeEngine | None = None, score: float = 0.9) -> None:
        self.detector = FakeDetector(*centres, score=score)
        engine = engine or FakeEngine(lambda _: 0.5, BLIND)
        self.tracker = Tracker(detector=self.detector, engine=engine, smooth="off")
        self.frames = 0

    def follow(self, frames: int) -> list[Faces]:
        """Tracks so many frames."""
        faces = []
        for _ in range(frames):
            faces.append(self.tracker.update(Frame(BLANK, self.frames, self.frames / RATE)))
            self.frames += 1
        return faces

    def until_asked(self, times: int) -> list[Faces]:
        """Tracks frames until the detector was asked so often."""
        before, faces = self.detector.calls, []
        while self.detector.calls < before + times:
            faces += self.follow(1)
        return faces


def test_the_detector_is_asked_often() -> None:
    follower = Follower((300, 200))
    follower.follow(60)
    assert follower.detector.calls == pytest.approx(60 / RATE / Settings().search_every, abs=4)


def test_one_missed_detection_makes_no_gap() -> None:
    follower = Follower((300, 200))
    follower.follow(10)
    for _ in range(3):
        follower.detector.centres = []
        seen = follower.until_asked(1)
        follower.detector.centres = [(300, 200)]
        seen += follower.until_asked(1) + follower.follow(4)
        assert [faces.ids.tolist() for faces in seen] == [[0]] * len(seen)


def test_a_face_missed_twice_is_lost_and_found_again_under_its_id() -> None:
    follower = Follower((300, 200))
    follower.follow(10)
    follower.detector.centres = []
    seen = follower.until_asked(2)
    assert [len(faces) for faces in seen] == [1] * (len(seen) - 1) + [0]
    assert all(len(faces) == 0 for faces in follower.follow(10))
    follower.detector.centres = [(310, 205)]
    (back,) = follower.follow(1)
    assert back.ids.tolist() == [0]
    assert back.points[0, LEFT_EYE] == pytest.approx([330, 205], abs=0.5)


def test_a_face_missed_for_long_is_forgotten() -> None:
    follower = Follower((300, 200))
    follower.follow(10)
    follower.detector.centres = []
    follower.follow(int((Settings().memory + 0.5) * RATE))
    follower.detector.centres = [(300, 200)]
    assert follower.follow(1)[0].ids.tolist() == [1]


def test_a_weak_detection_starts_no_face_but_keeps_one() -> None:
    follower = Follower((300, 200), score=0.3)
    assert all(len(faces) == 0 for faces in follower.follow(5))
    assert len(follower.tracker.detect(BLANK)) == 0
    follower.detector.score = 0.6
    assert len(follower.tracker.detect(BLANK)) == 1
    assert len(follower.follow(2)[-1]) == 1
    follower.detector.score = 0.3
    assert all(len(faces) == 1 for faces in follower.follow(30))


def test_a_crop_that_went_astray_is_put_where_the_detector_sees_the_face() -> None:
    follower = Follower((300, 200))
    follower.follow(5)
    follower.detector.centres = [(308, 200)]  # no more than detectors are off
    assert follower.until_asked(1)[-1].points[0, LEFT_EYE] == pytest.approx([320, 200], abs=0.5)
    follower.detector.centres = [(345, 200)]
    seen = follower.until_asked(1)[-1]
    assert seen.points[0, LEFT_EYE] == pytest.approx([365, 200], abs=0.5)
    assert seen.ids.tolist() == [0]


class Shrinking(FakeEngine):
    """Sees each face smaller than it is, so that its crops shrink."""

    def predict(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        answer = super().predict(crops)
        middle = (CROP_SIZE - 1) / 2
        answer[:, :, :2] = (answer[:, :, :2] - middle) * 0.7 + middle
        return answer


def test_a_crop_that_shrank_inside_the_face_is_no_other_face() -> None:
    follower = Follower((300, 200), engine=Shrinking(lambda _: 0.5, BLIND))
    seen = follower.follow(40)
    assert all(faces.ids.tolist() == [0] for faces in seen)
    sides = [faces.boxes[0, 2] - faces.boxes[0, 0] for faces in seen]
    assert min(sides) < 0.45 * max(sides)  # so small that intersection over union alone would not know it again


def test_likeness_is_intersection_over_union_and_more_inside() -> None:
    boxes = np.array([[0, 0, 10, 10], [0, 0, 2, 2], [8, 8, 12, 12], [30, 30, 40, 40]], np.float32)
    alike = DetectorJudges(Settings()).alike(boxes, boxes[:1])[:, 0]
    assert alike == pytest.approx([1, 0.25, 4 / 112, 0])


class Framed(FakeEngine):
    """Sees a face as a framing puts it."""

    def predict(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        answer = super().predict(crops)
        anchors = anchors_at((0, 0)).astype(float)
        placed = to_crop(crop_transforms(anchors, self.model.framing), anchors)[0]
        points = np.tile(placed.mean(axis=0), (COUNT, 1))
        points[LEFT_EYE], points[RIGHT_EYE] = placed[:2]
        points[[*MOUTH_CORNERS, *LIPS]] = placed[2]
        answer[:, :, :2] = points
        return answer


@pytest.mark.parametrize("confidence", [True, False])
@pytest.mark.parametrize("framing", [Framing(), Framing(3.5, 2.0, 0.7), Framing(2.0, 1.5, 1.3)])
def test_every_crop_is_framed_as_the_model_asks(framing: Framing, *, confidence: bool) -> None:
    engine = Framed(lambda _: 0.9, KeypointModel(framing=framing, confidence=confidence))
    follower = Follower((300, 200), engine=engine)
    single = follower.tracker.detect(BLANK)
    for faces in [single, *follower.follow(30)]:
        assert faces.points[0, [LEFT_EYE, RIGHT_EYE]] == pytest.approx(np.array([[320, 200], [280, 200]]), abs=0.1)
        side = max(framing.eyes_in_side * 40, framing.mouth_in_side * 44)
        assert faces.boxes[0, 2] - faces.boxes[0, 0] == pytest.approx(side, rel=0.01)


def test_fakes_fit_the_framing_of_the_shipped_network() -> None:
    engine = Framed(lambda _: 0.9)
    assert engine.predict(np.zeros((1, 96, 96), np.uint8))[0, :2, :2] == pytest.approx(upright_points()[:2], abs=0.1)
