"""A stream whose sender is stopped, started again, and damages what it sends."""

from collections.abc import Iterator
from time import monotonic

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.tracker.sources.fake_camera import frames_until, take_until
from tests.tracker.sources.udp_sender import Sender, free_port
from tracker.pipeline import OUTAGE, Tracker
from tracker.sources.camera import Camera
from tracker.sources.demo import PORTRAIT
from tracker.sources.images import read_image
from tracker.sources.watchdog import Patience


@pytest.fixture
def sender() -> Iterator[Sender]:
    with Sender(free_port()) as sender:
        yield sender


def test_a_sender_that_stops_is_noticed_and_back_when_it_starts_again(sender: Sender) -> None:
    said: list[str] = []
    with Camera(sender.address, say=said.append, patience=Patience(steady=0.5)) as camera:
        take_until(camera, lambda: camera._index > 10)
        for times in (1, 2):
            sender.stop()
            take_until(camera, lambda: len(said) == 2 * times - 1)  # noqa: B023
            assert f"127.0.0.1:{sender.port} does not answer any more" in said[-1]
            before = camera._index
            sender.start()
            take_until(camera, lambda: camera._index > before + 10)  # noqa: B023
            assert len(said) == 2 * times
            assert "is back after" in said[-1]
            take_until(camera, lambda: camera._health.well)


def test_damaged_datagrams_do_not_end_it(sender: Sender, capfd: pytest.CaptureFixture[str]) -> None:
    said: list[str] = []
    with Camera(sender.address, say=said.append) as camera:
        take_until(camera, lambda: camera._index > 10)
        for share in (0.2, 1.0):
            sender.corrupt = share
            end = monotonic() + 2
            frames = take_until(camera, lambda: monotonic() > end)  # noqa: B023
            assert {frame.image.dtype.name for frame in frames} <= {"uint8"}
        sender.corrupt = 0.0
        before = camera._index
        take_until(camera, lambda: camera._index > before + 25 and not camera._health.lost)
    assert capfd.readouterr() == ("", "")


def test_stopping_ends_the_frames_while_the_sender_is_silent(sender: Sender) -> None:
    with Camera(sender.address, say=lambda _: None) as camera:
        take_until(camera, lambda: camera._index > 3)
        sender.stop()
        take_until(camera, lambda: camera._health.lost)
        camera.idle = camera.stop
        assert len(list(camera)) == 0


def somebody(index: int) -> NDArray[np.uint8]:
    """A picture (320, 320, 3) of somebody who does not quite keep still."""
    return np.roll(np.asarray(cv2.resize(read_image(PORTRAIT), (320, 320)), np.uint8), index % 5, axis=1)


def test_a_face_keeps_its_id_over_an_outage() -> None:
    ids: list[int] = []
    with (
        Tracker() as tracker,
        Sender(free_port(), somebody, rate=10) as sender,
        Camera(sender.address, say=lambda _: None) as camera,
    ):
        for frame in frames_until(camera, lambda: ids.count(0) > 3):
            ids.extend(tracker.update(frame).ids.tolist())
        last = frame.time
        sender.stop()
        take_until(camera, lambda: camera._health.lost)
        sender.start()
        before = len(ids)
        for frame in frames_until(camera, lambda: len(ids) > before + 3):
            ids.extend(tracker.update(frame).ids.tolist())
    assert frame.time - last > OUTAGE
    assert set(ids) == {0}
