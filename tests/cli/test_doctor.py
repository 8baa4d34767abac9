import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from packaging.requirements import Requirement
from typer.testing import CliRunner

from tests.conftest import PROGRAMS, environment
from tracker.cli.main import application
from tracker.doctor import cameras, child, display, engines, examination, private, versions, video, weights
from tracker.doctor.child import ChildError, ask_child
from tracker.doctor.findings import Finding, State, findings_of, good, note, problem
from tracker.models import models_folder
from tracker.sources.cameras import CameraInfo

USER = "alicesmith"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> "subprocess.CompletedProcess[str]":
    """The program's answer for machines, with everything, for a user with a name and a home."""
    home = tmp_path_factory.mktemp("home") / USER
    home.mkdir()
    given = {"HOME": str(home), "USER": USER, "LOGNAME": USER, "FKD_CAMERA": f"rtsp://{USER}:secret@10.0.0.7/1"}
    command = [PROGRAMS / "fkd", "doctor", "--json"]
    return subprocess.run(
        command, cwd=home, env=environment() | given, capture_output=True, text=True, timeout=300, check=False
    )


def test_this_machine_is_usable(whole: "subprocess.CompletedProcess[str]") -> None:
    answer = json.loads(whole.stdout)
    problems = [finding for finding in answer["findings"] if finding["state"] == "problem"]
    assert problems == []
    assert whole.returncode == 0
    assert whole.stderr == ""
    assert answer["usable"] is True
    assert [group for group in examination.GROUPS if any(f["group"] == group for f in answer["findings"])] == list(
        examination.GROUPS
    )
    by_name = {finding["name"]: finding for finding in answer["findings"]}
    assert by_name["engine litert"]["data"]["engine"].startswith("LiteRT int8")
    assert by_name["engine keras"]["data"]["version"].startswith("2.")
    assert by_name["PyAV writes"]["data"]["codecs"]["H.264"]
    assert by_name["OpenCV writes"]["data"]["codecs"]["MPEG-4"]
    assert by_name["speed, 4 faces"]["data"]["faces_per_frame"] > 3.5
    assert by_name["window"]["state"] == "note"
    assert all(finding["advice"] for finding in answer["findings"] if finding["state"] != "good")


