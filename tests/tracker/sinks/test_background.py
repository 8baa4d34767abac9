import threading

import pytest

from tests.tracker.sinks.given import faces, frame
from tracker import Faces, Frame, OutputError
from tracker.sinks import Background
from tracker.sinks.base import BaseSink


class Slow(BaseSink):
    """A sink that waits to be allowed."""

    def __init__(self, *, broken: bool = False) -> None:
        self.go = threading.Event()
        self.taken: list[int] = []
        self.closed = False
        self.broken = broken

    def append(self, frame: Frame, faces: Faces) -> None:  # noqa: ARG002 - the protocol's
        self.go.wait(5)
        if self.broken:
            raise OutputError("The disk is full.")
        self.taken.append(frame.index)

    def close(self) -> None:
        self.closed = True


def test_a_live_loop_drops_what_a_slow_sink_cannot_take() -> None:
    slow = Slow()
    with Background(slow, drop=True) as sink:
        for index in range(50):
            sink.append(frame(index), faces())
        assert sink.dropped >= 40
        slow.go.set()
    assert slow.closed
    assert len(slow.taken) + sink.dropped == 50
    assert slow.taken == sorted(slow.taken)


def test_a_loop_over_a_file_drops_nothing() -> None:
    slow = Slow()
    slow.go.set()
    with Background(slow, drop=False) as sink:
        for index in range(50):
            sink.append(frame(index), faces())
    assert slow.taken == list(range(50))


def append_many(sink: Background) -> None:
    for index in range(1000):
        sink.append(frame(index), faces())


def test_what_a_sink_raises_reaches_the_loop() -> None:
    broken = Slow(broken=True)
    broken.go.set()
    sink = Background(broken, drop=False)
    with pytest.raises(OutputError, match="full"):
        append_many(sink)
    sink.close()
    assert broken.closed
