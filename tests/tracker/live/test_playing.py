"""Files in the live loop."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tracker.live.conftest import Press
from tests.tracker.test_feeder import SMALL, FakeCamera
from tracker.errors import InputError
from tracker.frame import Frame
from tracker.live import LiveOptions, Opening, many, run_live, run_many
from tracker.sources import playback
from tracker.sources.base import Source
from tracker.sources.feeder import Feeder
from tracker.window import Key

pytestmark = pytest.mark.usefixtures("without_network")


class File(Source):
    """Frames at these times."""

    def __init__(self, times: list[float]) -> None:
        super().__init__()
        self._times = times

    def __iter__(self) -> Iterator[Frame]:
        for index, time in enumerate(self._times):
            if self.stopped:
                return
            yield Frame(SMALL, index, time)


@pytest.mark.parametrize("several", [False, True])
def test_a_file_whose_clock_begins_late_is_played_at_once(
    press: Press, several: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(playback, "sleep", waited.append)  # as broadcasts begin at any hour of their clock
    monkeypatch.setattr(playback, "monotonic", lambda: 1000.0 + sum(waited))
    window = press({})
    times = [90_000.0 + index / 25 for index in range(5)]
    if several:
        assert run_many([Opening("a", lambda: File(times)), Opening("b", lambda: File([]))], LiveOptions(), print) == 0
    else:
        assert run_live(lambda: File(times), LiveOptions(), print) == 0
    assert len(window.shown) >= 5
    assert sum(waited) == pytest.approx(4 / 25)


def test_a_file_with_a_gap_can_be_left_in_it(press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(playback, "sleep", waited.append)
    monkeypatch.setattr(playback, "monotonic", lambda: 1000.0 + sum(waited))
    press({4: Key.QUIT})
    assert run_live(lambda: File([0.0, 9.0, 18.0]), LiveOptions(), print) == 0
    assert sum(waited) < 1.0


def test_sources_that_fail_as_the_loop_ends_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Ended(Feeder):
        """Has ended before anybody looks."""

        def __init__(self, source: Source, *args: object, **options: object) -> None:
            super().__init__(source, *args, **options)  # type: ignore[arg-type]
            self._thread.join()

    monkeypatch.setattr(many, "Feeder", Ended)
    openings = [
        Opening(name, lambda name=name: FakeCamera(0, live=False, error=InputError(f"{name} is broken.")))  # type: ignore[misc]
        for name in ("left", "right")
    ]
    said: list[str] = []
    options = LiveOptions(window=False, points=(tmp_path / "points.jsonl",))
    assert run_many(openings, options, said.append) == InputError.exit_code
    assert said[:2] == ["left is broken.", "right is broken."]
