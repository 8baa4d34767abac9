import json

import pytest
from typer.testing import CliRunner

from tests.conftest import Run
from tracker.cli.main import application
from tracker.sources import cameras as cameras_module
from tracker.sources.cameras import CameraInfo
from tracker.sources.v4l2 import Mode


@pytest.fixture
def two_cameras(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        CameraInfo(0, "Integrated [bold] Webcam", "/dev/video0", 200),
        CameraInfo(2, "USB Webcam", "/dev/video2", 200),
    ]
    modes = {"/dev/video0": [Mode(640, 480, 30.0), Mode(1280, 720, 29.97), Mode(1920, 1080, None)], "/dev/video2": []}
    monkeypatch.setattr(cameras_module, "list_cameras", lambda: found)
    monkeypatch.setattr(cameras_module, "read_modes", modes.__getitem__)


@pytest.mark.usefixtures("two_cameras")
def test_the_list_fits_eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    result = CliRunner().invoke(application, ["cameras"], catch_exceptions=False)
    assert result.exit_code == 0
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "\x1b" not in result.stdout
    words = " ".join(result.stdout.split())
    assert "index name backend path sizes" in words
    assert "[bold]" in words
    assert "640x480@30" in words
    assert "1280x720@29.97" in words
    assert "2 USB Webcam V4L2 /dev/video2" in words


@pytest.mark.usefixtures("two_cameras")
def test_the_list_for_machines() -> None:
    result = CliRunner().invoke(application, ["cameras", "--json"], catch_exceptions=False)
    first, second = json.loads(result.stdout)["cameras"]
    assert (first["index"], first["backend"], first["path"]) == (0, "V4L2", "/dev/video0")
    assert first["modes"][2] == {"width": 1920, "height": 1080, "rate": None}
    assert second == {"index": 2, "name": "USB Webcam", "backend": "V4L2", "path": "/dev/video2", "modes": []}


def test_no_camera_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cameras_module, "list_cameras", list)
    assert "--demo" in CliRunner().invoke(application, ["cameras"], catch_exceptions=False).stdout
    assert json.loads(CliRunner().invoke(application, ["cameras", "--json"]).stdout) == {"cameras": []}


def test_the_program_lists_what_there_is(run: Run) -> None:
    result = run("fkd", "cameras", "--json")
    assert result.returncode == 0, result.stderr
    assert isinstance(json.loads(result.stdout)["cameras"], list)