def test_nothing_personal_is_told(whole: "subprocess.CompletedProcess[str]") -> None:
    assert USER not in whole.stdout
    assert "secret" not in whole.stdout
    assert "10.0.0.7" not in whole.stdout
    assert "FKD_CAMERA" in whole.stdout
    assert str(Path.home()) not in whole.stdout
    assert platform.node() not in whole.stdout


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes the doctor run these checks only."""

    def set_checks(**functions: Callable[[], Iterator[Finding]]) -> None:
        for name, function in functions.items():
            monkeypatch.setattr(versions, name, function, raising=False)
        names = tuple(f"versions.{name}" for name in functions)
        monkeypatch.setattr(examination, "GROUPS", {"versions": names, "speed": ("speed.missing",)})

    return set_checks


def doctor(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(application, ["doctor", *words], catch_exceptions=False)
    return result.exit_code, result.stdout


def test_a_problem_makes_the_exit_code(checks: Callable[..., None]) -> None:
    checks(first=lambda: iter([good("a", "well"), note("b", "absent", "get it")]))
    assert doctor("--no-benchmark")[0] == 0
    checks(first=lambda: iter([good("a", "well"), problem("b", "broken", "mend it")]))
    code, said = doctor("--no-benchmark")
    assert code == 2
    assert "what to do: mend it" in said
    assert "1 good, 0 note, 1 problem" in said
    code, said = doctor("--no-benchmark", "--json")
    assert code == 2
    assert json.loads(said)["usable"] is False


def test_an_error_in_a_check_is_a_finding_and_the_others_go_on(checks: Callable[..., None]) -> None:
    def fails() -> Iterator[Finding]:
        yield good("before", "seen")
        raise ZeroDivisionError(f"in {Path.home()}/x")

    checks(fails=fails, works=lambda: iter([good("after", "seen too")]))
    code, said = doctor("--json")  # the benchmark's function does not exist, which is an error too
    findings = json.loads(said)["findings"]
    assert [finding["name"] for finding in findings] == ["before", "versions.fails", "after", "speed.missing"]
    assert [finding["state"] for finding in findings] == ["good", "problem", "good", "problem"]
    assert "ZeroDivisionError: in ~/x" in findings[1]["text"]
    assert code == 2


def test_eighty_columns_and_no_colours_when_it_is_no_terminal(
    checks: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    long = " ".join(["[bold]word[/bold] 12"] * 30)
    checks(first=lambda: iter([problem("name", long, long)]))
    _, said = doctor("--no-benchmark")
    assert "\x1b" not in said
    assert max(map(len, said.splitlines())) <= 80
    assert said.count("[bold]word[/bold] 12") + said.count("[bold]word[/bold]\n") == 60


def test_a_finding_that_is_not_good_must_say_what_to_do() -> None:
    with pytest.raises(ValueError, match="what to do"):
        Finding("a", State.NOTE, "absent")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/home/alicesmith/models/a.h5", "~/models/a.h5"),
        ("in '/Users/Alice/x' and C:\\Users\\Alice\\AppData", "in '~/x' and ~\\AppData"),
        ("c:/users/alice/x", "~/x"),
        ("/homely/place", "/homely/place"),
        (f"{Path.home()}/x {Path.home()}-y", f"~/x {Path.home()}-y"),
    ],
)
def test_home_folders_are_shortened(text: str, expected: str) -> None:
    assert private.shortened(text) == expected
    assert private.shortened({"a": [text, 1, None]}) == {"a": [expected, 1, None]}
    (finding,) = findings_of("check", lambda: [note("name", text, text, path=text)])
    assert (finding.text, finding.advice, finding.data) == (expected, expected, {"path": expected})


def test_names_of_user_and_machine_are_taken_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", USER)
    monkeypatch.setattr(platform, "node", lambda: "wonderland.example")
    text = f"{USER.upper()}@wonderland.example Wonderland wonderlands"
    assert private.anonymous(text) == "(user)@(machine) (machine) wonderlands"
    assert private.unowned("Alice’s iPhone Camera") == "iPhone Camera"
    assert private.unowned("HD Webcam C525") == "HD Webcam C525"


@pytest.fixture
def copied_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "weights"
    shutil.copytree(models_folder(), folder)
    monkeypatch.setattr(weights, "models_folder", lambda: folder)
    return folder


def test_models_that_were_changed_or_lost_are_problems(copied_models: Path) -> None:
    assert {finding.state for finding in weights.models()} == {State.GOOD}
    changed = copied_models / "keypoints_int8.tflite"
    changed.write_bytes(changed.read_bytes()[:-1])
    (copied_models / "face_detection_full_range.tflite").unlink()
    problems = [finding for finding in weights.models() if finding.state is State.PROBLEM]
    assert sorted(finding.data["file"] for finding in problems) == [
        "face_detection_full_range.tflite",
        "keypoints_int8.tflite",
    ]
    (copied_models / "SHA256SUMS").unlink()
    (finding,) = weights.models()
    assert finding.state is State.PROBLEM


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Pretends that packages have other versions, or are missing (None)."""
    real = versions.version

    def pretend(**packages: str | None) -> None:
        named = {name.replace("_", "-"): found for name, found in packages.items()}

        def version(name: str) -> str:
            found = named[name] if name in named else real(name)
            if found is None:
                raise PackageNotFoundError(name)
            return found

        monkeypatch.setattr(versions, "version", version)

    return pretend


def test_packages_that_do_not_fit_are_problems(install: Callable[..., None]) -> None:
    assert [finding.state for finding in versions.packages()] == [State.GOOD]
    install(mediapipe="1.2.0", numpy="1.26.4", rich=None)
    found = {finding.name: finding for finding in versions.packages() if finding.state is State.PROBLEM}
    assert set(found) == {"mediapipe", "numpy", "rich"}
    assert "reports usage" in found["mediapipe"].text
    assert found["mediapipe"].advice == 'pip install "mediapipe==0.10.33"'
    assert "1.26.4" in found["numpy"].text
    assert "reports" not in found["numpy"].text


def test_an_older_mediapipe_does_not_report(install: Callable[..., None]) -> None:
    install(mediapipe="0.10.21")
    (finding,) = (finding for finding in versions.packages() if finding.state is State.PROBLEM)
    assert "reports" not in finding.text


@pytest.mark.parametrize("other", ["opencv_python", "opencv_python_headless", "opencv_contrib_python_headless"])
def test_two_opencvs_are_a_problem(install: Callable[..., None], other: str) -> None:
    (finding,) = versions.opencv()
    assert finding.state is State.GOOD
    install(**{other: "4.13.0.92"})
    (finding,) = versions.opencv()
    assert finding.state is State.PROBLEM
    assert f"pip uninstall -y {other.replace('_', '-')} opencv-contrib-python" in (finding.advice or "")


def test_an_opencv_that_was_written_over_is_a_problem(install: Callable[..., None]) -> None:
    install(opencv_contrib_python="3.4.18.65")
    (finding,) = versions.opencv()
    assert finding.state is State.PROBLEM
    assert "not opencv-contrib-python 3.4.18.65" in finding.text


