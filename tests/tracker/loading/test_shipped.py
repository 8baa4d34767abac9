"""What ships is run only if it is what was measured."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tracker import EngineError, Tracker, models
from tracker.blazeface import BlazeFace
from tracker.engines import open_engine
from tracker.loading.shipped import read_shipped
from tracker.models import DETECTORS, KEYPOINTS_INT8, KEYPOINTS_KERAS


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the shipped files, in their place."""
    copy = shutil.copytree(models.models_folder(), tmp_path / "weights")
    models.models_folder.cache_clear()
    monkeypatch.setattr(models, "__file__", str(tmp_path / "tracker" / "models.py"))
    assert models.models_folder() == copy
    yield copy
    models.models_folder.cache_clear()


def spoil(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(("engine", "name"), [("litert", KEYPOINTS_INT8), ("keras", KEYPOINTS_KERAS)])
def test_an_engine_refuses_a_changed_network(folder: Path, engine: str, name: str) -> None:
    spoil(folder / name)
    with pytest.raises(EngineError, match=f"{name} is not the file that ships"):
        open_engine(engine)


@pytest.mark.parametrize("model", DETECTORS)
def test_a_changed_detector_is_refused(folder: Path, model: str) -> None:
    BlazeFace(model).close()
    spoil(folder / DETECTORS[model])
    with pytest.raises(EngineError, match=f"{DETECTORS[model]} is not the file that ships"):
        BlazeFace(model)
    with pytest.raises(EngineError, match="install the package again"):
        Tracker(detector=model)


def test_without_hashes_nothing_is_run(folder: Path) -> None:
    (folder / "SHA256SUMS").unlink()
    with pytest.raises(EngineError, match="SHA256SUMS cannot be read"):
        open_engine("litert")


@pytest.mark.parametrize("sums", ["", "\n\n", "abc\n", "\xff\xfe", f"{'0' * 64}  {KEYPOINTS_INT8}\n"])
def test_hashes_that_do_not_speak_of_it_are_none(folder: Path, sums: str) -> None:
    (folder / "SHA256SUMS").write_text(sums, encoding="utf-8")
    with pytest.raises(EngineError, match="is not the file that ships"):
        read_shipped(folder / KEYPOINTS_INT8)


def test_what_was_checked_is_what_is_returned(folder: Path) -> None:
    assert read_shipped(folder / KEYPOINTS_INT8) == (folder / KEYPOINTS_INT8).read_bytes()
