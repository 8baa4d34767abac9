"""Workers on a Ray cluster. Needs the extra `ray`."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tracker import __version__
from tracker.batch.jobs import Died, Event, Finished, Outcome, Stopped, Task
from tracker.batch.local import FAILED_STARTS, PATIENCE, Work
from tracker.errors import EngineError, FkdError
from tracker.extras import need


class Actor:
    """What runs on a node: does tasks with what it has loaded there, and hands back what it made as bytes."""

    def __init__(self, make: Callable[[], Work]) -> None:
        self._make = make

    def load(self) -> str | FkdError:
        """Loads what is needed; returns this project's version there, or why it cannot work."""
        try:
            self._work = self._make()
        except FkdError as error:
            return error
        return __version__

    def work(self, task: Task) -> Outcome | FkdError:
        """Does a task."""
        try:
            return self._work(task, lambda share, frames: None).packed()  # noqa: ARG005 - nobody is told
        except FkdError as error:
            return error

    def close(self) -> None:
        """Frees what was loaded."""
        self._work.close()


@dataclass(slots=True, eq=False)
class _Hand:
    actor: Any
    answer: Any
    ready: bool = False
    task: Task | None = None


class RayWorkers:
    """Actors of a Ray cluster; one that dies, with its node or alone, is replaced where there is room.

    Args:
        address: of the cluster, as `ray.init` takes it: `auto`, `HOST:PORT`, `ray://HOST:PORT`, or `local` for one on
            this machine alone.
        make: makes what a worker does, on its node; must be found by `import` there.
        count: how many workers; as many as there is room for if None.
        threads: of each, which are taken for processors.
        gpu: whether workers take a GPU each, if the cluster has any.

    Raises:
        EngineError: there is no such cluster.
        OutputError: Ray is not installed.
    """

    def __init__(
        self, address: str, make: Callable[[], Work], count: int | None, threads: int, *, gpu: bool = False
    ) -> None:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # a cluster that is started here reports nothing
        self._ray = need("ray", extra="ray", purpose="--ray")
        try:
            self._ray.init(address, log_to_driver=False, include_dashboard=False if address == "local" else None)
        except (ConnectionError, ValueError, RuntimeError) as error:
            reason = " ".join(str(error).split()).rstrip(".")
            raise EngineError(f"There is no Ray cluster at {address}: {reason}.") from None
        room = self._ray.cluster_resources()
        gpus = int(room.get("GPU", 0)) if gpu else 0
        count = count or max(min(int(room.get("CPU", 1)) // threads, gpus or 1 << 30), 1)
        remote = self._ray.remote(num_cpus=threads, num_gpus=1 if gpus else 0, max_restarts=0)(Actor)
        self._new: Callable[[], Any] = lambda: remote.remote(make)
        self._failed_starts = 0
        self._hands = [self._start() for _ in range(count)]

    @property
    def free(self) -> int:
        """How many tasks can be given."""
        return sum(hand.ready and hand.task is None for hand in self._hands)

    @property
    def busy(self) -> bool:
        """Whether there is anything to wait for."""
        return any(hand.task is not None for hand in self._hands)

    def give(self, task: Task) -> None:
        """Gives a task to a worker that has none."""
        hand = next(hand for hand in self._hands if hand.ready and hand.task is None)
        parts = tuple(part.read_bytes() if isinstance(part, Path) else part for part in task.parts)
        hand.task, hand.answer = task, hand.actor.work.remote(replace(task, parts=parts))

    def wait(self, seconds: float) -> list[Event]:
        """Returns what has happened, after at most so many seconds."""
        waiting = {hand.answer: hand for hand in self._hands if hand.answer is not None}
        there, _ = self._ray.wait(list(waiting), num_returns=1, timeout=seconds)
        heard = [self._hear(waiting[answer]) for answer in there]
        return [event for event in heard if event is not None]

    def close(self, *, now: bool = False) -> None:
        """Ends the workers; with `now` also those that are at work."""
        if not now:
            closing = [hand.actor.close.remote() for hand in self._hands if hand.ready]
            self._ray.wait(closing, num_returns=len(closing), timeout=PATIENCE)
        for hand in self._hands:
            self._ray.kill(hand.actor)
        self._hands.clear()
        self._ray.shutdown()

    def _start(self) -> _Hand:
        actor = self._new()
        return _Hand(actor, actor.load.remote())

    def _hear(self, hand: _Hand) -> Event | None:
        try:
            word = self._ray.get(hand.answer)
        except self._ray.exceptions.RayError as error:
            return self._bury(hand, type(error).__name__)
        task, hand.task, hand.answer = hand.task, None, None
        if isinstance(word, FkdError):
            return Stopped(word)
        if task is not None:
            return Finished(task, word)
        if word != __version__:
            return Stopped(EngineError(f"A node has fkd {word}, this machine {__version__}; they must be the same."))
        hand.ready, self._failed_starts = True, 0
        return None

    def _bury(self, hand: _Hand, reason: str) -> Event | None:
        """Takes note of a worker's death, and asks for another one in its place."""
        self._failed_starts += not hand.ready
        if self._failed_starts >= FAILED_STARTS:
            return Stopped(EngineError(f"Workers cannot start on the cluster: {reason}."))
        self._hands[self._hands.index(hand)] = self._start()
        return None if hand.task is None else Died(hand.task, f"was lost ({reason})")
