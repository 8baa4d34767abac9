"""When the live loop has the detector work beside the frames."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from tests.fakes import FakeDetector, FakeEngine
from tracker import Frame, Tracker
from tracker.live import LiveOptions, loop, run_live
from tracker.sources.base import Source


class Still(Source):
    """Two frames of a camera, or of a file."""

    def __init__(self, live: bool) -> None:
        super().__init__()
        self.live = live

    def __iter__(self) -> Iterator[Frame]:
        for index in range(2):
            yield Frame(np.full((48, 64, 3), 90, np.uint8), index, index / 30)


@pytest.mark.parametrize(
    ("live", "privacy", "beside"),
    [
        pytest.param(True, None, True, id="a camera's frames do not wait"),
        pytest.param(True, "blur", False, id="a newcomer is hidden in the first frame"),
        pytest.param(False, None, False, id="two runs over a file give the same"),
    ],
)
def test_who_waits_for_the_detector(
    monkeypatch: pytest.MonkeyPatch, live: bool, privacy: str | None, beside: bool
) -> None:
    asked: list[Any] = []

    def tracker(*, detect_beside: bool, **_: object) -> Tracker:
        asked.append(detect_beside)
        return Tracker(engine=FakeEngine(), detector=FakeDetector((30, 20)), detect_beside=detect_beside)

    monkeypatch.setattr(loop, "Tracker", tracker)
    assert run_live(lambda: Still(live), LiveOptions(window=False, privacy=privacy), lambda _: None) == 0
    assert asked == [beside]
