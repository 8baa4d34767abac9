"""Workers that are processes of this machine."""

import signal
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Protocol

from tracker.batch.jobs import Died, Event, Finished, Outcome, Progress, Stopped, Task, Tell
from tracker.errors import EngineError, FkdError

PATIENCE = 5.0
"""Seconds that workers have to end when there is nothing left to do."""
FAILED_STARTS = 3
"""So many workers that die before they have done anything are enough to give up."""


class Work(Protocol):
    """What a process does, once it has loaded what it needs."""

    def __call__(self, task: Task, tell: Tell) -> Outcome: ...

    def close(self) -> None:
        """Frees what was loaded."""
        ...


def shares(workers: int | None, threads: int | None, cores: int | None = None) -> tuple[int, int]:
    """Divides processors.

    Args:
        workers: how many workers there are to be; as many as the threads allow if None.
        threads: of each; what the workers leave it if None, and one if there is no word of them either.
        cores: how many processors there are; those of this machine if None.

    Returns:
        How many workers, and how many threads each has.
    """
    if cores is None:
        from tracker.engines.litert import processors  # loads what only workers need

        cores = processors()
    if workers is None:
        workers = max(cores // (threads or 1), 1)
    return workers, threads or max(cores // workers, 1)


@dataclass(slots=True, eq=False)
class _Process:
    process: BaseProcess
    pipe: Connection
    ready: bool = False
    task: Task | None = None


class LocalWorkers:
    """Up to a number of processes, which are started when there is something to do; one that dies is replaced.

    Args:
        make: makes what a worker does, in its process; must be found by `import` there.
        count: how many workers.
    """

    def __init__(self, make: Callable[[], Work], count: int) -> None:
        self._make = make
        self._context = get_context("spawn")
        self._failed_starts = 0
        self._events: deque[Event] = deque()
        self._count = count
        self._processes: list[_Process] = []

    @property
    def free(self) -> int:
        """How many tasks can be given."""
        return self._count - sum(process.task is not None for process in self._processes)

    @property
    def busy(self) -> bool:
        """Whether there is anything to wait for."""
        return any(process.task is not None for process in self._processes) or bool(self._events)

    def give(self, task: Task) -> None:
        """Gives a task to a worker that has none."""
        process = next((process for process in self._processes if process.task is None), None)
        if process is None:
            self._processes.append(process := self._start())
        process.task = task
        try:
            process.pipe.send(task)
        except OSError:
            self._bury(process)

    def wait(self, seconds: float) -> list[Event]:
        """Returns what has happened, after at most so many seconds."""
        pipes = {process.pipe: process for process in self._processes}
        for pipe in wait(list(pipes), 0 if self._events else seconds):
            self._hear(pipes[pipe])  # type: ignore[index] # it is one of those that were given
        events = list(self._events)
        self._events.clear()
        return events

    def close(self, *, now: bool = False) -> None:
        """Ends the workers; with `now` also those that are at work."""
        for process in self._processes:
            process.pipe.close()
        for process in self._processes:
            if not now:
                process.process.join(PATIENCE)
            process.process.kill()
            process.process.join()
            process.process.close()
        self._processes.clear()

    def _start(self) -> _Process:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=serve, args=(theirs, self._make), name="fkd batch worker", daemon=True)
        process.start()
        theirs.close()  # so that the pipe ends with the process
        return _Process(process, ours)

    def _hear(self, process: _Process) -> None:
        try:
            word = process.pipe.recv()
        except (EOFError, OSError):
            self._bury(process)
            return
        process.ready, self._failed_starts = True, 0
        if isinstance(word, FkdError):
            self._events.append(Stopped(word))
            process.task = None
        elif process.task is not None and isinstance(word, Outcome):
            self._events.append(Finished(process.task, word))
            process.task = None
        elif process.task is not None and word is not None:
            self._events.append(Progress(process.task, *word))

    def _bury(self, process: _Process) -> None:
        """Takes note of a worker's death, and starts another one in its place."""
        process.process.join()
        reason = _reason(process.process.exitcode)
        process.pipe.close()
        process.process.close()
        self._failed_starts += not process.ready
        if self._failed_starts >= FAILED_STARTS:
            self._processes.remove(process)
            self._events.append(Stopped(EngineError(f"Workers cannot start: the last one {reason}.")))
            return
        if process.task is not None:
            self._events.append(Died(process.task, reason))
        self._processes[self._processes.index(process)] = self._start()


def serve(pipe: Connection, make: Callable[[], Work]) -> None:
    """Runs in a worker's process: does the tasks that come through the pipe until it ends."""
    for name in ("SIGINT", "SIGHUP"):  # they reach all processes of a terminal; what comes of it the driver decides
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    try:
        work = make()
    except FkdError as error:
        pipe.send(error)
        return
    try:
        pipe.send(None)
        while True:
            task = pipe.recv()
            try:
                answer: Outcome | FkdError = work(task, lambda share, frames: pipe.send((share, frames)))
            except FkdError as error:
                answer = error
            pipe.send(answer)
    except (EOFError, OSError):  # the driver is gone, or has no more to do
        pass
    finally:
        work.close()


def _reason(code: int | None) -> str:
    """What a process died of, from its exit code."""
    if code is None or code >= 0:
        return f"ended with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"was killed by {name}"
