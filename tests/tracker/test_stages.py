"""No stage that dies leaves the program hanging: each thread is killed in turn, and each stage raises."""

import ctypes
import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import typer

from tests.fakes import FakeDetector, FakeEngine
from tracker import Faces, Frame, StageError, Tracker
from tracker.cli.video import video
from tracker.live import LiveOptions, run_live
from tracker.serve.address import Address
from tracker.sinks import open_stream
from tracker.sources.base import Source
from tracker.sources.camera import Camera
from tracker.tracks import Tracks

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
"""Threads are killed here."""

FRAMES = 400
"""Most frames of a live source; a thread that is killed must be noticed before."""
KILLED_AT = 20


def kill(name: str) -> None:
    """Ends a thread from outside, as soon as it runs Python again."""
    thread = next(thread for thread in threading.enumerate() if thread.name.startswith(name))
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(SystemExit))


class Disturbed(Tracker):
    """A tracker of fakes, during whose 20th frame something happens."""

    disturb: Callable[[], object] = staticmethod(lambda: None)

    def __init__(self, **_: Any) -> None:
        super().__init__(engine=FakeEngine(), detector=FakeDetector((80, 60)))
        self.updated = 0

    def update(self, frame: Frame) -> Faces:
        self.updated += 1
        if self.updated == KILLED_AT:
            type(self).disturb()
        return super().update(frame)


Disturbance = Callable[[Callable[[], object]], None]


@pytest.fixture
def disturbance(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disturbance]:
    """Says what happens during the 20th frame."""
    monkeypatch.setattr("tracker.live.loop.Tracker", Disturbed)
    monkeypatch.setattr("tracker.pipeline.Tracker", Disturbed)
    yield lambda disturb: monkeypatch.setattr(Disturbed, "disturb", staticmethod(disturb))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(("sink", "video", "page"))]


