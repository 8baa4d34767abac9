"""The live loop while its camera is lost."""

import numpy as np
import pytest

from tests.tracker.sources.fake_camera import HASTY, FakeCamera
from tracker.live import LiveOptions, run_live, screen
from tracker.sources.camera import Camera
from tracker.window import Key


class Window:
    """The camera blocks as soon as a picture is shown in it; somebody presses a key once it says so."""

    def __init__(self, device: FakeCamera) -> None:
        self._device = device
        self.lines: list[str] = []

    def show(self, image: np.ndarray) -> Key | None:
        assert image.shape == (48, 64, 3)
        self._device.state = "blocked"
        return Key.QUIT if self.lines[0].startswith("no picture for") else None

    def close(self) -> None:
        pass


def test_the_window_takes_keys_while_no_picture_comes(device: FakeCamera, monkeypatch: pytest.MonkeyPatch) -> None:
    window = Window(device)

    def draw_lines(_: np.ndarray, lines: list[str]) -> None:
        window.lines = lines

    monkeypatch.setattr(screen, "Window", lambda: window)
    monkeypatch.setattr(screen, "has_display", lambda: True)
    monkeypatch.setattr(screen, "draw_lines", draw_lines)
    said: list[str] = []
    assert run_live(lambda: Camera(0, say=said.append, patience=HASTY), LiveOptions(), said.append) == 0
    assert any("does not answer" in sentence for sentence in said)
