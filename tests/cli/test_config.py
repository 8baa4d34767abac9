import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Annotated, Any, get_args

import pytest
import typer
from typer.testing import CliRunner

from tests.cli.test_video import one_sentence
from tests.conftest import PROGRAMS, Run, environment
from tracker import InputError
from tracker.cli import completion, options
from tracker.cli.completion import complete_camera
from tracker.cli.config import ConfiguredCommand
from tracker.cli.main import application, live_application
from tracker.engines import ENGINES
from tracker.models import DETECTORS
from tracker.privacy import MODES
from tracker.smoothing import LEVELS


def invoke(*words: str | Path, app: typer.Typer = application) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def printed(command: str, *words: str | Path) -> dict[str, Any]:
    table: dict[str, Any] = tomllib.loads(invoke(command, *words, "--print-config"))[command]
    return table


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "fkd.toml"
    path.write_text(
        'smooth = "high"\nmax_faces = 3\ndetector = "short"\n\n'
        '[live]\ncamera = 2\nmirror = true\nfps = 25\nmax-faces = 5\n\n[video]\nout = "a.mp4"\n',
        encoding="utf-8",
    )
    return path


def test_the_command_line_counts_before_the_environment_the_file_and_the_default(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FKD_SMOOTH", "low")
    monkeypatch.setenv("FKD_MAX_FACES", "7")
    found = printed("live", "--config", file, "--max-faces", "9")
    assert found["max-faces"] == 9
    assert found["smooth"] == "low"
    assert found["detector"] == "short"
    assert found["engine"] == "auto"
    text = invoke("live", "--config", file, "--max-faces", "9", "--print-config")
    for line in ("max-faces = 9  # command line", 'smooth = "low"  # environment', 'detector = "short"  # file'):
        assert line in text.splitlines()
    assert 'engine = "auto"' in text.splitlines()


def test_a_commands_table_counts_before_what_is_for_all(file: Path) -> None:
    live = printed("live", "--config", file)
    assert (live["max-faces"], live["camera"], live["mirror"], live["fps"]) == (5, ["2"], True, 25.0)
    assert "out" not in live
    video = printed("video", "--config", file)
    assert (video["max-faces"], video["out"]) == (3, "a.mp4")
    assert "camera" not in video


def test_what_is_printed_is_a_file_for_both_commands(file: Path, tmp_path: Path) -> None:
    both = tmp_path / "both.toml"
    both.write_text(
        "\n".join(invoke(command, "--config", file, "--print-config") for command in ("live", "video")),
        encoding="utf-8",
    )
    for command in ("live", "video"):
        assert printed(command, "--config", both) == printed(command, "--config", file)


def test_a_path_of_the_file_may_be_in_the_users_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    path = tmp_path / "fkd.toml"
    path.write_text('[video]\nout = "~/a.mp4"\npoints = ["b~.csv", "~nobody-here/c.csv", "~/d.csv"]\n')
    found = printed("video", "--config", path)
    assert found["out"] == str(tmp_path / "a.mp4")
    assert found["points"] == ["b~.csv", "~nobody-here/c.csv", str(tmp_path / "d.csv")]


def test_a_switch_of_the_file_can_be_taken_back(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert printed("live", "--config", file)["mirror"] is True
    assert printed("live", "--config", file, "--no-mirror")["mirror"] is False
    monkeypatch.setenv("FKD_MIRROR", "false")
    assert printed("live", "--config", file)["mirror"] is False
    monkeypatch.setenv("FKD_NO_WINDOW", "1")
    assert printed("live")["no-window"] is True
    assert printed("live", "--window")["no-window"] is False


@pytest.mark.parametrize(
    ("variable", "value", "taken"),
    [
        ("FKD_CAMERA", "HD Pro Webcam, left", ["HD Pro Webcam, left"]),
        ("FKD_CAMERA", "HD Pro Webcam\n1\n", ["HD Pro Webcam", "1"]),
        ("FKD_POINTS", "take 1: me.jsonl\nme.csv", ["take 1: me.jsonl", "me.csv"]),
        ("FKD_CAMERA", "", None),
    ],
)
def test_a_variable_has_one_value_a_line(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, taken: list[str] | None
) -> None:
    monkeypatch.setenv(variable, value)
    assert printed("live").get(variable.removeprefix("FKD_").lower()) == taken


def test_a_variable_names_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FKD_CONFIG", str(file))
    assert printed("live")["camera"] == ["2"]
    assert tomllib.loads(invoke("--print-config", app=live_application))["live"]["camera"] == ["2"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('\nsmoth = "low"', "line 2: smoth: is no option of fkd live; smooth is"),
        ('[live]\nout = "a.mp4"', r"line 2: out: is no option of fkd live; .*\[video\]"),
        ("[lively]\na = 1", "line 1: lively: is no command"),
        ('max-faces = "4"', "line 1: max-faces: must be a number"),
        ("max-faces = 4.5", "line 1: max-faces: must be a valid integer"),
        ("max-faces = 0", "line 1: max-faces: must be greater than or equal to 1"),
        ('mirror = "yes"', "line 1: mirror: must be true or false"),
        ("mirror = 1", "line 1: mirror: must be true or false"),
        ('engine = "abacus"', "line 1: engine: 'abacus' is not one of 'auto', 'litert', 'keras'"),
        ("points = 5", "line 1: points: must be a path"),
        ("points = true", "line 1: points: cannot be true"),
        ("width = [640]", r"line 1: width: cannot be \[640\]"),
        ("camera = 2026-01-01", "line 1: camera: cannot be"),
        ("a = 1\nb =\nc = 2", "is not TOML: .*line 2"),
        ("\xff", "is not TOML"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(InputError, match=rf"wrong\.toml(, | ){says}") as error:
        invoke("live", "--config", path, "--print-config")
    assert "\n" not in str(error.value)
    assert str(error.value).endswith(".")


def test_a_line_is_looked_for_in_its_own_table(tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text("max-faces = 1\n[video]\nmax-faces = 2\n[ live ]\nmax-faces = 0\n", encoding="utf-8")
    with pytest.raises(InputError, match="line 5"):
        invoke("live", "--config", path)
    assert printed("video", "--config", path)["max-faces"] == 2


def test_a_file_that_is_not_there_is_said(run: Run) -> None:
    assert "nowhere.toml" in one_sentence(run("fkd", "video", "a.mp4", "--config", "nowhere.toml"))


def test_a_mark_of_an_editor_before_a_file_is_no_part_of_it(file: Path, tmp_path: Path) -> None:
    marked = tmp_path / "marked.toml"
    marked.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert printed("live", "--config", marked) == printed("live", "--config", file)


def test_no_password_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = "rtsp://me:secret@camera.example/live?token=secret"
    page = "ws://127.0.0.1:8765?origin=https://page.example"
    monkeypatch.setenv("FKD_CAMERA", f"usb\n{address}")
    texts = [invoke("live", "--send", page, "--print-config")]
    monkeypatch.delenv("FKD_CAMERA")
    path = tmp_path / "fkd.toml"
    path.write_text(f'camera = ["usb", "{address.replace("rtsp", "HTTP")}"]\nsend = "{page}"\n', encoding="utf-8")
    texts.append(invoke("live", "--config", path, "--print-config"))
    for text, source, scheme in zip(texts, ("environment", "file"), ("rtsp", "HTTP"), strict=True):
        assert "secret" not in text
        assert f"  # {source}; its user, password and query are left out" in text
        table = tomllib.loads(text)["live"]
        assert table["camera"] == ["usb", f"{scheme}://camera.example/live"]
        assert table["send"] == [page]
        assert text.count("left out") == 1


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [("FKD_SMOOTH", "silk", "'silk'"), ("FKD_MIRROR", "maybe", "boolean"), ("FKD_MAX_FACES", "0", "1")],
)
def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch, variable: str, value: str, says: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(InputError, match=rf"^{variable} in the environment: .*{says}"):
        invoke("live", "--print-config")


def test_no_password_is_printed_of_two_cameras_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FKD_CAMERA", "usb rtsp://me:secret@camera.example/live")
    assert "secret" not in invoke("live", "--print-config")


def test_file_and_environment_reach_the_tracker(
    run: Run, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fkd.toml").write_text('points = "from the file.jsonl"\noverwrite = true\n', encoding="utf-8")
    (tmp_path / "from the file.jsonl").write_text("old", encoding="utf-8")
    monkeypatch.setenv("FKD_OUT", "annotated.mp4")
    result = run("fkd", "video", clip, "--config", "fkd.toml")
    assert result.returncode == 0, result.stderr
    lines = (tmp_path / "from the file.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["frame"] for line in lines] == list(range(60))
    assert (tmp_path / "annotated.mp4").exists()


def test_options_that_are_added_later_take_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = typer.Typer(rich_markup_mode=None)
    given: dict[str, Any] = {}

    @app.command(cls=ConfiguredCommand)
    def live(
        send_to: Annotated[list[str], typer.Option("--send-to")] = [],  # noqa: B006
        gain: Annotated[float, typer.Option("-g", "--gain", max=2.0)] = 1.0,
    ) -> None:
        given.update(send_to=send_to, gain=gain)

    path = tmp_path / "fkd.toml"
    path.write_text('send-to = ["a:1", "b:2"]\n', encoding="utf-8")
    monkeypatch.setenv("FKD_GAIN", "1.5")
    invoke("--config", path, app=app)
    assert given == {"send_to": ["a:1", "b:2"], "gain": 1.5}
    assert tomllib.loads(invoke("--config", path, "--print-config", app=app))["live"] == {
        "send-to": ["a:1", "b:2"],
        "gain": 1.5,
    }
    invoke("--config", path, "--send-to", "c", "-g", "2", app=app)
    assert given == {"send_to": ["c"], "gain": 2.0}


def test_the_choices_are_those_that_there_are() -> None:
    choices = (get_args(get_args(kind)[0]) for kind in (options.Engine, options.Detector, options.Smooth))
    assert [set(found) for found in choices] == [set(ENGINES), set(DETECTORS), set(LEVELS)]
    privacy, nothing = get_args(get_args(options.Privacy)[0])
    assert (get_args(privacy), nothing) == (MODES, type(None))


def complete(line: str) -> list[str]:
    """What bash would offer at the end of a line."""
    words = line.split(" ")
    asked = {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1), "_FKD_COMPLETE": "complete_bash"}
    command = [PROGRAMS / "fkd"]
    result = subprocess.run(command, env=environment() | asked, capture_output=True, text=True, timeout=60, check=False)
    assert result.stderr == ""
    return result.stdout.split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("fkd live --engine ", ["auto", "litert", "keras"]),
        ("fkd video --detector s", ["short"]),
        ("fkd live --smooth n", ["normal"]),
        ("fkd live --print", ["--print-config"]),
    ],
)
def test_a_shell_is_offered_the_choices(line: str, offered: list[str]) -> None:
    assert complete(line) == offered


@pytest.mark.skipif(sys.platform != "linux", reason="The files that name cameras are those of Linux.")
def test_cameras_are_offered_by_index_and_by_a_telling_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cameras = {0: ("USB Webcam HD", "0"), 1: ("USB Webcam HD", "1"), 2: ("USB Microscope", "0"), 10: ("Loop", "0")}
    for number, (name, place) in cameras.items():
        folder = tmp_path / f"video{number}"
        folder.mkdir()
        (folder / "name").write_text(f"{name}\n", encoding="utf-8")
        (folder / "index").write_text(f"{place}\n", encoding="utf-8")
    monkeypatch.setattr(completion, "DEVICES", tmp_path)
    assert [word for word, _ in complete_camera("")] == ["0", "Webcam", "2", "Microscope", "10", "Loop"]
    assert complete_camera("mic") == [("microscope", "USB Microscope")]
    assert complete_camera("1") == [("10", "Loop")]


def test_completion_does_not_load_opencv() -> None:
    code = (
        "import sys; from tracker.cli import main, completion; completion.complete_camera('');"
        "print(sorted({'cv2', 'numpy', 'tensorflow'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert result.stdout.strip() == "[]"
