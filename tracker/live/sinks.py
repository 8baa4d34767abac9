"""Where the faces of one source go while the loop runs."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from tracker.frame import Frame
from tracker.live.options import LiveOptions
from tracker.serve.address import Address
from tracker.sinks import open_outputs, open_video
from tracker.sources.base import Source

if TYPE_CHECKING:
    from tracker.serve.sink import ServeSink


class Sinks:
    """The files being written; recording can be switched while the loop runs."""

    def __init__(
        self,
        stack: ExitStack,
        source: Source,
        options: LiveOptions,
        measures: tuple[str, ...],
        say: Callable[[str], None],
    ) -> None:
        self._recording: str | None = None
        self._source = source
        self.page = stack.enter_context(_page(options, source, options.serve, measures)) if options.serve else None
        self.outputs = open_outputs(
            points=options.points,
            send=options.send,
            virtual_camera=options.virtual_camera,
            rerun=options.rerun,
            rate=source.rate,
            overwrite=options.overwrite,
            drop=source.live,
            measures=measures,
            say=say,
        )
        stack.enter_context(self.outputs)
        if self.page is not None:
            self.outputs.add("the page", self.page, threaded=True)
        if options.record is not None:
            self._record(options.record, overwrite=options.overwrite)

    def start_recording(self, path: Path) -> None:
        """Records from now on."""
        self._record(path, from_zero=True)

    def _record(self, path: Path, *, overwrite: bool = False, from_zero: bool = False) -> None:
        video = open_video(path, rate=self._source.rate, overwrite=overwrite, from_zero=from_zero)
        self._recording = str(path)
        self.outputs.add(self._recording, video)
        self.outputs.written.append(path)

    def stop_recording(self) -> None:
        if self._recording is not None:
            self.outputs.end(self._recording)
            self._recording = None

    @property
    def recording(self) -> bool:
        """Whether a video is being written."""
        return self._recording is not None and self._recording in self.outputs


def _page(options: LiveOptions, source: Source, address: Address, measures: tuple[str, ...]) -> "ServeSink":
    from tracker.serve.sink import ServeSink

    def grabbed(frame: Frame) -> float:
        return source.opened + frame.time if source.live else monotonic()

    return ServeSink(address, pictures=not options.serve_points_only, grabbed=grabbed, measures=measures)
