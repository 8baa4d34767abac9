"""What keys of the window write."""

import signal
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.tracker.live.conftest import Press
from tests.tracker.test_feeder import FakeCamera
from tracker.live import LiveOptions, Opening, run_live, run_many
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


def endless() -> list[Opening]:
    """Two files that do not end by themselves."""
    return [Opening(name, lambda: FakeCamera(100_000, live=False)) for name in ("left", "right")]


def test_of_several_sources_each_is_recorded_and_q_ends_them(
    press: Press, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    window = press({2: Key.RECORD, 40: Key.RECORD, 50: Key.QUIT})
    said: list[str] = []
    assert run_many(endless(), LiveOptions(), said.append) == 0
    assert len(window.shown) == 50
    assert {picture.shape for picture in window.shown} == {(48, 128, 3)}
    recordings = sorted(tmp_path.iterdir())
    assert [path.name.partition(".")[2] for path in recordings] == ["0.mp4", "1.mp4"]
    for path in recordings:
        assert f"written: {path.name}" in said
        with av.open(str(path)) as container:
            assert container.start_time == 0
            assert 0 < sum(1 for _ in container.decode(video=0)) <= 38
    assert said[0].startswith("camera 0 (left): ")


@pytest.mark.parametrize("several", [False, True])
def test_ctrl_c_ends_a_pause(press: Press, several: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    window = press({3: Key.PAUSE})
    show = window.show

    def shown(image: NDArray[np.uint8], wait: int = 1) -> Key | None:
        assert len(window.shown) < 1000, "It goes on for ever."
        if len(window.shown) == 10:
            signal.raise_signal(signal.SIGINT)
        return show(image, wait)

    monkeypatch.setattr(window, "show", shown)
    said: list[str] = []
    if several:
        assert run_many(endless(), LiveOptions(), said.append) == 130
    else:
        assert run_live(endless()[0].open, LiveOptions(), said.append) == 130
    assert "frames" in said[0]
