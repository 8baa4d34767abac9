import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from tests.conftest import PROGRAMS, Run, environment


def frames_of(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


def test_the_demo_runs_without_camera_and_display(run: Run, tmp_path: Path) -> None:
    result = run("fkd-live", "--demo", "--record", "demo.mp4", "--points", "demo.jsonl")
    assert result.returncode == 0, result.stderr
    assert "no display" in result.stdout
    assert "360 frames" in result.stdout
    records = [json.loads(line) for line in (tmp_path / "demo.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(records) == 360 == frames_of(tmp_path / "demo.mp4")
    assert {len(record["faces"]) for record in records} == {1, 2}


def test_a_camera_that_is_not_there_is_said(run: Run) -> None:
    result = run("fkd-live", "--camera", "77")
    assert result.returncode == 2
    (line,) = result.stderr.strip().splitlines()
    assert "77" in line
    assert "--demo" in line


@pytest.fixture
def display(tmp_path: Path) -> Iterator[str]:
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed, so there is no display to show a window on.")
    number = tmp_path / "display"
    with number.open("w") as file:
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(file.fileno()), "-screen", "0", "1024x768x24"],
            pass_fds=[file.fileno()],
            stderr=subprocess.DEVNULL,
        )
    deadline = time.monotonic() + 20
    while not number.read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    yield f":{number.read_text().strip()}"
    server.terminate()
    server.wait()


def test_the_window_shows_the_video_to_its_end(run: Run, clip: Path, display: str) -> None:
    result = run("fkd-live", "--video", clip, display=display)
    assert result.returncode == 0, result.stderr
    assert "60 frames" in result.stdout
    assert "no display" not in result.stdout


def test_keys_snapshot_and_quit(display: str, tmp_path: Path) -> None:
    if shutil.which("xdotool") is None:
        pytest.skip("xdotool is not installed, so no key can be pressed.")
    process = subprocess.Popen(
        [PROGRAMS / "fkd-live", "--demo"], cwd=tmp_path, env=environment(display), stdout=subprocess.PIPE, text=True
    )
    _press(display, "s", until=lambda: any(tmp_path.glob("fkd-*.png")))
    _press(display, "q", until=lambda: process.poll() is not None)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "360 frames" not in said  # it ended before the demo did
    assert any(tmp_path.glob("fkd-*.png"))


def _press(display: str, key: str, until: "object") -> None:
    """Presses a key in the window until it has had its effect."""
    deadline = time.monotonic() + 60
    while not until() and time.monotonic() < deadline:  # type: ignore[operator]
        search = ["xdotool", "search", "--name", "fkd", "windowfocus", "key", key]
        subprocess.run(search, env=environment(display), capture_output=True, check=False)
        time.sleep(0.2)
