import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from time import monotonic

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.tracker.sources.fake_camera import HASTY, FakeCamera, FakeCapture, take_until
from tracker.errors import CameraError
from tracker.sources import camera as camera_module
from tracker.sources.camera import MOST_LEFT, Camera
from tracker.sources.grabber import Grabber
from tracker.sources.watchdog import Patience

Open = Callable[..., Camera]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def open_it(device: FakeCamera, said: list[str]) -> Iterator[Open]:
    """Opens the camera, and closes it in the end."""
    opened: list[Camera] = []

    def open_it(patience: Patience = HASTY, **wish: int) -> Camera:
        opened.append(Camera(0, say=said.append, patience=patience, **wish))  # type: ignore[arg-type]
        return opened[-1]

    yield open_it
    device.free()
    for camera in opened:
        camera.close()


def test_only_the_newest_picture_is_kept(open_it: Open) -> None:
    camera = open_it()
    first = camera.take(10)
    assert first is not None
    assert first.index == camera.dropped == 0
    grabber = camera._grabber
    assert grabber is not None
    while grabber._grabbed < 5:
        threading.Event().wait(0.005)
    second = camera.take(10)
    assert second is not None
    assert second.index == camera.dropped + 1 >= 5
    assert second.time - first.time > 0.04


def test_the_capture_is_freed(device: FakeCamera, open_it: Open) -> None:
    with open_it() as camera:
        assert camera.take(10) is not None
    assert [capture.released for capture in device.captures] == [True]
    assert camera.take(10) is None
    camera.close()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("failing", "gives no picture any more"),
        ("gone", "gives no picture any more"),
        ("blocked", "does not answer any more"),
        ("frozen", "gives the same picture over and over"),
    ],
)
def test_what_is_lost_is_said_once_and_comes_back(
    device: FakeCamera, open_it: Open, said: list[str], state: str, words: str
) -> None:
    camera = open_it()
    take_until(camera, lambda: camera._index > 3)
    device.state = state
    take_until(camera, lambda: len(said) > 0 and len(device.tries) > 3)
    assert len(said) == 1
    assert said[0].startswith(f"Camera 0 {words}")
    before = camera._index
    device.state = "good"
    device.free()
    frames = take_until(camera, lambda: len(said) > 1 and camera._index > before + 3)
    assert len(said) == 2
    assert said[1].startswith("Camera 0 is back after")
    assert all(a.index < b.index and a.time < b.time for a, b in pairwise(frames))
    take_until(camera, lambda: camera._health.well)
    assert len(said) == 2


def test_tries_come_at_growing_intervals(device: FakeCamera, open_it: Open) -> None:
    camera = open_it(replace(HASTY, pauses=(0.05, 0.4), growth=2.0))
    take_until(camera, lambda: camera._index > 1)
    device.state = "gone"
    take_until(camera, lambda: len(device.tries) > 7)
    pauses = np.diff(device.tries[1:])
    assert (pauses > np.array([0.1, 0.2, 0.4, 0.4, 0.4, 0.4])[: len(pauses)]).all()


def test_a_frozen_picture_is_shown_on(device: FakeCamera, open_it: Open, said: list[str]) -> None:
    device.state = "frozen"
    camera = open_it(replace(HASTY, still=(0.2, 60.0)))
    frames = take_until(camera, lambda: len(device.captures) > 2 and camera._index > 50)
    assert len(said) == 1
    assert (frames[-1].image == 7).all()
    assert frames[-1].time > frames[0].time


def test_what_moves_again_by_itself_is_back(device: FakeCamera, open_it: Open, said: list[str]) -> None:
    device.state = "frozen"
    camera = open_it(replace(HASTY, still=(60.0, 60.0)))
    take_until(camera, lambda: bool(said))
    device.state = "good"
    take_until(camera, lambda: len(said) > 1)
    assert "is back" in said[1]
    assert len(device.captures) == 1


def test_a_camera_that_comes_and_goes_is_not_told_of_each_time(
    device: FakeCamera, open_it: Open, said: list[str]
) -> None:
    camera = open_it(replace(HASTY, steady=2.0))
    for _ in range(4):
        before = camera._index
        take_until(camera, lambda: camera._index > before + 2)  # noqa: B023
        device.state = "failing"
        take_until(camera, lambda: camera._health.lost)
        device.state = "good"
    assert [sentence.split()[2] for sentence in said] == ["gives", "is", "comes"]
    take_until(camera, lambda: camera._health.well)
    assert [sentence.split()[2] for sentence in said] == ["gives", "is", "comes", "has"]


