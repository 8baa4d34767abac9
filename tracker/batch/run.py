"""The driver of a batch: hands out tasks, and puts away what comes back."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
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
    _pieces: dict[str, list[Finished]] = field(default_factory=dict)
    _uncut: set[str] = field(default_factory=set)

    @property
    def broken(self) -> list[tuple[Input, Outcome]]:
        """The inputs that cannot be used."""
        found = [(input, self.outcomes.get(input.address)) for input in self.inputs]
        return [(input, outcome) for input, outcome in found if outcome is not None and outcome.status == "broken"]

    @property
    def frames(self) -> int:
        """How many frames are done, with those of tasks in hand."""
        done = [*self.outcomes.values(), *(piece.outcome for pieces in self._pieces.values() for piece in pieces)]
        return sum(outcome.frames for outcome in done) + sum(progress.frames for progress in self._told.values())

    @property
    def share(self) -> float:
        """How much of the work is done, 0 to 1, by the bytes of the inputs."""
        whole = sum(_weight(input) for input in self.inputs)
        done = sum(self._done(input) * _weight(input) for input in self.inputs)
        hands = sum(_weight(task.input) * told.share / (len(task.cuts) + 1) for task, told in self._told.items())
        return (done + hands) / max(whole, 1)

    def tell(self, progress: Progress) -> None:
        """Takes how far a task is."""
        self._told[progress.task] = progress

    def forget(self, task: Task) -> None:
        """Takes that a task is in nobody's hands any more."""
        self._told.pop(task, None)

    def wants(self, task: Task) -> bool:
        """Whether a task is still to be done."""
        address = task.input.address
        return address not in self.outcomes and not (task.cuts and address in self._uncut)

    def keep(self, piece: Finished) -> None:
        """Takes what became of a piece of a video."""
        self._pieces.setdefault(piece.task.input.address, []).append(piece)

    def leave_uncut(self, input: Input) -> None:
        """Takes that the pieces of a video are good for nothing."""
        self._pieces.pop(input.address, None)
        self._uncut.add(input.address)

    def finish(self, input: Input, outcome: Outcome) -> None:
        """Takes what became of an input in the end; the work on its pieces counts too."""
        pieces = self._pieces.pop(input.address, [])
        seconds = outcome.seconds + sum(piece.outcome.seconds for piece in pieces)
        self.outcomes[input.address] = replace(outcome, seconds=seconds)

    def _done(self, input: Input) -> float:
        """The share of an input that is done, 0 to 1."""
        if input.address in self.outcomes:
            return 1.0
        return sum(1 / (len(piece.task.cuts) + 1) for piece in self._pieces.get(input.address, ()))


def run(
    inputs: Sequence[Input],
    results: Results,
    workers: Callable[[], Workers],
    stop: threading.Event,
    watch: Callable[[State], None] = lambda _: None,
) -> State:
    """Does what is not done yet.

    Args:
        inputs: all of them.
        results: where they go, entered.
        workers: gets workers; not called if there is nothing to do.
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
    deaths: Counter[Task] = Counter()
    force = workers()
    through = False
    try:
        while (todo or force.busy) and not stop.is_set():
            while todo and force.free:
                task = todo.popleft()
                if state.wants(task):
                    force.give(task)
            for event in force.wait(_LISTEN):
                _take(event, state, results, todo, deaths)
            watch(state)
        through = not stop.is_set()
    finally:
        force.close(now=not through)
    return state


def _take(event: Event, state: State, results: Results, todo: deque[Task], deaths: "Counter[Task]") -> None:
    match event:
        case Stopped(error):
            raise error
        case Progress():
            state.tell(event)
        case Finished(task, _):
            state.forget(task)
            todo.extendleft(reversed(_further(event, state, results)))
        case Died(task, reason):
            state.forget(task)
            deaths[task] += 1
            if deaths[task] < DEATHS:
                todo.appendleft(task)
            elif state.wants(task):
                message = f"{DEATHS} workers died on it; the last one {reason}."
                state.finish(task.input, Outcome("broken", message))


def _further(finished: Finished, state: State, results: Results) -> list[Task]:
    """Puts away what came of a task; returns what is to be done next for its input."""
    task, outcome, input = finished.task, finished.outcome, finished.task.input
    if not state.wants(task):
        return []
    if outcome.status == "cut":
        pieces = [Task(input, cuts=outcome.cuts, piece=number) for number in range(len(outcome.cuts) + 1)]
        there = [piece for piece in pieces if results.piece(piece).exists()]  # found by a batch that was interrupted
        for piece in there:
            state.keep(Finished(piece, Outcome("done")))
        return [piece for piece in pieces if piece not in there] or [_joining(pieces, results)]
    if outcome.status == "broken" and task.cuts:  # what is wrong with it will be seen when it is done in one
        results.drop_pieces(input)
        state.leave_uncut(input)
        return [Task(input, uncut=True)]
    if task.piece is not None:
        results.put_piece(task, outcome)
        state.keep(finished)
        pieces = [replace(task, piece=number) for number in range(len(task.cuts) + 1)]
        return [_joining(pieces, results)] if all(results.piece(piece).exists() for piece in pieces) else []
    if outcome.status == "done":
        results.put(input, outcome)
    state.finish(input, outcome)
    return []


def _joining(pieces: Sequence[Task], results: Results) -> Task:
    return replace(pieces[0], piece=None, parts=tuple(results.piece(piece) for piece in pieces))


def _weight(input: Input) -> int:
    return max(input.size, 1)
