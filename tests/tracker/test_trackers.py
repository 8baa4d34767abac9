"""Several streams at once: the same faces as one by one, in one batch, under ids of their own."""

import numpy as np
import pytest

from tests.fakes import FakeDetector, FakeEngine
from tracker import Frame, InputError, Tracker
from tracker.sources.demo import Demo
from tracker.trackers import Trackers

BLANK = np.full((480, 640, 3), 128, np.uint8)


def test_faces_are_those_of_each_stream_alone() -> None:
    streams = [[frame for frame in Demo(rate=10, seconds=3) if frame.index >= late] for late in (0, 5)]
    with Trackers(2) as trackers, Tracker() as one, Tracker() as other:
        for pair in zip(*streams, strict=False):
            together = trackers.update(dict(enumerate(pair)))
            for stream, alone in enumerate((one, other)):
                expected = alone.update(pair[stream])
                assert together[stream].points == pytest.approx(expected.points, abs=0.05)
                assert together[stream].boxes == pytest.approx(expected.boxes, abs=0.1)
        assert min(len(faces) for faces in together.values()) >= 1


def test_the_faces_of_all_streams_are_one_batch_and_have_ids_of_their_own() -> None:
    engine = FakeEngine()
    trackers = Trackers(3, engine=engine, detector=FakeDetector((100, 100), (300, 300)))
    ids: dict[int, set[int]] = {stream: set() for stream in range(3)}
    for index in range(5):
        for stream, faces in trackers.update({stream: Frame(BLANK, index, index / 30) for stream in range(3)}).items():
            ids[stream] |= set(faces.ids.tolist())
    assert engine.batches[-1] == 6
    assert sorted(id for each in ids.values() for id in each) == list(range(6))


def test_what_is_closed_finds_nothing_in_silence() -> None:
    with Trackers(2, engine=FakeEngine(), detector=FakeDetector((100, 100))) as trackers:
        pass
    with pytest.raises(InputError, match="closed"):
        trackers.update({1: Frame(BLANK, 0, 0.0)})


def test_a_stream_without_a_frame_waits() -> None:
    engine = FakeEngine()
    trackers = Trackers(2, engine=engine, detector=FakeDetector((100, 100)))
    trackers.update({0: Frame(BLANK, 0, 0.0), 1: Frame(BLANK, 0, 0.0)})
    assert list(trackers.update({1: Frame(BLANK, 1, 0.03)})) == [1]
    assert engine.batches[-1] == 1
    assert trackers.update({}) == {}
    assert trackers.update({0: Frame(BLANK, 1, 0.06)})[0].ids.tolist() == [0]
