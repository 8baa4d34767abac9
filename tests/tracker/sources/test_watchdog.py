from dataclasses import replace

import numpy as np
import pytest

from tracker.sources.watchdog import Fault, Patience, Watchdog

at_all_rates = pytest.mark.parametrize("rate", [3.0, 7.5, 15.0, 30.0, 60.0, 240.0])
STEP = 0.05
NOTICED = 2.0
"""Seconds within which a fault must be noticed."""


def picture(index: int) -> np.ndarray:
    return np.random.default_rng(index).integers(0, 255, (48, 64, 3), np.uint8)


def running(rate: float, seconds: float = 3.0) -> tuple[Watchdog, float]:
    """A watchdog of a camera that gave pictures for so long, and when the last one came."""
    watchdog = Watchdog(Patience(), 100.0)
    time = 100.0
    for index in range(max(1, round(seconds * rate))):
        time = 100.0 + (index + 1) / rate
        watchdog.picture(picture(index), time)
        assert watchdog.fault(time) is None
    return watchdog, time


@at_all_rates
def test_a_read_that_does_not_return_is_noticed_in_time(rate: float) -> None:
    watchdog, last = running(rate, 1)
    assert watchdog.fault(last + 1) is None
    assert watchdog.fault(last + NOTICED - STEP) is Fault.BLOCKED


@at_all_rates
@pytest.mark.parametrize("every", [0.001, 0.033, 0.5])
def test_reads_that_fail_are_noticed_in_time(rate: float, every: float) -> None:
    watchdog, last = running(rate, 1)
    for time in np.arange(last, last + NOTICED - STEP, every):
        watchdog.failed(time)
    assert watchdog.fault(last + NOTICED - STEP) is Fault.FAILING


@at_all_rates
def test_a_frozen_picture_is_noticed_in_time(rate: float) -> None:
    watchdog, last = running(rate, 1)
    same = picture(7)
    for time in np.arange(last + 1 / rate, last + 1 / rate + NOTICED - STEP, 1 / rate):
        watchdog.picture(same.copy(), time)
    assert watchdog.fault(time + STEP) is Fault.FROZEN
    watchdog.picture(picture(8), time + 1 / rate)
    assert watchdog.fault(time + 1 / rate) is None


@pytest.mark.parametrize("rate", [0.2, 1.0, 30.0])
def test_a_camera_that_tells_that_it_is_slow_is_given_time(rate: float) -> None:
    watchdog = Watchdog(Patience(), 0.0, rate)
    watchdog.picture(picture(0), 1.0)
    assert watchdog.fault(1.0 + 1.4 / rate) is None
    assert watchdog.fault(1.0 + max(1.5, 3.0 / rate) + STEP) is Fault.BLOCKED


def test_the_first_picture_is_given_time() -> None:
    watchdog = Watchdog(replace(Patience(), first=10.0), 0.0)
    assert watchdog.fault(9.9) is None
    assert watchdog.fault(10.1) is Fault.BLOCKED


def test_noise_in_few_pixels_is_movement() -> None:
    watchdog = Watchdog(Patience(), 0.0)
    for index in range(100):
        image = picture(0)
        image[8, 4 * (index % 16)] ^= 1
        watchdog.picture(image, index / 30)
    assert watchdog.fault(100 / 30) is None


def test_a_changed_picture_of_the_user_changes_nothing() -> None:
    watchdog = Watchdog(Patience(), 0.0)
    for index in range(100):
        image = picture(0)
        watchdog.picture(image, index / 30)
        image[:] = index
    assert watchdog.fault(100 / 30) is Fault.FROZEN


def test_the_next_capture_is_alive_only_with_another_picture() -> None:
    watchdog = Watchdog(Patience(), 0.0)
    watchdog.picture(picture(0), 0.1)
    assert watchdog.alive
    following = Watchdog(Patience(), 1.0, frozen=watchdog.sample)
    following.picture(picture(0), 1.1)
    assert not following.alive
    following.picture(picture(1), 1.2)
    assert following.alive


def test_another_size_is_movement() -> None:
    watchdog = Watchdog(Patience(), 0.0)
    for index in range(100):
        watchdog.picture(np.zeros((48, 64 + index % 2 * 8, 3), np.uint8), index / 30)
    assert watchdog.fault(100 / 30) is None
