"""Every command that a page shows is understood by the program that it names, and those of fkd are run."""

import importlib.util
import re
import shutil
import socket
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import pyvirtualcam.camera
from typer.core import TyperCommand
from typer.main import get_command
from typer.testing import CliRunner

from tests.cli.test_streams import EXAMPLES, free_port
from tests.docs.shown import PAGES, ROOT, Command, commands, options, toml_blocks
from tests.tracker.sinks.test_virtual_camera import Device
from tracker.cli.config import PREFIX, ConfiguredCommand
from tracker.cli.main import application, live_application
from tracker.faces import Faces
from tracker.sinks import open_video
from tracker.sources.demo import PORTRAIT, Demo

PROGRAMS = {"fkd": application, "fkd-live": live_application}
FOREIGN = {".", "ffmpeg", "ray", "rerun", "ssh", "sudo", "tensorboard"}
"""Programs of others, whose options are theirs."""
FOREIGN_OPTIONS = {"--device"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
VARIABLES = {"FKD_DATA", "FKD_CACHE", "FKD_CONFIG"}
"""Those that are no option's."""
DEVELOPMENT = PROJECT["dependency-groups"]["dev"]
TEXTS = {page.relative_to(ROOT).as_posix(): page.read_text(encoding="utf-8") for page in PAGES}
SHOWN = {page: commands(text) for page, text in TEXTS.items() if commands(text)}


@pytest.mark.parametrize("page", SHOWN)
def test_commands_are_understood(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for kind in (TyperCommand, ConfiguredCommand):
        monkeypatch.setattr(kind, "invoke", lambda *_: None)
    (tmp_path / "fkd.toml").touch()
    wrong = [f"{page}, {command}: {why}" for command in SHOWN[page] if (why := misunderstood(command))]
    assert wrong == []


def misunderstood(command: Command) -> str | None:
    """What is wrong with a command; None if nothing."""
    ours = [name for name, _ in command.variables if name.startswith(PREFIX)]
    unknown = [name for name in ours if name not in VARIABLES | variables()]
    if unknown:
        return f"{unknown[0]} is no variable of the program"
    if not command.words:
        return None
    program, *rest = command.words
    if program in PROGRAMS:
        return _refusal(program, rest, named=command.told)
    if program == "make":
        targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        return None if set(rest) <= set(targets) else f"the Makefile has only {', '.join(targets)}"
    if program == "pip":
        return _not_installed(rest)
    if program in ("python", "python3"):
        return _no_script(rest)
    return None if program in FOREIGN else f"{program} is a program that nothing is known of; see FOREIGN in this test"


def _refusal(program: str, words: list[str], *, named: bool) -> str | None:
    """What Typer says against a command; those that are only named may lack what they require."""
    if "--install-completion" in words or "COMMAND" in words:
        return None
    result = CliRunner().invoke(PROGRAMS[program], words)
    if result.exit_code == 0 or (named and re.search("Missing (argument|option)|^Usage:.* COMMAND", result.output)):
        return None
    return str(result.exception) if result.exit_code == 1 else result.output.strip().splitlines()[-1]


def _not_installed(words: list[str]) -> str | None:
    names = [word for word in words[1:] if not word.startswith("-") and word != "constraints.txt"]
    for name in names:
        package, *extras = re.split(r"[\[\],]+", name.rstrip("]"))
        known = [re.split(r"[<>=\[~]", entry)[0] for entry in DEVELOPMENT if isinstance(entry, str)]
        if package not in ("fkd", ".", *known):
            return f"{package} is not among the packages that tests have"
        if lacking := set(extras) - set(PROJECT["project"]["optional-dependencies"]):
            return f"{lacking.pop()} is no extra"
    return None


def _no_script(words: list[str]) -> str | None:
    if words[0] == "-m":
        return None if importlib.util.find_spec(words[1]) else f"{words[1]} is no module"
    script = ROOT / words[0]
    if not script.is_file():
        return f"there is no {words[0]}"
    text = script.read_text(encoding="utf-8")
    unknown = [word for word in words[1:] if word.startswith("--") and f'"{word}"' not in text]
    return f"{unknown[0]} is no option of it" if unknown else None


@cache
def variables() -> frozenset[str]:
    """The variables that options have."""
    group: Any = get_command(application)
    named = (getattr(command, "configurable", {}).values() for command in group.commands.values())
    return frozenset(option.envvar for given in named for option in given)


@cache
def all_options() -> frozenset[str]:
    """Every option of every command, and of the scripts that pages tell to run."""

    def within(command: Any) -> Iterator[str]:
        for param in command.params:
            yield from (*param.opts, *param.secondary_opts)
        for inner in getattr(command, "commands", {}).values():
            yield from within(inner)

    scripts = [path.read_text(encoding="utf-8") for path in (ROOT / "benchmarks").glob("*.py")]
    theirs = [option for text in scripts for option in re.findall(r'"(--[\w-]+)"', text)]
    return frozenset([*within(get_command(application)), "--help", "--install-completion", *theirs, *FOREIGN_OPTIONS])


@pytest.mark.parametrize("page", TEXTS)
def test_options_that_are_named_exist(page: str) -> None:
    named = list(options(TEXTS[page]))
    assert [f"{page}, line {line}: {option}" for line, option in named if option not in all_options()] == []


RUN = {
    page: [command for command in SHOWN[page] if not command.told]
    for page in SHOWN
    if any(command.words[:1] and command.words[0] in PROGRAMS for command in SHOWN[page])
}
NOT_HERE = {"train", "batch", "bench", "doctor"}
"""Commands that take long; tests of their own run them, those of training as docs/training.md shows them."""


@pytest.fixture(scope="module")
def short_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A video of six frames."""
    path = tmp_path_factory.mktemp("short") / "clip.mp4"
    with open_video(path, rate=30) as sink:
        for frame in short_demo():
            sink.append(frame, Faces.empty())
    return path


@pytest.fixture(scope="module")
def seen() -> set[tuple[str, ...]]:
    """Commands that were run and need not be run again on another page: those that write no file."""
    return set()


@pytest.fixture
def folder(short_clip: Path, folder_of_pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that pages speak of, on a machine with any camera, which gives six frames."""
    shutil.copy(short_clip, tmp_path / "clip.mp4")
    shutil.copytree(folder_of_pictures, tmp_path / "holiday")
    shutil.copy(PORTRAIT, tmp_path / "portrait.jpg")
    (tmp_path / "examples").symlink_to(EXAMPLES)
    monkeypatch.chdir(tmp_path)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("tracker.sources.demo.Demo", short_demo)
    monkeypatch.setattr("tracker.sources.camera.Camera", short_demo)
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {"fake": Device})
    Device.opened = []
    return tmp_path


def short_demo(*_: object, **__: object) -> Demo:
    return Demo(seconds=0.2)


@pytest.mark.parametrize("page", RUN)
def test_commands_run(page: str, folder: Path, seen: set[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch) -> None:
    for text in toml_blocks(TEXTS[page])[-1:]:
        (folder / "fkd.toml").write_text(text, encoding="utf-8")
    for command in RUN[page]:
        for name, value in command.variables:
            monkeypatch.setenv(name, value)
        if not can_be_run(command.words) or command.words in seen:
            continue
        for name in outputs(command.words):  # a reader who follows the page makes room for what comes again
            shutil.rmtree(name) if Path(name).is_dir() else Path(name).unlink(missing_ok=True)
        result = CliRunner().invoke(PROGRAMS[command.words[0]], at_home(command.words[1:]))
        assert result.exit_code == 0, f"{page}, {command}: {result.exception or result.output}"
        if command.words[0] == "fkd-live" and not outputs(command.words) and not command.variables:
            seen.add(command.words)
        if command.out:
            mode = "a" if command.out[0] == ">>" else "w"
            with Path(command.out[1]).open(mode, encoding="utf-8") as file:
                file.write(result.output)


def can_be_run(words: tuple[str, ...]) -> bool:
    """Whether it is one of ours and comes to an end here: no training, no other program's viewer, no other model."""
    if not words or words[0] not in PROGRAMS:
        return False
    return not NOT_HERE & set(words[:2]) and not {"viewer", "--weights", "--install-completion"} & set(words)


def outputs(words: tuple[str, ...]) -> list[str]:
    """Files and folders that a command writes."""
    options = ("--out", "--points", "--record", "--rerun")
    return [value for option, value in pairwise(words) if option in options]


def at_home(words: tuple[str, ...]) -> list[str]:
    """The words with addresses of this machine that are free, since tests run side by side."""
    port = free_port(socket.SOCK_STREAM)
    changed = [re.sub(r"^ws://127\.0\.0\.1:\d+", f"ws://127.0.0.1:{port}", word) for word in words]
    return [str(port) if before == "--serve" else word for before, word in zip(["", *words], changed, strict=False)]
