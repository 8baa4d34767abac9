import numpy as np
import pytest

from tracker.sources.pace import Pace


def feed(pace: Pace, rate: float, start: float, seconds: float = 4.0, jitter: float = 0.1) -> float:
    """Pictures at a rate; each comes a little early or late. Returns when they ended."""
    count = round(seconds * rate)
    times = start + (np.arange(count) + np.random.default_rng(0).uniform(-jitter, jitter, count) / 2) / rate
    for time in times:
        pace.picture(float(time))
    return start + seconds


@pytest.mark.parametrize("usual", [15.0, 30.0, 60.0])
def test_half_the_rate_is_slower(usual: float) -> None:
    pace = Pace()
    end = feed(pace, usual, 0.0)
    assert pace.rate == pytest.approx(usual, rel=0.05)
    assert not pace.slower
    end = feed(pace, usual / 2, end)
    assert pace.slower
    assert pace.usual == pytest.approx(usual, rel=0.05)
    feed(pace, usual, end)
    assert not pace.slower


def test_half_the_rate_is_slower_from_the_start_if_the_camera_tells_its_rate() -> None:
    pace = Pace(30.0)
    feed(pace, 15.0, 0.0)
    assert pace.slower


def test_a_slower_rate_is_noticed_soon() -> None:
    pace = Pace(30.0)
    end = feed(pace, 30.0, 0.0, seconds=1.5)
    feed(pace, 15.0, end, seconds=3.1)
    assert pace.slower


@pytest.mark.parametrize("rate", [25.0, 29.97, 24.0])
def test_a_little_slower_is_not(rate: float) -> None:
    pace = Pace(30.0)
    feed(pace, rate, 0.0)
    assert not pace.slower


def test_uneven_pictures_are_not_low_light() -> None:
    pace = Pace(30.0)
    time = 0.0
    for step in np.random.default_rng(0).exponential(1 / 12, 100):
        time += step
        pace.picture(time)
    assert not pace.slower


def test_a_clock_that_stands_still_is_no_rate() -> None:
    pace = Pace()
    for _ in range(100):
        pace.picture(1.0)
    assert pace.rate is None
    assert not pace.slower
