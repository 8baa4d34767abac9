"""Runs the installed programs as a user does, and makes the files they are given."""

import gc
import os
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import pytest

from tracker.sources.demo import Demo

PROGRAMS = Path(sys.executable).parent
LONGEST = (
    "test_walk.py",
    "training/test_several_devices.py",
    "training/exporting/test_export.py",
    "training/test_shipped.py",
    "training/test_fit.py",
    "tracker/test_ids.py",
    "cli/test_batch.py",
)
"""The files that take longest, in this order. Begun last, they would leave the other workers with nothing to do."""
Run = Callable[..., "subprocess.CompletedProcess[str]"]


gc.disable()  # until all is imported: a third of the time of collecting went into looking for what could go


def pytest_collection_finish() -> None:
    """What is imported stays, and is not looked through again and again."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the tests that take longest first."""
    here = Path(__file__).parent
    place = {here / name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path, len(place)))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a program in an empty folder, without a display; returns what it said."""

    def run_it(*words: str | Path, display: str | None = None) -> "subprocess.CompletedProcess[str]":
        command = [str(PROGRAMS / str(words[0])), *map(str, words[1:])]
        return subprocess.run(
            command, cwd=tmp_path, env=environment(display), capture_output=True, text=True, timeout=120, check=False
        )

    return run_it


def environment(display: str | None = None) -> dict[str, str]:
    """The environment without a display, or with the one given."""
    kept = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return kept if display is None else kept | {"DISPLAY": display}


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video of 60 frames of the demo, at 30 frames per second, its index before its frames."""
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=30, options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
        for frame in Demo(seconds=2):
            picture = av.VideoFrame.from_ndarray(frame.image, format="bgr24")
            picture.pts, picture.time_base = frame.index, Fraction(1, 30)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


@pytest.fixture(scope="session")
def folder_of_pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three pictures of the demo, and a text."""
    folder = tmp_path_factory.mktemp("pictures")
    for frame in Demo(rate=1, seconds=3):
        cv2.imwrite(str(folder / f"picture {frame.index}.png"), frame.image)
    (folder / "notes.txt").write_text("no picture", encoding="utf-8")
    return folder
