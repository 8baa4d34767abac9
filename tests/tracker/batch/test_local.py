import os
import signal
from functools import partial

import pytest

from tracker.batch.jobs import Died, Event, Finished, Input, Outcome, Progress, Stopped, Task, Tell
from tracker.batch.local import LocalWorkers, Work, shares
from tracker.errors import EngineError, OutputError


class Actor:
    """Does what the name of an input says."""

    def __call__(self, task: Task, tell: Tell) -> Outcome:
        if task.input.name == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        if task.input.name == "leave":
            os._exit(7)
        if task.input.name == "disk":
            raise OutputError("The disk is full.")
        tell(0.5, 3)
        return Outcome("done", str(os.getpid()))

    def close(self) -> None:
        pass


class Broken:
    def __init__(self) -> None:
        raise EngineError("There is no engine.")


class Dying:
    def __init__(self) -> None:
        os._exit(9)


def task(name: str) -> Task:
    return Task(Input(name, name, 0, ""))


def until_idle(workers: LocalWorkers) -> list[Event]:
    events: list[Event] = []
    while workers.busy:
        events += workers.wait(60)
    return events


def test_tasks_are_done_by_processes_and_a_death_costs_only_the_task_in_hand() -> None:
    workers = LocalWorkers(Actor, 2)
    try:
        for name in ("one", "two"):
            workers.give(task(name))
        assert workers.free == 0
        events = until_idle(workers)
        done = {event.task.input.name: event.outcome.message for event in events if isinstance(event, Finished)}
        assert done.keys() == {"one", "two"}
        assert str(os.getpid()) not in done.values()
        assert len(set(done.values())) == 2
        assert next(event for event in events if isinstance(event, Progress)).share == 0.5

        workers.give(task("die"))
        workers.give(task("three"))
        events = until_idle(workers)
        assert [event.reason for event in events if isinstance(event, Died)] == ["was killed by SIGKILL"]
        assert [event.task.input.name for event in events if isinstance(event, Finished)] == ["three"]

        assert workers.free == 2
        for name in ("four", "five"):
            workers.give(task(name))
        assert {event.task.input.name for event in until_idle(workers) if isinstance(event, Finished)} == {
            "four",
            "five",
        }
        workers.give(task("leave"))
        assert until_idle(workers) == [Died(task("leave"), "ended with exit code 7")]
        workers.give(task("disk"))
        (event,) = until_idle(workers)[:1]
        assert isinstance(event, Stopped)
        assert str(event.error) == "The disk is full."
    finally:
        workers.close()


@pytest.mark.parametrize(("make", "said"), [(Broken, "There is no engine."), (Dying, "cannot start.*exit code 9")])
def test_workers_that_cannot_start_say_so(make: type[Work], said: str) -> None:
    workers = LocalWorkers(partial(make), 1)
    try:
        workers.give(task("one"))
        stopped: list[Stopped] = []
        while not stopped:
            stopped = [event for event in workers.wait(60) if isinstance(event, Stopped)]
        with pytest.raises(EngineError, match=said):
            raise stopped[0].error
    finally:
        workers.close(now=True)


@pytest.mark.parametrize(
    ("workers", "threads", "cores", "expected"),
    [
        (None, None, 8, (8, 1)),
        (None, 2, 8, (4, 2)),
        (2, None, 8, (2, 4)),
        (3, None, 8, (3, 2)),
        (1, 1, 8, (1, 1)),
        (4, None, 2, (4, 1)),
        (None, 4, 2, (1, 4)),
    ],
)
def test_threads_are_divided(workers: int | None, threads: int | None, cores: int, expected: tuple[int, int]) -> None:
    assert shares(workers, threads, cores) == expected
