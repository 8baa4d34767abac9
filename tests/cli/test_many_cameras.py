"""`fkd live` with several sources: files for each, ids of their own, one picture of all, and failures of one alone."""

import json
import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.conftest import Run
from tests.tracker.test_feeder import FakeCamera
from tracker.cli.main import live_application
from tracker.errors import CameraError
from tracker.sources import camera as camera_module


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_each_source_has_files_of_its_own_and_ids_are_unique(run: Run, clip: Path, tmp_path: Path) -> None:
    outputs = ["--points", "points.jsonl", "--points", "points.csv", "--record", "out.mp4"]
    result = run("fkd-live", "--video", clip, "--video", clip, "--no-window", *outputs)
    assert result.returncode == 0, result.stderr
    ids: list[set[int]] = []
    for number in (0, 1):
        records = lines(tmp_path / f"points-{number}.jsonl")
        assert [record["frame"] for record in records] == list(range(60))
        assert {record["camera"] for record in records} == {number}
        ids.append({face["id"] for record in records for face in record["faces"]})  # type: ignore[attr-defined]
        assert (tmp_path / f"points-{number}.csv").stat().st_size > 1000
        assert (tmp_path / f"out-{number}.mp4").stat().st_size > 1000
        assert f"camera {number} (clip.mp4): 60 frames" in result.stdout
    assert ids[0]
    assert ids[1]
    assert not ids[0] & ids[1]
    alone = run("fkd-live", "--video", clip, "--no-window", "--points", "alone.jsonl")
    assert alone.returncode == 0
    first, other = lines(tmp_path / "points-0.jsonl"), lines(tmp_path / "alone.jsonl")
    for record, expected in zip(first, other, strict=True):
        assert "camera" not in expected
        for face, same in zip(record["faces"], expected["faces"], strict=True):  # type: ignore[call-overload]
            assert face["box"] == pytest.approx(same["box"], abs=0.5)


def test_one_that_does_not_open_does_not_disturb_the_others(run: Run, clip: Path, tmp_path: Path) -> None:
    result = run("fkd-live", "--video", "nowhere.mp4", "--video", clip, "--no-window", "--points", "points.jsonl")
    assert result.returncode == 2
    assert result.stdout.count("nowhere.mp4") == 1
    assert len(lines(tmp_path / "points-1.jsonl")) == 60
    assert not (tmp_path / "points-0.jsonl").exists()
    none = run("fkd-live", "--video", "nowhere.mp4", "--video", "nor.mp4", "--no-window")
    assert none.returncode == 2
    assert none.stderr.count("\n") == 1


def test_no_file_of_one_is_made_where_that_of_another_exists(run: Run, clip: Path, tmp_path: Path) -> None:
    (tmp_path / "points-1.csv").write_text("precious", encoding="utf-8")
    result = run("fkd-live", "--video", clip, "--demo", "--no-window", "--points", "points.csv")
    assert result.returncode == 2
    assert "points-1.csv exists already" in result.stderr
    assert not (tmp_path / "points-0.csv").exists()


def test_one_that_fails_while_it_runs_does_not_disturb_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(which: str, **_: object) -> FakeCamera:
        return FakeCamera(20, error=CameraError("Camera 1 broke.") if which == "1" else None)

    monkeypatch.setattr(camera_module, "Camera", opened)
    words = ["--camera", "0", "--camera", "1", "--no-window", "--points", str(tmp_path / "points.jsonl")]
    result = CliRunner().invoke(live_application, words)
    assert result.output.count("Camera 1 broke. Going on without it.") == 1
    assert result.exit_code == 2
    last = lines(tmp_path / "points-0.jsonl")[-1]
    assert (last["frame"], last["camera"]) == (19, 0)


def test_a_source_of_the_command_line_is_not_joined_by_that_of_a_variable(
    run: Run, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FKD_CAMERA", "nowhere")
    result = run("fkd-live", "--video", clip, "--no-window")
    assert result.returncode == 0, result.stderr
    assert "nowhere" not in result.stdout
    assert "60 frames" in result.stdout
    assert "nowhere" in run("fkd-live", "--no-window").stderr


def test_no_source_is_written_over(run: Run, clip: Path, tmp_path: Path) -> None:
    source = tmp_path / "me-1.mp4"
    source.write_bytes(clip.read_bytes())
    result = run("fkd-live", "--video", clip, "--video", source, "--no-window", "--record", "me.mp4", "--overwrite")
    assert result.returncode == 2
    assert "me-1.mp4 is named twice" in result.stderr
    assert source.read_bytes() == clip.read_bytes()
    assert not (tmp_path / "me-0.mp4").exists()


def test_the_password_of_an_address_is_not_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is it in the picture, where a source has the same name as at the end."""
    monkeypatch.setattr(camera_module, "Camera", lambda *_, **__: FakeCamera(5))
    words = ["--camera", "0", "--camera", "rtsp://me:secret@camera.example/live?token=secret", "--no-window"]
    result = CliRunner().invoke(live_application, words)
    assert "camera 1 (rtsp://camera.example/live): " in result.output
    assert "secret" not in result.output


def test_what_is_sent_says_of_which_camera_it_is(run: Run, clip: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)
        address = f"udp://127.0.0.1:{receiver.getsockname()[1]}"
        result = run("fkd-live", "--video", clip, "--video", clip, "--no-window", "--send", address)
        assert result.returncode == 0, result.stderr
        seen = {json.loads(receiver.recv(1 << 16))["camera"] for _ in range(20)}
    assert seen == {0, 1}


def test_reruns_viewer_is_for_one(run: Run, clip: Path) -> None:
    result = run("fkd-live", "--video", clip, "--demo", "--no-window", "--rerun", "viewer")
    assert result.returncode == 2
    assert "--rerun NAME.rrd" in result.stderr
