import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.clock import LONGEST, USUAL, Clock


def through(times: list[float]) -> list[float]:
    clock = Clock()
    return [clock.at(time) for time in times]


def test_a_clock_that_makes_sense_is_the_sources() -> None:
    times = [5.0, 5.02, 5.1, 8.0, 8.04]
    assert through(times) == pytest.approx(times)


def test_a_clock_may_begin_late_as_pieces_of_a_long_video_do() -> None:
    times = [7000.1, 7000.2, 7000.4]
    assert through(times) == pytest.approx(times, abs=1e-9)
    assert through([1e300, 1e300]) == pytest.approx([0.0, USUAL])


@pytest.mark.parametrize("still", [0.0, 7.0])
def test_where_a_clock_stands_still_time_goes_on(still: float) -> None:
    assert through([still] * 4) == pytest.approx([still + i * USUAL for i in range(4)])


def test_a_step_that_is_missing_is_the_last_plausible_one() -> None:
    assert through([0.0, 0.1, 5.1, 5.1]) == pytest.approx([0.0, 0.1, 5.1, 5.2])


@pytest.mark.parametrize("back", [-3.0, 0.0, 99.9])
def test_a_clock_that_is_set_back_goes_on_from_there(back: float) -> None:
    assert through([100.0, 100.1, back, back + 0.2]) == pytest.approx([100.0, 100.1, 100.2, 100.4])


def test_a_single_time_of_nonsense_leaves_no_trace() -> None:
    assert through([0.0, 0.1, math.nan, 0.3]) == pytest.approx([0.0, 0.1, 0.2, 0.4])
    assert through([0.0, 0.1, -math.inf, 0.3]) == pytest.approx([0.0, 0.1, 0.2, 0.4])


def test_a_jump_is_no_longer_than_an_hour() -> None:
    assert through([0.0, 1e300, 1e300]) == pytest.approx([0.0, LONGEST, LONGEST + USUAL])


@given(st.lists(st.floats(), min_size=2, max_size=40))
def test_time_always_moves_on_and_is_a_number(times: list[float]) -> None:
    found = through(times)
    assert all(math.isfinite(time) for time in found)
    assert all(a < b for a, b in pairwise(found))