def test_an_extra_is_installed_if_all_of_it_is(install: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    needs = {"fkd": ["numpy", "onnx>1; extra == 'onnx'", "tensorflow[and-cuda]; extra == 'gpu'"]}
    needs["tensorflow"] = ["numpy", "nvidia-cudnn; extra == 'and-cuda'"]
    monkeypatch.setattr(versions, "requires", needs.__getitem__)
    install(onnx="1.19", tensorflow="2.21", nvidia_cudnn=None)
    assert versions._missing("fkd", "onnx") == []
    assert versions._missing("fkd", "gpu") == ["nvidia-cudnn"]
    assert [str(one) for one in versions._requirements()] == [str(Requirement("numpy"))]
    install(onnx="1.0", tensorflow="2.21", nvidia_cudnn="9")
    assert versions._missing("fkd", "onnx") == ["onnx"]
    assert versions._missing("fkd", "gpu") == []


@pytest.mark.parametrize(
    ("missing", "gpus", "chosen", "states"),
    [
        (None, ["GeForce"], "keras", [State.GOOD, State.GOOD]),
        (None, [], "litert", [State.GOOD, State.GOOD, State.NOTE]),
        ("there is no driver", [], "litert", [State.GOOD, State.GOOD, State.NOTE]),
        ("the packages are missing", ["GeForce"], "litert", [State.GOOD, State.GOOD, State.NOTE]),
    ],
)
def test_the_chosen_engine_comes_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, missing: str | None, gpus: list[str], chosen: str, states: list[State]
) -> None:
    monkeypatch.setattr(engines, "missing_for_gpu", lambda: missing)
    monkeypatch.setattr(engines, "ask_child", lambda _: {"version": "2.21.0", "cuda": "12.5", "gpus": gpus})
    found = list(engines.graphics())
    assert [finding.state for finding in found] == states
    assert found[1].data["engine"] == chosen
    assert (missing or "TensorFlow") in found[1].text


def test_a_tensorflow_that_ends_the_process_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: str) -> dict[str, Any]:
        raise ChildError("the process was ended by signal 4")

    monkeypatch.setattr(engines, "ask_child", fails)
    monkeypatch.setattr(engines, "missing_for_gpu", lambda: "there is no driver")
    first, second = engines.graphics()
    assert (first.state, second.state) == (State.NOTE, State.GOOD)
    assert "signal 4" in first.text
    monkeypatch.setattr(engines, "missing_for_gpu", lambda: None)
    assert [finding.state for finding in engines.graphics()] == [State.NOTE, State.PROBLEM]


needs_shell = pytest.mark.skipif(os.name != "posix", reason="The stand-in for Python is a shell script.")


@needs_shell
@pytest.mark.parametrize(
    ("script", "patience", "says"),
    [
        ("kill -ABRT $$", 60, "signal 6"),
        ("echo one >&2; echo two >&2; exit 3", 60, "^two$"),
        ("exec sleep 60", 1, "within 1 s"),
    ],
)
def test_how_a_child_ended_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, patience: int, says: str
) -> None:
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(child, "PATIENCE", patience)
    with pytest.raises(ChildError, match=says):
        ask_child("window")


@pytest.mark.skipif(sys.platform != "linux", reason="Only there a display has a number.")
def test_a_display_that_is_not_there_is_a_problem_and_not_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("DISPLAY", ":987")
    (finding,) = display.display()
    assert finding.state is State.PROBLEM
    assert "--no-window" in (finding.advice or "")


def test_frames_that_are_lost_or_changed_are_seen() -> None:
    clip = list(video.pictures())
    assert video.same(clip)
    assert not video.same(clip[:-1])
    assert not video.same([*clip[:-1], np.zeros_like(clip[0])])
    assert not video.same([])


def test_a_codec_that_fails_is_told_and_the_others_are_tried() -> None:
    def write_and_read(codec: str, path: Path) -> bool:
        assert path.parent.is_dir()
        if codec == "bad":
            raise ValueError(codec)
        return True

    assert video._working([("A", "bad", "mp4"), ("B", "fine", "mp4")], write_and_read) == {"A": False, "B": True}
    assert video._said({"A": False, "B": True}) == "B; not A"


def test_cameras_are_told_without_paths_and_owners(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    listed = [CameraInfo(1, "Bob's Camera", r"\\?\usb#serial0815", 1400)]
    monkeypatch.setattr(cameras, "list_cameras", lambda: listed)
    monkeypatch.setattr(cameras, "DEVICES", tmp_path)
    (finding,) = findings_of("cameras", cameras.cameras)
    assert finding.text.startswith("1: Camera (")
    assert "0815" not in json.dumps(finding.as_dict())


@pytest.mark.skipif(sys.platform != "linux", reason="Only there cameras are files with rights.")
def test_a_camera_that_may_not_be_opened_is_noted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("video0", "video1"):
        (tmp_path / name).touch()
    monkeypatch.setattr(cameras, "list_cameras", list)
    monkeypatch.setattr(cameras, "DEVICES", tmp_path)
    monkeypatch.setattr(os, "access", lambda path, _: path.name != "video1")
    none, rights = cameras.cameras()
    assert "--demo" in (none.advice or "")
    assert rights.data == {"devices": ["video1"]}
