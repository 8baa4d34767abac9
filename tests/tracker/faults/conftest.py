"""Runs `fkd` in this process, with a detector and an engine that see a face in every picture."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes import FakeDetector, FakeEngine
from tracker import pipeline
from tracker.cli import main


@dataclass(frozen=True)
class Outcome:
    """What a program said and with which code it ended."""

    code: int
    said: str
    warned: str

    @property
    def sentence(self) -> str:
        """The only line of a program that refused."""
        assert self.code == 2, self.warned
        (line,) = self.warned.splitlines()
        assert line.startswith("fkd: ")
        assert line.endswith(".")
        return line


Fkd = Callable[..., Outcome]


@pytest.fixture
def run_fkd(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Fkd:
    """Runs it in an empty folder."""

    class Fake(pipeline.Tracker):
        def __init__(self, **options: object) -> None:
            super().__init__(detector=FakeDetector((40, 30)), engine=FakeEngine(), settings=options["settings"])  # type: ignore[arg-type]

    def run(*words: str | Path) -> Outcome:
        monkeypatch.setattr(pipeline, "Tracker", Fake)
        monkeypatch.setattr(main, "outlive_terminal", lambda: None)  # the streams of this process are pytest's
        monkeypatch.setattr(sys, "argv", ["fkd", *map(str, words)])
        monkeypatch.chdir(tmp_path)
        with pytest.raises(SystemExit) as ended:
            main.fkd()
        said = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), said.out, said.err)

    return run
