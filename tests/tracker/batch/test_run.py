import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tracker.batch.jobs import Died, Event, Finished, Input, Options, Outcome, Progress, Stopped, Task
from tracker.batch.results import Results
from tracker.batch.run import DEATHS, State, run
from tracker.batch.summary import rows_of, write_summary
from tracker.errors import EngineError

Answer = Callable[[Task, Path], Event]


class FakeWorkers:
    """Answer each task at once as they are told to; remember what they were given."""

    def __init__(self, answer: Answer, folder: Path, count: int = 2) -> None:
        self.given: list[str] = []
        self.closed: bool | None = None
        self._answer, self._folder, self._count = answer, folder, count
        self._hands: list[Task] = []

    @property
    def free(self) -> int:
        return self._count - len(self._hands)

    @property
    def busy(self) -> bool:
        return bool(self._hands)

    def give(self, task: Task) -> None:
        assert self.free
        self.given.append(task.input.name)
        self._hands.append(task)

    def wait(self, seconds: float) -> list[Event]:  # noqa: ARG002 - nothing to wait for
        task = self._hands[0]
        event = self._answer(task, self._folder)
        if not isinstance(event, Progress):
            self._hands.pop(0)
        return [event]

    def close(self, *, now: bool = False) -> None:
        self.closed = now


def finish(task: Task, folder: Path) -> Event:
    file = folder / f"{task.input.name}.made"
    file.write_bytes(task.input.name.encode())
    return Finished(task, Outcome("done", frames=10, faces=5, ids=1, file=file))


def inputs(*names: str) -> list[Input]:
    return [Input(f"/in/{name}", name, 100, "mark") for name in names]


class Batch:
    """A batch with fake workers in a folder."""

    def __init__(self, out: Path, answer: Answer = finish) -> None:
        self.out, self.answer = out, answer
        self.stop = threading.Event()
        self.workers: FakeWorkers | None = None

    def __call__(self, *names: str, watch: Callable[[State], None] = lambda _: None) -> State:
        with Results(self.out, Options()) as results:

            def start() -> FakeWorkers:
                self.workers = FakeWorkers(self.answer, results.work)
                return self.workers

            state = run(inputs(*names), results, start, self.stop, watch)
            self.rows = rows_of(state, results)
            write_summary(self.rows, results)
        return state


def test_every_input_gets_its_result_once(tmp_path: Path) -> None:
    batch = Batch(tmp_path)
    state = batch("a", "b", "c")
    assert batch.workers is not None
    assert batch.workers.given == ["a", "b", "c"]
    assert batch.workers.closed is False
    assert [(tmp_path / f"{name}.parquet").read_bytes() for name in "abc"] == [b"a", b"b", b"c"]
    assert state.frames == 30
    assert state.share == 1


def test_a_rerun_does_only_what_is_missing(tmp_path: Path) -> None:
    Batch(tmp_path)("a", "b", "c")
    (tmp_path / "b.parquet").unlink()
    again = Batch(tmp_path)
    state = again("a", "b", "c", "d")
    assert again.workers is not None
    assert again.workers.given == ["b", "d"]
    assert state.before == 2
    nothing = Batch(tmp_path)
    nothing("a", "b", "c", "d")
    assert nothing.workers is None


def test_a_broken_input_is_said_and_tried_again_by_a_rerun(tmp_path: Path) -> None:
    def answer(task: Task, folder: Path) -> Event:
        return Finished(task, Outcome("broken", "no")) if task.input.name == "b" else finish(task, folder)

    batch = Batch(tmp_path, answer)
    state = batch("a", "b", "c")
    assert [(input.name, outcome.message) for input, outcome in state.broken] == [("b", "no")]
    assert [row["status"] for row in batch.rows] == ["done", "broken", "done"]
    again = Batch(tmp_path)
    assert not again("a", "b", "c").broken
    assert again.workers is not None
    assert again.workers.given == ["b"]


def test_what_a_dead_worker_had_is_done_again(tmp_path: Path) -> None:
    died: list[str] = []

    def answer(task: Task, folder: Path) -> Event:
        if task.input.name == "b" and len(died) < DEATHS - 1:
            died.append("b")
            return Died(task, "was killed")
        return finish(task, folder)

    batch = Batch(tmp_path, answer)
    assert not batch("a", "b", "c").broken
    assert batch.workers is not None
    assert sorted(batch.workers.given) == ["a", *["b"] * DEATHS, "c"]


def test_an_input_that_kills_workers_is_broken(tmp_path: Path) -> None:
    def answer(task: Task, folder: Path) -> Event:
        return Died(task, "was killed by SIGSEGV") if task.input.name == "b" else finish(task, folder)

    batch = Batch(tmp_path, answer)
    state = batch("a", "b", "c")
    ((input, outcome),) = state.broken
    assert input.name == "b"
    assert "SIGSEGV" in outcome.message
    assert batch.workers is not None
    assert batch.workers.given.count("b") == DEATHS
    assert (tmp_path / "c.parquet").exists()


def test_what_no_worker_can_do_ends_the_run(tmp_path: Path) -> None:
    batch = Batch(tmp_path, lambda task, folder: Stopped(EngineError("no engine")))  # noqa: ARG005
    with pytest.raises(EngineError, match="no engine"):
        batch("a")
    assert batch.workers is not None
    assert batch.workers.closed is True


def test_a_stop_leaves_what_a_rerun_completes(tmp_path: Path) -> None:
    batch = Batch(tmp_path)

    def watch(state: State) -> None:
        if len(state.outcomes) == 2:
            batch.stop.set()

    batch("a", "b", "c", "d", watch=watch)
    assert batch.workers is not None
    assert batch.workers.closed is True
    assert [row["status"] for row in batch.rows] == ["done", "done", "waiting", "waiting"]
    again = Batch(tmp_path)
    again("a", "b", "c", "d")
    assert again.workers is not None
    assert again.workers.given == ["c", "d"]


def test_progress_counts_tasks_in_hand_by_their_size(tmp_path: Path) -> None:
    told: list[tuple[float, int]] = []
    said: list[str] = []

    def answer(task: Task, folder: Path) -> Event:
        if task.input.name not in said:
            said.append(task.input.name)
            return Progress(task, 0.5, 7)
        return finish(task, folder)

    Batch(tmp_path, answer)("a", "b", watch=lambda state: told.append((state.share, state.frames)))
    assert told == [(0.25, 7), (0.5, 10), (0.75, 17), (1.0, 20)]


def test_the_summary_is_one_table_in_two_files(tmp_path: Path) -> None:
    import pyarrow.csv
    import pyarrow.parquet

    batch = Batch(tmp_path)
    batch("a", "b")
    table = pyarrow.parquet.read_table(tmp_path / "summary.parquet").to_pylist()
    assert table == batch.rows
    assert table[0]["result"] == str(tmp_path / "a.parquet")
    text = pyarrow.csv.read_csv(tmp_path / "summary.csv").to_pylist()
    assert [(row["input"], row["frames"], row["status"]) for row in text] == [
        ("/in/a", 10, "done"),
        ("/in/b", 10, "done"),
    ]
