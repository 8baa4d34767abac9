"""Fixtures of more than one folder."""

from collections.abc import Iterator

import pytest

from tests.tracker.sources.fake_camera import FakeCamera
from tracker.sources import camera as camera_module


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCamera]:
    """The camera that is there, whatever is opened."""
    camera = FakeCamera()
    monkeypatch.setattr(camera_module, "open_camera", camera.open)
    yield camera
    camera.free()
