"""The progress of a batch on a terminal: inputs, broken ones, frames per second, time left; nothing elsewhere."""

import sys
from time import monotonic
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from tracker.batch.run import State

_TICKS = 1_000_000
"""Of the bar."""
_HALF_AN_HOUR = 1800.0
"""Seconds over which speed is averaged for the time left."""


class BatchProgress:
    """A progress bar over all inputs; a context manager."""

    def __init__(self) -> None:
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty(),
            transient=True,
            speed_estimate_period=_HALF_AN_HOUR,
        )
        self._task = self._bar.add_task("", total=_TICKS)
        self._began: tuple[float, int] | None = None

    def show(self, state: State) -> None:
        """Shows how far a batch is."""
        now, frames = monotonic(), state.frames
        began, before = self._began = self._began or (now, frames)
        speed = (frames - before) / max(now - began, 1e-6)
        broken = f", {len(state.broken)} broken" if state.broken else ""
        text = f"{len(state.outcomes)}/{len(state.inputs)} inputs{broken}, {speed:.0f} frames/s"
        self._bar.update(self._task, description=text, completed=state.share * _TICKS)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
