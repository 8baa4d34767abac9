"""The fuzz targets take their seeds, and what fuzzing has found is no finding any more."""

from pathlib import Path

import pytest

from fuzz import targets
from fuzz.run import at_random
from fuzz.targets import TARGETS, load

FINDINGS = sorted((Path(__file__).parent / "findings").glob("*/*"))


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "FOLDER", tmp_path / "files")


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_takes_its_seeds(name: str) -> None:
    target, seeds = load(name)
    for seed in (*seeds, b""):
        target(seed)


def test_what_a_target_raises_is_kept(tmp_path: Path) -> None:
    def target(data: bytes) -> None:
        if b"\xff" in data:
            raise RuntimeError("found")

    with pytest.raises(RuntimeError, match="found"):
        at_random(target, [b"seed"], 60, tmp_path)
    (kept,) = tmp_path.glob("crash-*")
    assert b"\xff" in kept.read_bytes()


@pytest.mark.parametrize("path", FINDINGS, ids=[f"{path.parent.name}-{path.name}" for path in FINDINGS])
def test_what_was_found_is_taken(path: Path) -> None:
    target, _ = load(path.parent.name)
    target(path.read_bytes())
