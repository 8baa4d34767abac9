import cv2
import numpy as np
import pytest

from tracker.motion import Motion, looks_of
from tracker.sources.demo import PORTRAIT


def picture(left: int) -> np.ndarray:
    gray = cv2.imread(str(PORTRAIT), cv2.IMREAD_GRAYSCALE)
    return np.asarray(gray[60:156, left : left + 96], np.uint8)


def test_looks_do_not_depend_on_light_and_contrast() -> None:
    bright = picture(178)
    dark = (bright * 0.4 + 20).round().astype(np.uint8)
    other = picture(330)
    looks = looks_of(np.stack([bright, dark, other]))
    assert np.linalg.norm(looks, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert looks[0] @ looks[1] > 0.99
    assert looks[0] @ looks[2] < 0.7
    assert looks[1] == pytest.approx(looks_of(dark[None])[0], abs=1e-6)


def test_an_even_crop_looks_like_nothing() -> None:
    assert not looks_of(np.full((1, 96, 96), 77, np.uint8)).any()


def test_nothing_looks_like_nothing() -> None:
    assert looks_of(np.empty((0, 96, 96), np.uint8)).shape == (0, 144)


@pytest.mark.parametrize("rate", [10.0, 30.0, 120.0])
def test_speed_and_looks_are_learned_alike_at_any_frame_rate(rate: float) -> None:
    motion = Motion()
    looks = np.eye(144, dtype=np.float32)[:2]
    motion.add(looks, 0.0)
    for frame in range(1, round(rate) + 1):
        first = np.array([True, False])
        motion.learn_speeds(first, np.array([[30.0, -60], [5, 5]]) / rate, np.full(2, 1 / rate))
        if motion.looks_are_due(frame / rate):
            motion.learn_looks(first, looks[::-1], frame / rate)
    assert motion.speeds[0] == pytest.approx([30, -60], rel=0.2)
    assert not motion.speeds[1].any()
    # averaging at a constant length turns the old towards the new: n' = 1 - n² in units of the averaging's time
    assert motion.looks[0] @ looks[1] == pytest.approx(np.tanh(1), rel=0.03)
    assert motion.looks[1] == pytest.approx(looks[1])


def test_nothing_is_learned_when_the_clock_stands_still() -> None:
    motion = Motion()
    motion.add(np.eye(144, dtype=np.float32)[:1], 1.0)
    motion.learn_speeds(np.array([True]), np.array([[50.0, 0]]), np.zeros(1))
    motion.learn_looks(np.array([True]), np.eye(144, dtype=np.float32)[1:2], 1.0)
    assert not motion.looks_are_due(1.0)
    assert not motion.speeds.any()
    assert motion.looks[0, 0] == 1


def test_rows_stay_with_their_faces() -> None:
    motion = Motion()
    looks = np.eye(144, dtype=np.float32)[:3]
    motion.add(looks, 0.0)
    motion.learn_speeds(np.ones(3, bool), np.array([[1.0, 0], [2, 0], [3, 0]]), np.full(3, 0.1))
    kept = motion.speeds[[0, 2]]
    motion.keep(np.array([True, False, True]))
    assert motion.speeds == pytest.approx(kept)
    assert motion.looks == pytest.approx(looks[[0, 2]])
