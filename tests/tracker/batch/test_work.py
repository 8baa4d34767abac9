from pathlib import Path

import fsspec
import pytest

from tracker.batch.jobs import Input, Options, Outcome, Task
from tracker.batch.work import Worker
from tracker.errors import OutputError


def task(address: str) -> Task:
    return Task(Input(address, "clip", 1, "mark"))


def do(worker: Worker, address: str) -> Outcome:
    return worker(task(address), lambda share, frames: None)  # noqa: ARG005


def test_a_worker_makes_the_same_of_a_copy_from_elsewhere_and_survives_what_is_broken(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsspec.filesystem("memory").pipe("/far/clip.mp4", clip.read_bytes())
    fsspec.filesystem("memory").pipe("/far/text.mp4", b"Once upon a time\n" * 50)
    worker = Worker(Options("csv"), 1, tmp_path)
    made = []
    for address in (str(clip), "memory://far/clip.mp4", f"file://{clip}"):
        outcome = do(worker, address).packed()
        assert (outcome.status, outcome.frames, outcome.faces, outcome.ids) == ("done", 60, 60, 1)
        made.append(outcome.data)
    assert made[0]
    assert made == [made[0]] * 3
    for address, word in (
        ("memory://far/text.mp4", "cannot be read as a video"),
        ("memory://far/gone.mp4", "gone.mp4 cannot be read"),
        ("nosuch://gone.mp4", "nosuch"),
        (str(tmp_path / "gone.mp4"), "no file"),
    ):
        broken = do(worker, address)
        assert broken.status == "broken"
        assert word in broken.message
    assert do(worker, str(clip)).status == "done"

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tracker.batch.work.open_points", full)
    with pytest.raises(OutputError, match="No space left"):
        do(worker, str(clip))
    worker.close()
    assert not list(tmp_path.iterdir())
