"""Several sources waited for at once."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from time import monotonic, sleep

import numpy as np
import pytest

from tracker.frame import Frame
from tracker.sources.base import Source
from tracker.sources.feeder import Feeder, take_together

SMALL = np.zeros((48, 64, 3), np.uint8)


class FakeCamera(Source):
    """Gives a number of frames, and raises at the end if it is to."""

    live = True

    def __init__(self, count: int, *, error: Exception | None = None, live: bool = True, rest: float = 0.005) -> None:
        super().__init__()
        self.live, self._frames, self._error, self._rest = live, count, error, rest
        self.opened = monotonic()

    def __iter__(self) -> Iterator[Frame]:
        for index in range(self._frames):
            if self._stopped.wait(self._rest):
                return
            yield Frame(SMALL, index, index / 30)
        if self._error is not None:
            raise self._error


def taken(feeders: list[Feeder], changed: threading.Condition) -> list[dict[int, int]]:
    """The frames' indices by source, as they are taken, until all sources have ended."""
    every = []
    while not all(feeder.ended and not feeder.ready for feeder in feeders):
        frames = take_together(feeders, changed, 5.0)
        assert {frame.camera for frame in frames.values()} == set(frames)
        if frames:
            every.append({number: frame.index for number, frame in frames.items()})
    return every


def test_frames_of_files_come_together_and_none_is_lost() -> None:
    changed = threading.Condition()
    with ExitStack() as stack:
        feeders = []
        for number, count in enumerate((8, 5)):
            feeder = Feeder(FakeCamera(count, live=False), number, changed, paced=False)
            stack.callback(feeder.close)
            feeders.append(feeder)
        assert taken(feeders, changed) == [{0: i, 1: i} for i in range(5)] + [{0: i} for i in range(5, 8)]


def test_of_a_camera_the_newest_frame_is_kept_and_what_it_replaced_is_counted() -> None:
    changed = threading.Condition()
    feeder = Feeder(FakeCamera(10, rest=0), 0, changed, paced=False)
    feeder._thread.join()
    assert taken([feeder], changed) == [{0: 9}]
    assert feeder.dropped == 9
    feeder.close()


def test_a_camera_that_gives_nothing_holds_no_other_up() -> None:
    changed = threading.Condition()
    with ExitStack() as stack:
        silent = Feeder(FakeCamera(1, rest=1000), 0, changed, paced=False)
        other = Feeder(FakeCamera(5), 1, changed, paced=False)
        for feeder in (silent, other):
            stack.callback(feeder.close)
        assert list(take_together([silent, other], changed, 5.0)) == [1]
        assert not silent.ended


def test_an_error_ends_its_source_and_is_kept() -> None:
    changed = threading.Condition()
    feeder = Feeder(FakeCamera(2, error=ValueError("broken")), 0, changed, paced=False)
    taken([feeder], changed)
    assert isinstance(feeder.error, ValueError)
    feeder.close()


@pytest.mark.parametrize("paced", [True, False])
def test_a_file_ends_when_it_is_closed_though_nobody_takes_its_frames(paced: bool) -> None:
    feeder = Feeder(FakeCamera(100, live=False), 0, threading.Condition(), paced=paced)
    sleep(0.01)
    feeder.close()
    assert feeder.ended


def test_a_file_that_is_stopped_leaves_no_gap_before_its_last_frame() -> None:
    changed = threading.Condition()
    feeder = Feeder(FakeCamera(100, live=False), 0, changed, paced=False)
    assert take_together([feeder], changed, 5.0)[0].index == 0
    with changed:
        assert changed.wait_for(lambda: feeder.ready, 5.0)
    feeder.source.stop()
    feeder._thread.join()
    assert taken([feeder], changed) == [{0: 1}]
    feeder.close()
