"""The progress of a batch on a terminal: inputs, broken ones, frames per second, time left; nothing elsewhere."""

from time import monotonic

from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn

from tracker.batch.run import State
from tracker.cli.progress import Bar

_TICKS = 1_000_000
"""Of the bar."""
_HALF_AN_HOUR = 1800.0
"""Seconds over which speed is averaged for the time left."""


class BatchProgress(Bar):
    """The progress over all inputs."""

    def __init__(self) -> None:
        super().__init__(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(elapsed_when_finished=True),
            description="",
            total=_TICKS,
            speed_estimate_period=_HALF_AN_HOUR,
        )
        self._began: tuple[float, int] | None = None

    def show(self, state: State) -> None:
        """Shows how far a batch is."""
        now, frames = monotonic(), state.frames
        began, before = self._began = self._began or (now, frames)
        speed = (frames - before) / max(now - began, 1e-6)
        broken = f", {len(state.broken)} broken" if state.broken else ""
        text = f"{len(state.outcomes)}/{len(state.inputs)} inputs{broken}, {speed:.0f} frames/s"
        self._bar.update(self._task, description=text, completed=state.share * _TICKS)
