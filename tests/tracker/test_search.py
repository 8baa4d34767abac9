"""The detector in a thread beside the frames."""

import ctypes
import threading
from collections.abc import Iterator
from typing import ClassVar

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fakes import FakeDetector, FakeEngine, anchors_at
from tracker import Faces, Frame, Settings, StageError, Tracker
from tracker.detection import Detections
from tracker.models import KeypointModel
from tracker.search import Search

BLANK = np.full((480, 640, 3), 128, np.uint8)
PATIENCE = 10.0


class SlowDetector(FakeDetector):
    """Looks for as long as the gate is shut, at the faces that were there when it began; keeps what it was shown."""

    def __init__(self, *centres: tuple[float, float]) -> None:
        super().__init__(*centres)
        self.gate = threading.Event()
        self.gate.set()
        self.begun = threading.Event()
        self.alone = threading.Lock()
        self.images: list[NDArray[np.uint8]] = []

    def detect(self, image: NDArray[np.uint8]) -> Detections:
        found = super().detect(image)
        assert self.alone.acquire(blocking=False), "asked while it looks"
        try:
            self.begun.set()
            assert self.gate.wait(PATIENCE)
        finally:
            self.alone.release()
        self.images.append(image)
        return found


@pytest.fixture
def slow() -> Iterator[SlowDetector]:
    detector = SlowDetector((300, 200))
    yield detector
    detector.gate.set()
    while Follower.trackers:
        Follower.trackers.pop().close()


class Follower:
    """A tracker that looks for faces beside the frames, and the frames it has had."""

    trackers: ClassVar[list[Tracker]] = []

    def __init__(self, detector: FakeDetector, engine: FakeEngine | None = None, **settings: float) -> None:
        wanted = Settings(**{"detect_every": 0.1, **settings})  # type: ignore[arg-type]
        self.tracker = Tracker(
            detector=detector, engine=engine or FakeEngine(), settings=wanted, smooth="off", detect_beside=True
        )
        self.frames = 0
        self.trackers.append(self.tracker)

    def follow(self, count: int, image: NDArray[np.uint8] = BLANK, rate: float = 30.0) -> list[Faces]:
        seen = []
        for _ in range(count):
            seen.append(self.tracker.update(Frame(image, self.frames, self.frames / rate)))
            self.frames += 1
        return seen

    def settled(self) -> list[Faces]:
        """The frame on which the detector has finished."""
        self.wait()
        return self.follow(1)

    def wait(self) -> None:
        """Lets the detector finish, if it is looking."""
        search = self.tracker._search
        assert not search.busy or search._done.wait(PATIENCE)


def test_the_first_face_is_seen_in_the_very_frame(slow: SlowDetector) -> None:
    assert [len(faces) for faces in Follower(slow).follow(1)] == [1]


def test_frames_do_not_wait_for_the_detector(slow: SlowDetector) -> None:
    follower = Follower(slow)
    follower.follow(1)
    slow.gate.clear()
    slow.centres.append((500, 300))
    assert all(faces.ids.tolist() == [0] for faces in follower.follow(10))
    assert slow.calls == 2  # the second is still looking, and no third has begun
    slow.gate.set()
    follower.tracker.stopwatch.lap()
    assert follower.settled()[0].ids.tolist() == [0, 1]
    assert follower.tracker.stopwatch.lap()["detector"] > 0


def test_the_detector_is_asked_as_often_as_without_a_thread(slow: SlowDetector) -> None:
    follower = Follower(slow, detect_every=0.5)
    for _ in range(60):
        follower.follow(1)
        follower.wait()
    assert slow.calls == pytest.approx(60 / 30 / 0.5 + 1, abs=1)


