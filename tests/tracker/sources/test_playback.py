"""Files in their own time, on a clock that goes on only when somebody waits."""

import math

import pytest

from tracker.sources import playback
from tracker.sources.playback import LONGEST, TICK, Playback


class FakeTime:
    """Stands in for the machine's clock."""

    def __init__(self) -> None:
        self.now = 1000.0

    def sleep(self, seconds: float) -> None:
        assert 0 < seconds <= TICK, "nobody could end this wait"
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    clock = FakeTime()
    monkeypatch.setattr(playback, "monotonic", lambda: clock.now)
    monkeypatch.setattr(playback, "sleep", clock.sleep)
    return clock


def shown(clock: FakeTime, times: list[float]) -> list[float]:
    """When frames of these times are due, from the start on."""
    start, found = clock.now, []
    played = Playback()
    for time in times:
        played.wait(time, lambda: False)
        found.append(clock.now - start)
    return found


@pytest.mark.parametrize("start", [0.0, -3.0, 90_000.0])
def test_frames_come_as_far_apart_as_they_are_whenever_the_clock_begins(clock: FakeTime, start: float) -> None:
    apart = [0.0, 0.04, 0.5, 3.0]
    assert shown(clock, [start + time for time in apart]) == pytest.approx(apart)


def test_a_clock_that_jumps_or_is_none_holds_nothing_up_for_long(clock: FakeTime) -> None:
    times = [0.0, 1.0, 50_000.0, 50_001.0, 3.0, 3.04, math.nan, 3.08, 3.12]
    due = shown(clock, times)
    assert due[:4] == pytest.approx([0.0, 1.0, 1.0 + LONGEST, 2.0 + LONGEST])
    assert due[-1] < 3.0 + LONGEST


def test_what_a_pause_has_cost_is_not_caught_up(clock: FakeTime) -> None:
    played = Playback()
    played.wait(0.0, lambda: False)
    clock.now += 60.0
    played.wait(1.0, lambda: False)
    paused = clock.now
    played.wait(2.0, lambda: False)
    assert clock.now - paused == pytest.approx(1.0 - TICK)


def test_a_wait_ends_with_the_source_and_something_goes_on_meanwhile(clock: FakeTime) -> None:
    played, looks = Playback(), []
    played.wait(0.0, lambda: False)
    played.wait(5.0, lambda: clock.now >= 1002.0, lambda: looks.append(clock.now))
    assert clock.now == pytest.approx(1002.0, abs=TICK)
    assert len(looks) == pytest.approx(20, abs=1)
