import numpy as np
import pytest

from tracker.ticks import ticked


@pytest.mark.parametrize(
    ("before", "now", "due"), [(0.0, 0.39, False), (0.0, 0.4, True), (0.39, 0.41, True), (0.41, 0.79, False)]
)
def test_a_tick_is_a_multiple_of_the_interval(before: float, now: float, due: bool) -> None:
    assert ticked(before, now, 0.4) is due


def test_what_was_never_done_is_due() -> None:
    assert ticked(-np.inf, 0.0, 0.4)


@pytest.mark.parametrize("begin", [0, 1, 7, 11, 100])
def test_ticks_do_not_depend_on_where_one_began(begin: int) -> None:
    """At 30 frames per second every twelfth frame of the stream is one, however its time is rounded."""
    last, due = -np.inf, []
    for frame in range(begin, 400):
        if ticked(last, frame / 30, 0.4):
            last = frame / 30
            due.append(frame)
    assert due[1:] == [frame for frame in range(begin + 1, 400) if frame % 12 == 0]


def test_without_an_interval_it_is_always_due() -> None:
    assert ticked(1.0, 1.0, 0.0)
    assert ticked(1.0, 1.1, 0.0)