class SpotEngine(FakeEngine):
    """Sees the face where the crop is bright, and is not sure of anything."""

    def __init__(self) -> None:
        super().__init__(model=KeypointModel(confidence=False))

    def predict(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        answer = super().predict(crops)
        for row, crop in zip(answer, crops, strict=True):
            y, x = np.nonzero(crop > 127)
            row[:, :2] += np.array([x.mean() - 47.5, y.mean() - 47.5]) if len(x) else 0
        return answer


def test_what_is_found_is_matched_with_where_faces_were_then(slow: SlowDetector) -> None:
    """A face that has moved on by most of its size meanwhile is neither missed nor taken for another."""
    follower = Follower(slow, SpotEngine())
    for frame in range(40):
        x = 70 + 12 * frame
        slow.centres = [(x, 100), (640 - x, 300)]
        if frame % 7 == 1:
            slow.gate.clear()
        elif frame % 7 == 0:
            slow.gate.set()
            follower.wait()
        image = np.zeros_like(BLANK)
        for at in ((x, 120), (640 - x, 320)):
            cv2.circle(image, at, 20, (255, 255, 255), -1)
        (faces,) = follower.follow(1, image)
        assert faces.ids.tolist() == [0, 1]
        assert faces.points[:, :, 0].mean(axis=1) == pytest.approx([x, 640 - x], abs=3)
    assert slow.calls >= 5


def test_the_detector_has_a_copy_of_the_image(slow: SlowDetector) -> None:
    follower = Follower(slow)
    follower.follow(1)
    slow.gate.clear()
    slow.begun.clear()
    image = BLANK.copy()
    while not slow.begun.is_set():
        follower.follow(1, image)
    image[:] = 0
    slow.gate.set()
    follower.settled()
    assert slow.images[-1].mean() == BLANK.mean()


def test_without_a_face_frames_wait_for_the_detector_as_nobody_else_does(slow: SlowDetector) -> None:
    slow.centres = []
    follower = Follower(slow)
    follower.follow(5)
    assert slow.calls == 5
    assert "detector" not in [thread.name for thread in threading.enumerate()]


def test_a_lost_face_is_seen_in_the_very_frame_too(slow: SlowDetector) -> None:
    follower = Follower(slow, FakeEngine(lambda crop: 0.9 if crop[48, 48] > 50 else 0.1))
    follower.follow(2)
    follower.follow(5, np.zeros_like(BLANK))
    slow.centres = [(345, 200)]
    image = np.asarray(cv2.circle(np.zeros_like(BLANK), (345, 220), 30, (255, 255, 255), -1), np.uint8)
    (faces,) = follower.follow(1, image)
    assert faces.ids.tolist() == [0]


def test_another_stream_does_not_get_what_was_found_in_the_last(slow: SlowDetector) -> None:
    follower = Follower(slow)
    follower.follow(1)
    slow.gate.clear()
    slow.centres.append((500, 300))
    follower.follow(6)
    slow.centres = [(100, 100)]
    threading.Timer(0.05, slow.gate.set).start()
    follower.tracker.reset()
    assert [faces.ids.tolist() for faces in follower.follow(2)] == [[1], [1]]


def test_an_image_in_between_waits_for_its_turn(slow: SlowDetector) -> None:
    follower = Follower(slow)
    follower.follow(1)
    slow.gate.clear()
    follower.follow(6)
    slow.centres = [(100, 100), (500, 300)]
    threading.Timer(0.05, slow.gate.set).start()
    assert len(follower.tracker.detect(BLANK)) == 2


def test_what_the_detector_raises_is_raised_by_the_next_frame(
    slow: SlowDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise ZeroDivisionError("detector")

    follower = Follower(slow)
    follower.follow(1)
    monkeypatch.setattr(slow, "detect", fail)
    follower.follow(3)
    with pytest.raises(ZeroDivisionError, match="detector"):
        follower.settled()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_thread_that_is_ended_ends_the_tracking(slow: SlowDetector) -> None:
    search = Search(slow)
    slow.gate.clear()
    slow.begun.clear()
    search.begin(BLANK, 0.0)
    assert slow.begun.wait(PATIENCE)
    assert search.finished() is None
    (thread,) = (thread for thread in threading.enumerate() if thread.name == "detector")
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(SystemExit))
    slow.gate.set()
    thread.join(PATIENCE)
    with pytest.raises(StageError, match="looks for faces"):
        search.finished()
    search.begin(BLANK, 1.0)
    assert search._done.wait(PATIENCE)
    assert search.finished() is not None  # in another thread
    search.close()


def test_closing_waits_for_the_detector(slow: SlowDetector) -> None:
    search = Search(slow)
    slow.gate.clear()
    search.begin(BLANK, 0.0)
    threading.Timer(0.05, slow.gate.set).start()
    search.close()
    assert slow.closed
    assert len(slow.images) == 1
    assert "detector" not in [thread.name for thread in threading.enumerate()]
    search.close()


def test_a_finding_says_of_which_frame_it_is() -> None:
    detector = FakeDetector((300, 200))
    search = Search(detector)
    search.begin(BLANK, 4.5)
    assert search._done.wait(PATIENCE)
    finding = search.finished()
    assert finding is not None
    assert finding.time == 4.5
    assert 0 < finding.elapsed < PATIENCE
    assert finding.found.anchors == pytest.approx(anchors_at((300, 200)))
    assert search.finished() is None
    search.close()
