"""Progress bars with frames per second and time left, on a terminal; nothing elsewhere."""

import sys
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress
from rich.text import Text

from tracker.closing import Closing


class _Speed(TextColumn):
    def __init__(self) -> None:
        super().__init__("")

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.0f} frames/s")


class Bar(Closing):
    """A progress bar on standard error, which is gone when it is closed.

    Args:
        columns: what it is made of.
        description: what is being worked on.
        total: how much there is to do, if known.
        options: as of rich's progress.
    """

    def __init__(self, *columns: ProgressColumn, description: str, total: float | None, **options: Any) -> None:
        console = Console(stderr=True)
        self._bar = RichProgress(*columns, console=console, disable=not sys.stderr.isatty(), transient=True, **options)
        self._task = self._bar.add_task(description, total=total)
        self._bar.start()

    def close(self) -> None:
        """Takes the bar away; may be called twice."""
        self._bar.stop()


class Progress(Bar):
    """The progress over the frames of one input.

    Args:
        name: what is being worked on.
        total: how many frames there are, if known.
    """

    def __init__(self, name: str, total: int | None) -> None:
        super().__init__(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            _Speed(),
            TimeRemainingColumn(),
            description=name,
            total=total,
        )

    def advance(self) -> None:
        """One more frame is done."""
        self._bar.advance(self._task)