class Live(Source):
    """Gives frames until somebody has said something, and some more."""

    def __init__(self, said: list[str]) -> None:
        super().__init__()
        self.said = said

    def __iter__(self) -> Iterator[Frame]:
        picture = np.full((120, 160, 3), 90, np.uint8)
        after = 0
        for index in range(FRAMES):
            after += any("ended" in sentence for sentence in self.said)
            if self.stopped or after > 10:
                return
            threading.Event().wait(0.002 if index > KILLED_AT else 0)
            yield Frame(picture, index, index / 30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def live(folder: Path, **further: Any) -> tuple[int, list[str]]:
    """Runs the live loop with a file of points and a recording; returns its exit code and what it said."""
    said: list[str] = []
    given = {"points": (folder / "a.jsonl",), "record": folder / "a.mp4", "window": False} | further
    options = LiveOptions(**given)
    return run_live(lambda: Live(said), options, said.append), said


def lines(path: Path) -> list[int]:
    text = path.read_text(encoding="utf-8")
    assert text.endswith("\n")
    return [json.loads(line)["frame"] for line in text.splitlines()]


def frames_of(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def seen(said: list[str]) -> int:
    """How many frames the loop saw, as it says at its end."""
    return int(next(sentence for sentence in said if " frames (" in sentence).split()[0])


@pytest.mark.parametrize("name", ["sink JsonlSink", "sink VideoSink", "sink Journaled", "sink WebSocketSink"])
def test_the_loop_goes_on_without_a_sink_whose_thread_ends(tmp_path: Path, disturbance: Disturbance, name: str) -> None:
    disturbance(lambda: kill(name))
    points = (tmp_path / "a.jsonl", tmp_path / "a.parquet")
    code, said = live(tmp_path, points=points, send=(f"ws://127.0.0.1:{free_port()}",))
    assert code == 1
    (sentence,) = [sentence for sentence in said if "ended" in sentence]
    assert name.removeprefix("sink ") in sentence
    assert sentence.endswith("Going on without it.")
    assert KILLED_AT < seen(said) < FRAMES
    if "Jsonl" not in name:
        assert lines(tmp_path / "a.jsonl") == list(range(seen(said)))
    if "Video" not in name:
        assert frames_of(tmp_path / "a.mp4") == seen(said)


@pytest.mark.parametrize("name", ["websocket server", "page server", "page encoder"])
def test_the_loop_goes_on_without_a_server_whose_thread_ends(
    tmp_path: Path, disturbance: Disturbance, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    sinks: list[Any] = []

    def opened(address: Any) -> Any:
        sinks.append(open_stream(address))
        return sinks[-1]

    def disturb() -> None:
        kill(name)
        for sink in sinks:
            sink._loop.call_soon_threadsafe(int)  # a server that waits runs no Python

    monkeypatch.setattr("tracker.sinks.outputs.open_stream", opened)
    disturbance(disturb)
    send = (f"ws://127.0.0.1:{free_port()}",) if name == "websocket server" else ()
    code, said = live(tmp_path, send=send, serve=None if send else Address("127.0.0.1", 0))
    assert code == 1
    (sentence,) = [sentence for sentence in said if "ended" in sentence]
    assert sentence.endswith("Going on without it.")
    assert lines(tmp_path / "a.jsonl") == list(range(seen(said)))
    assert frames_of(tmp_path / "a.mp4") == seen(said)


def test_the_program_ends_when_the_last_sink_has(tmp_path: Path, disturbance: Disturbance) -> None:
    disturbance(lambda: (kill("sink JsonlSink"), kill("sink VideoSink")))
    code, said = live(tmp_path)
    assert code == 1
    assert seen(said) < FRAMES
    assert len(lines(tmp_path / "a.jsonl")) >= KILLED_AT - 10


@pytest.mark.parametrize("stage", ["detector", "engine", "tracks"])
def test_what_a_stage_raises_leaves_whole_files(
    tmp_path: Path, disturbance: Disturbance, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError(stage)

    place = {"detector": FakeDetector, "engine": FakeEngine, "tracks": Tracks}[stage]
    method = {"detector": "detect", "engine": "predict", "tracks": "update"}[stage]
    disturbance(lambda: monkeypatch.setattr(place, method, fail))
    with pytest.raises(ZeroDivisionError, match=stage):
        live(tmp_path)
    written = lines(tmp_path / "a.jsonl")
    assert written == list(range(len(written)))
    assert len(written) >= KILLED_AT - 1
    assert frames_of(tmp_path / "a.mp4") == len(written)


def work(folder: Path, clip: Path) -> None:
    video(input=clip, out=folder / "a.mp4", points=[folder / "a.jsonl", folder / "a.csv"])


@pytest.mark.parametrize("name", ["sink JsonlSink", "sink VideoSink", "sink CsvSink"])
def test_a_file_is_worked_through_without_a_sink_whose_thread_ends(
    tmp_path: Path, clip: Path, disturbance: Disturbance, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    disturbance(lambda: kill(name))
    with pytest.raises(typer.Exit) as ended:
        work(tmp_path, clip)
    assert ended.value.exit_code == 1
    assert f"fkd: The thread of {name.removeprefix('sink ')} ended" in capsys.readouterr().err
    assert (tmp_path / "a.csv").read_bytes().endswith(b"\n")
    if "Jsonl" not in name:
        assert lines(tmp_path / "a.jsonl") == list(range(60))
    if "Video" not in name:
        assert frames_of(tmp_path / "a.mp4") == 60


def test_a_reader_that_ends_ends_the_program(tmp_path: Path, clip: Path, disturbance: Disturbance) -> None:
    disturbance(lambda: kill("video reader"))
    with pytest.raises(StageError, match="reads"):
        work(tmp_path, clip)
    assert StageError.exit_code == 1
    written = lines(tmp_path / "a.jsonl")
    assert KILLED_AT <= len(written) < 60
    assert frames_of(tmp_path / "a.mp4") == len(written)


@pytest.mark.parametrize("when", ["opening", "reading"])
def test_a_camera_whose_thread_ends_ends_the_program(monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    class Capture:
        def get(self, _: int) -> float:
            if when == "opening":
                raise SystemExit
            return 0.0

        def read(self) -> tuple[bool, Any]:
            raise SystemExit

        def release(self) -> None:
            pass

    monkeypatch.setattr("tracker.sources.camera.open_camera", lambda *_: Capture())
    with pytest.raises(StageError, match="camera"):
        list(Camera(0))
