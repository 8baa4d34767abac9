"""What keys of the window write."""

from pathlib import Path

import cv2
import pytest

from tests.tracker.live.conftest import Press
from tests.tracker.test_feeder import FakeCamera
from tracker.live import LiveOptions, run_live
from tracker.window import Key

pytestmark = pytest.mark.usefixtures("without_network")


def test_a_snapshot_is_the_picture(press: Press, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    press({2: Key.SNAPSHOT, 3: Key.SNAPSHOT})
    said: list[str] = []
    assert run_live(lambda: FakeCamera(5, live=False), LiveOptions(), said.append) == 0
    pictures = sorted(tmp_path.iterdir())
    assert len(pictures) == 2
    assert {f"written: {path.name}" for path in pictures} < set(said)
    for path in pictures:
        picture = cv2.imread(str(path))
        assert picture is not None
        assert picture.shape == (48, 64, 3)


def test_what_cannot_be_written_is_said_and_the_picture_goes_on(
    press: Press, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    window = press({2: Key.SNAPSHOT, 4: Key.RECORD})
    said: list[str] = []
    assert run_live(lambda: FakeCamera(8, live=False), LiveOptions(), said.append) == 0
    assert len(window.shown) == 8
    snapshot, recording, summary = said
    assert snapshot.startswith("fkd-")
    assert ".png cannot be written: " in snapshot
    assert ".mp4 cannot be written: " in recording
    assert "8 frames" in summary
