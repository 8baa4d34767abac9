import json
from dataclasses import replace
from pathlib import Path

import pytest

from tracker.batch.jobs import Input, Options, Outcome
from tracker.batch.results import Results
from tracker.errors import EngineError, OutputError

CLIP = Input("/videos/clip.mp4", "sub/clip.mp4", 10, "10 1")


def made(results: Results, content: bytes = b"points") -> Outcome:
    file = results.work / "made"
    file.write_bytes(content)
    return Outcome("done", frames=3, faces=4, ids=2, file=file)


def test_a_result_is_finished_once_it_is_put(tmp_path: Path) -> None:
    with Results(tmp_path, Options()) as results:
        assert results.finished(CLIP) is None
        results.put(CLIP, made(results))
        assert (tmp_path / "sub" / "clip.mp4.parquet").read_bytes() == b"points"
    with Results(tmp_path, Options()) as results:
        found = results.finished(CLIP)
    assert found == Outcome("done", frames=3, faces=4, ids=2)


def test_bytes_become_the_same_file(tmp_path: Path) -> None:
    with Results(tmp_path, Options()) as results:
        packed = made(results).packed()
        assert packed.file is None
        results.put(CLIP, packed)
        assert results.finished(CLIP) == Outcome("done", frames=3, faces=4, ids=2)


@pytest.mark.parametrize("change", [{"size": 11}, {"mark": "10 2"}, {"address": "/other/clip.mp4"}])
def test_another_input_is_not_finished(tmp_path: Path, change: dict[str, object]) -> None:
    with Results(tmp_path, Options()) as results:
        results.put(CLIP, made(results))
        assert results.finished(replace(CLIP, **change)) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change", [{"smooth": "high"}, {"detector": "short"}, {"max_faces": 1}, {"measures": True}, {"engine": "litert"}]
)
def test_other_options_are_not_finished(tmp_path: Path, change: dict[str, object]) -> None:
    with Results(tmp_path, Options()) as results:
        results.put(CLIP, made(results))
    with Results(tmp_path, replace(Options(), **change)) as results:  # type: ignore[arg-type]
        assert results.finished(CLIP) is None


def test_other_weights_are_told_by_their_content(tmp_path: Path) -> None:
    weights = tmp_path / "own.tflite"
    weights.write_bytes(b"\0\0\0\0TFL3 first")
    with Results(tmp_path / "out", Options(weights=weights)) as results:
        results.put(CLIP, made(results))
    moved = weights.rename(tmp_path / "moved.tflite")
    with Results(tmp_path / "out", Options(weights=moved)) as results:
        assert results.finished(CLIP) is not None
    moved.write_bytes(b"\0\0\0\0TFL3 second")
    with Results(tmp_path / "out", Options(weights=moved)) as results:
        assert results.finished(CLIP) is None


def test_a_result_that_is_gone_or_cut_is_not_finished(tmp_path: Path) -> None:
    with Results(tmp_path, Options()) as results:
        results.put(CLIP, made(results))
        results.path_of(CLIP).write_bytes(b"poin")
        assert results.finished(CLIP) is None
        results.path_of(CLIP).unlink()
        assert results.finished(CLIP) is None


def test_killed_between_note_and_result_leaves_it_unfinished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old result is gone, the new one not there yet: what is noted must not count."""
    with Results(tmp_path, Options()) as results:
        results.put(CLIP, made(results))
        newer = replace(CLIP, mark="10 2")
        rename = Path.replace

        def killed(path: Path, target: Path) -> Path:
            if path.name == "made":
                raise KeyboardInterrupt
            return rename(path, target)

        monkeypatch.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            results.put(newer, made(results))
        assert results.finished(newer) is None
        assert results.finished(CLIP) is None


@pytest.mark.parametrize("content", ["", "null", "{}", "[1]", '{"made from": 1}'])
def test_a_note_that_is_none_says_nothing(tmp_path: Path, content: str) -> None:
    with Results(tmp_path, Options()) as results:
        results.put(CLIP, made(results))
        (note,) = (tmp_path / ".fkd" / "state").rglob("*.json")
        assert json.loads(note.read_text(encoding="utf-8"))
        note.write_text(content, encoding="utf-8")
        assert results.finished(CLIP) is None


def test_a_folder_has_one_batch_at_a_time(tmp_path: Path) -> None:
    with (
        Results(tmp_path, Options()),
        pytest.raises(OutputError, match="Another fkd batch"),
        Results(tmp_path, Options()),
    ):
        pass
    with Results(tmp_path, Options()):
        pass


def test_what_a_killed_batch_was_writing_is_cleared(tmp_path: Path) -> None:
    left = tmp_path / ".fkd" / "work-left"
    left.mkdir(parents=True)
    (left / "made.parquet").touch()
    with Results(tmp_path, Options()):
        assert not left.exists()
    assert not list((tmp_path / ".fkd").glob("work-*"))


def test_a_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="file"):
        Results(tmp_path / "file" / "out", Options())


def test_weights_that_are_not_there_are_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no model"):
        Results(tmp_path, Options(weights=tmp_path / "none.tflite"))
