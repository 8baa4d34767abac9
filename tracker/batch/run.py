"""The driver of a batch: hands out tasks, and puts away what comes back."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tracker.batch.jobs import Died, Event, Finished, Input, Outcome, Progress, Stopped, Task
from tracker.batch.results import Results

DEATHS = 3
"""An input on which so many workers have died is broken."""
_LISTEN = 0.2
"""Seconds after which the driver looks up from waiting."""


class Workers(Protocol):
    """Those that do the tasks."""

    @property
    def free(self) -> int:
        """How many tasks can be given."""
        ...

    @property
    def busy(self) -> bool:
        """Whether there is anything to wait for."""
        ...

    def give(self, task: Task) -> None:
        """Gives a task to a worker that has none."""
        ...

    def wait(self, seconds: float) -> list[Event]:
        """Returns what has happened, after at most so many seconds."""
        ...

    def close(self, *, now: bool = False) -> None:
        """Ends the workers; with `now` also those that are at work."""
        ...


@dataclass(slots=True)
class State:
    """How far a batch is.

    Attributes:
        inputs: all of them, in their order.
        outcomes: what became of them, by address.
        before: how many were finished before this run.
        frames: how many frames this run has done, with those of tasks in hand.
        share: how much of the work is done, 0 to 1, by the bytes of the inputs.
    """

    inputs: Sequence[Input]
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    before: int = 0
    _told: dict[Task, Progress] = field(default_factory=dict)

    @property
    def broken(self) -> list[tuple[Input, Outcome]]:
        """The inputs that cannot be used."""
        found = [(input, self.outcomes.get(input.address)) for input in self.inputs]
        return [(input, outcome) for input, outcome in found if outcome is not None and outcome.status == "broken"]

    @property
    def frames(self) -> int:
        """How many frames are done, with those of tasks in hand."""
        done = sum(outcome.frames for outcome in self.outcomes.values())
        return done + sum(progress.frames for progress in self._told.values())

    @property
    def share(self) -> float:
        """How much of the work is done, 0 to 1, by the bytes of the inputs."""
        whole = sum(_weight(input) for input in self.inputs)
        done = sum(_weight(input) for input in self.inputs if input.address in self.outcomes)
        return (done + sum(_weight(task.input) * told.share for task, told in self._told.items())) / max(whole, 1)

    def tell(self, progress: Progress) -> None:
        """Takes how far a task is."""
        self._told[progress.task] = progress

    def forget(self, task: Task) -> None:
        """Takes that a task is in nobody's hands any more."""
        self._told.pop(task, None)


def run(
    inputs: Sequence[Input],
    results: Results,
    workers: Callable[[int], Workers],
    stop: threading.Event,
    watch: Callable[[State], None] = lambda _: None,
) -> State:
    """Does what is not done yet.

    Args:
        inputs: all of them.
        results: where they go, entered.
        workers: starts workers for at most so many tasks; not called if there is nothing to do.
        stop: ends the run soon when it is set; tasks in hand are given up.
        watch: is told now and then how far the run is.

    Raises:
        FkdError: no worker can work, or results cannot be written.
    """
    state = State(inputs)
    for input in inputs:
        if (before := results.finished(input)) is not None:
            state.outcomes[input.address] = before
    state.before = len(state.outcomes)
    todo = deque(Task(input) for input in inputs if input.address not in state.outcomes)
    if not todo:
        return state
    deaths: Counter[str] = Counter()
    force = workers(len(todo))
    through = False
    try:
        while (todo or force.busy) and not stop.is_set():
            while todo and force.free:
                force.give(todo.popleft())
            for event in force.wait(_LISTEN):
                _take(event, state, results, todo, deaths)
            watch(state)
        through = not stop.is_set()
    finally:
        force.close(now=not through)
    return state


def _take(event: Event, state: State, results: Results, todo: deque[Task], deaths: "Counter[str]") -> None:
    match event:
        case Stopped(error):
            raise error
        case Progress():
            state.tell(event)
        case Finished(task, outcome):
            state.forget(task)
            if outcome.status == "done":
                results.put(task.input, outcome)
            state.outcomes[task.input.address] = outcome
        case Died(task, reason):
            state.forget(task)
            deaths[task.input.address] += 1
            if deaths[task.input.address] < DEATHS:
                todo.appendleft(task)
            else:
                state.outcomes[task.input.address] = Outcome(
                    "broken", f"{DEATHS} workers died on it; the last one {reason}."
                )


def _weight(input: Input) -> int:
    return max(input.size, 1)