def test_few_captures_are_left_behind(device: FakeCamera, open_it: Open) -> None:
    camera = open_it(replace(HASTY, first=0.05, leaving=0.05))
    take_until(camera, lambda: camera._index > 1)
    threads = threading.active_count()
    device.state = "blocked"
    take_until(camera, lambda: len(camera._left) == MOST_LEFT)
    later = monotonic() + 0.5
    take_until(camera, lambda: monotonic() > later)
    assert len(device.captures) == MOST_LEFT
    assert threading.active_count() == threads + MOST_LEFT - 1
    device.state = "good"
    device.free()
    before = camera._index
    take_until(camera, lambda: camera._index > before + 3)
    assert all(capture.released for capture in device.captures[:-1])


def test_a_camera_that_is_not_there_at_the_start_is_an_error(device: FakeCamera, open_it: Open) -> None:
    device.state = "gone"
    with pytest.raises(CameraError, match="Camera 0 does not open"):
        open_it()


def test_a_bug_in_opening_is_not_hidden(open_it: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(camera_module, "open_camera", broken)
    with pytest.raises(ZeroDivisionError):
        open_it()


def test_slow_opening_is_said_once(device: FakeCamera, open_it: Open, said: list[str]) -> None:
    device.opening.clear()
    threading.Timer(0.7, device.opening.set).start()
    camera = open_it()
    assert camera.take(10) is not None
    assert len(said) == 1
    assert "still waiting" in said[0]


def test_a_first_picture_that_does_not_come_is_said(device: FakeCamera, open_it: Open, said: list[str]) -> None:
    device.state = "failing"
    camera = open_it()
    take_until(camera, lambda: len(device.captures) > 1)
    assert [sentence.split("since")[0] for sentence in said] == [
        "Camera 0 has given no picture for 0 s ",
        "Camera 0 gives no picture any more; is it still connected? Trying to open it again.",
    ]


def test_another_size_is_said(device: FakeCamera, open_it: Open, said: list[str]) -> None:
    camera = open_it(width=128, height=96)
    take_until(camera, lambda: camera._index > 3)
    device.size = (32, 24)
    before = camera._index
    take_until(camera, lambda: camera._index > before + 3)
    assert [sentence.split(";")[0] for sentence in said] == [
        "Camera 0 gives 64x48, not 128x96 as asked for",
        "Camera 0 gives 32x24 now",
    ]


def test_a_stream_of_known_length_ends(device: FakeCamera, open_it: Open, said: list[str]) -> None:
    device.count = 5
    camera = open_it()
    assert 1 <= len(list(camera)) <= 5
    assert camera.take(10) is None
    assert said == []
    assert len(device.captures) == 1


def test_the_last_picture_of_a_stream_may_come_as_a_wait_is_over(
    device: FakeCamera, open_it: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    coming, read, take = threading.Event(), FakeCapture.read, Grabber.take

    def read_when_it_comes(capture: FakeCapture) -> tuple[bool, NDArray[np.uint8] | None]:
        coming.wait(60)
        return read(capture)

    def too_early(grabber: Grabber, timeout: float) -> tuple[NDArray[np.uint8], float, int] | None:
        if coming.is_set() or grabber.opened is None:
            return take(grabber, timeout)
        coming.set()
        grabber._thread.join()
        return None

    monkeypatch.setattr(FakeCapture, "read", read_when_it_comes)
    monkeypatch.setattr(Grabber, "take", too_early)
    device.count = 1
    assert len(list(open_it())) == 1


@pytest.mark.parametrize("state", ["good", "failing", "blocked", "frozen", "gone", "opening"])
def test_stopping_ends_the_frames_in_every_state(device: FakeCamera, open_it: Open, state: str) -> None:
    camera = open_it()
    take_until(camera, lambda: camera._index > 1)
    if state == "opening":
        device.opening.clear()
        device.state = "failing"
    else:
        device.state = state
    tries = len(device.tries) + (state != "good")
    idle = threading.Event()
    camera.idle = idle.set
    timer = threading.Timer(1.0, camera.stop)
    timer.start()
    list(camera)
    timer.join()
    camera.close()
    assert len(device.tries) >= tries
    assert idle.is_set() or state in ("good", "frozen")


def test_a_read_that_raises_is_one_that_fails(
    device: FakeCamera, open_it: Open, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    camera = open_it()
    take_until(camera, lambda: camera._index > 1)

    def read() -> None:
        raise cv2.error("bad")

    monkeypatch.setattr(device.captures[0], "read", read)
    take_until(camera, lambda: len(said) > 1)
    assert "no picture" in said[0]
    assert "back" in said[1]


def test_half_the_rate_is_said_once(device: FakeCamera, open_it: Open, said: list[str]) -> None:
    device.rate, device.told_rate = 10.0, 20.0
    camera = open_it()
    before = camera.take(10)
    assert before is not None
    take_until(camera, lambda: bool(said))
    last = camera.take(10)
    assert last is not None
    take_until(camera, lambda: camera._index > last.index + 20)
    (sentence,) = said
    assert "pictures per second, not 20" in sentence
    assert "more light" in sentence
