"""A window in which keys are pressed, and loops without a network."""

from collections.abc import Callable, Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.fakes import FakeDetector, FakeEngine
from tracker.live import loop, many, screen
from tracker.pipeline import Tracker
from tracker.trackers import Trackers
from tracker.window import Key

Press = Callable[[Mapping[int, Key]], "FakeWindow"]


class FakeWindow:
    """Keeps what is shown; presses keys when so many pictures were shown."""

    def __init__(self, keys: Mapping[int, Key]) -> None:
        self._keys = keys
        self.shown: list[NDArray[np.uint8]] = []

    def show(self, image: NDArray[np.uint8], wait: int = 1) -> Key | None:  # noqa: ARG002 - the window's signature
        self.shown.append(image)
        return self._keys.get(len(self.shown))

    def close(self) -> None:
        pass


@pytest.fixture
def press(monkeypatch: pytest.MonkeyPatch) -> Press:
    """Makes the window one in which these keys are pressed, by the number of the picture."""

    def pressed(keys: Mapping[int, Key]) -> FakeWindow:
        window = FakeWindow(keys)
        monkeypatch.setattr(screen, "Window", lambda: window)
        monkeypatch.setattr(screen, "has_display", lambda: True)
        return window

    return pressed


@pytest.fixture
def without_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loops see no faces, and load nothing."""

    def tracker(**_: object) -> Tracker:
        return Tracker(engine=FakeEngine(), detector=FakeDetector())

    def trackers(count: int, **_: object) -> Trackers:
        return Trackers(count, engine=FakeEngine(), detector=FakeDetector())

    monkeypatch.setattr(loop, "Tracker", tracker)
    monkeypatch.setattr(many, "Trackers", trackers)
