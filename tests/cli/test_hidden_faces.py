"""--privacy: no picture that leaves shows a face, whatever way it goes."""

from pathlib import Path
from threading import Thread

import cv2
import numpy as np
import pytest
import pyvirtualcam.camera
from numpy.typing import NDArray

from tests.cli.test_video import lines, one_sentence
from tests.conftest import Run
from tests.tracker.serve.serving import Printed
from tests.tracker.serve.test_sink import receive, watching
from tests.tracker.sinks.test_rerun import entities_of
from tests.tracker.sinks.test_virtual_camera import Device
from tracker import Faces, Tracker
from tracker.live import LiveOptions, run_live, screen
from tracker.privacy import MODES
from tracker.serve.address import Address
from tracker.sources.demo import Demo
from tracker.window import Key

Image = NDArray[np.uint8]


def frames_of(path: Path) -> list[Image]:
    capture = cv2.VideoCapture(str(path))
    frames = []
    while (read := capture.read())[0]:
        frames.append(np.asarray(read[1], np.uint8))
    return frames


def likeness(before: Image, after: Image, box: NDArray[np.floating]) -> float:
    """How much the details inside a face's box are alike, as a correlation; finer ones than an eighth of the box."""
    left, top, right, bottom = np.clip(np.asarray(box), 0, [640, 480, 640, 480]).astype(int)
    details = []
    for image in (before, after):
        part = image[top:bottom, left:right].astype(np.float64).mean(axis=2)
        details.append((part - cv2.GaussianBlur(part, (0, 0), (right - left) / 8)).ravel())
    if np.std(details[1]) == 0:
        return 0.0
    return float(np.corrcoef(details)[0, 1])


@pytest.mark.parametrize("mode", [None, *MODES])
def test_a_video_shows_no_face(run: Run, clip: Path, tmp_path: Path, mode: str | None) -> None:
    words = ["--privacy", mode] if mode else []
    result = run("fkd", "video", clip, "--out", "a.mp4", "--points", "p.jsonl", *words)
    assert result.returncode == 0, result.stderr
    written = frames_of(tmp_path / "a.mp4")
    assert len(written) == 60
    for before, after, record in zip(frames_of(clip), written, lines(tmp_path / "p.jsonl"), strict=True):
        assert record["faces"]
        alike = [likeness(before, after, face["box"]) for face in record["faces"]]
        assert max(alike) < 0.5 if mode else min(alike) > 0.5


@pytest.mark.parametrize("mode", MODES)
def test_pictures_show_no_face(run: Run, folder_of_pictures: Path, tmp_path: Path, mode: str) -> None:
    result = run("fkd", "video", folder_of_pictures, "--out", "drawn", "--points", "p.jsonl", "--privacy", mode)
    assert result.returncode == 0, result.stderr
    for record in lines(tmp_path / "p.jsonl"):
        before, after = (
            cv2.imread(str(folder / record["file"])) for folder in (folder_of_pictures, tmp_path / "drawn")
        )
        assert record["faces"]
        assert max(likeness(before, after, face["box"]) for face in record["faces"]) < 0.5


class Hands:
    """Stands in for the window: sees what is shown, and presses keys."""

    shown: list[Image]

    def __init__(self) -> None:
        Hands.shown = []

    def show(self, image: Image, wait: int = 1) -> Key | None:  # noqa: ARG002 - the window's signature
        Hands.shown.append(image.copy())
        return {5: Key.SNAPSHOT, 8: Key.RECORD, 12: Key.RECORD}.get(len(Hands.shown))

    def close(self) -> None:
        pass


@pytest.mark.parametrize("mode", MODES)
def test_window_snapshot_and_recordings_show_no_face(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(screen, "Window", Hands)
    monkeypatch.setattr(screen, "has_display", lambda: True)
    said: list[str] = []
    run_live(lambda: Demo(seconds=0.6), LiveOptions(privacy=mode, engine="litert"), said.append)
    originals = [frame.image for frame in Demo(seconds=0.6)]
    faces: list[Faces] = []
    with Tracker() as own:
        faces = [own.detect(image) for image in originals]
    (snapshot,) = tmp_path.glob("fkd-*.png")
    (recording,) = tmp_path.glob("fkd-*.mp4")
    recorded = frames_of(recording)
    assert len(Hands.shown) == len(originals) == 18
    assert len(recorded) == 4
    pictures = [*enumerate(Hands.shown), (4, cv2.imread(str(snapshot))), *enumerate(recorded, 8)]
    for index, picture in pictures:
        for box in faces[index].boxes:
            assert likeness(originals[index], picture, box) < 0.5


@pytest.fixture
def virtual_cameras(monkeypatch: pytest.MonkeyPatch) -> list[Device]:
    """The virtual cameras that are opened; pyvirtualcam has no other backend meanwhile."""
    Device.opened = []
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {})
    pyvirtualcam.register_backend("fake", Device)
    return Device.opened


def decoded(jpeg: bytes) -> Image:
    return np.asarray(cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR), np.uint8)


@pytest.mark.parametrize("mode", MODES)
def test_page_virtual_camera_and_rerun_show_no_face(tmp_path: Path, virtual_cameras: list[Device], mode: str) -> None:
    source = Demo(seconds=3600)
    received: dict[int, Image] = {}

    def view(url: str) -> None:
        serial = 0
        try:
            with watching(Printed(url)) as connection:
                while len(received) < 5:
                    header, jpeg = receive(connection, f"picture {serial}")
                    serial, received[header["frame"]] = header["serial"], decoded(jpeg)
        finally:
            source.stop()

    def say(sentence: str) -> None:
        if sentence.startswith("page: "):
            Thread(target=view, args=[sentence.removeprefix("page: ")]).start()

    options = LiveOptions(
        window=False,
        privacy=mode,
        serve=Address("127.0.0.1", 0),
        virtual_camera="auto",
        rerun=str(tmp_path / "a.rrd"),
        engine="litert",
    )
    run_live(lambda: source, options, say)
    rows = [row for row in entities_of(tmp_path / "a.rrd")["/image"] if row.get("EncodedImage:blob")]
    logged = {row["frame"]: decoded(bytes(row["EncodedImage:blob"][0])) for row in rows}
    assert len(received) == 5
    with Tracker() as own:
        for frame in Demo(seconds=(max(received) + 1) / 30):
            if frame.index not in received:
                continue
            pictures = [received[frame.index], logged[frame.index]]
            if mode == "points-only":
                assert not np.any(pictures)
            (camera,) = virtual_cameras
            boxes = own.detect(frame.image).boxes
            assert len(boxes)
            for picture in (*pictures, camera.pictures[frame.index]):
                assert max(likeness(frame.image, picture, box) for box in boxes) < 0.5


def test_what_hides_nothing_is_said(run: Run, folder_of_pictures: Path) -> None:
    result = run("fkd", "video", folder_of_pictures, "--privacy", "blur")
    assert result.returncode == 0
    assert "--out" in result.stderr


def test_a_mode_that_does_not_exist_is_refused(run: Run, clip: Path, tmp_path: Path) -> None:
    for words in (["fkd", "video", clip, "--out", "a.mp4"], ["fkd-live", "--demo", "--record", "a.mp4"]):
        assert "mosaic" in one_sentence(run(*words, "--privacy", "mosaic"))
        assert not (tmp_path / "a.mp4").exists()
