"""What several sources have in common: one window, one page, one virtual camera, the same receivers."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from time import monotonic

from tracker.drawing import draw_faces
from tracker.frame import Frame
from tracker.live.keys import obey, switch_recording
from tracker.live.options import LiveOptions
from tracker.live.screen import open_screen
from tracker.live.stream import Stream
from tracker.mosaic import Mosaic
from tracker.sinks import open_outputs
from tracker.trackers import Trackers
from tracker.window import HELP, Key


class Shared:
    """What all sources have in common: the window, and what shows or sends them all."""

    def __init__(
        self,
        stack: ExitStack,
        options: LiveOptions,
        measures: tuple[str, ...],
        names: list[str],
        stopped: Callable[[], bool],
        say: Callable[[str], None],
    ) -> None:
        self._mosaic, self._started = Mosaic(names), monotonic()
        self.sent = stack.enter_context(open_outputs(send=options.send, drop=True, measures=measures, say=say))
        self.shown = stack.enter_context(open_outputs(virtual_camera=options.virtual_camera, drop=True, say=say))
        for warning in self.sent.warnings:
            say(warning)
        if options.serve is not None:
            from tracker.serve.sink import ServeSink

            page = ServeSink(options.serve, pictures=not options.serve_points_only, measures=measures)
            self.shown.add("the page", page, threaded=True)
            for sentence in page.sentences:
                say(sentence)
        self._wanted = options.virtual_camera is not None or options.serve is not None
        self.screen = open_screen(stack, options, stopped, say)

    def ended(self, streams: Sequence[Stream]) -> bool:
        """Whether there is nothing left to do: all sources have ended, or all that was to be written has failed."""
        everything = [*(stream.sinks.outputs for stream in streams), self.sent, self.shown]
        nobody = self.screen is None and any(each.over for each in everything)
        nobody = nobody and not any(each.going for each in everything)
        return nobody or all(stream.feeder.ended and not stream.feeder.ready for stream in streams)

    def show(
        self, streams: Sequence[Stream], frames: dict[int, Frame], trackers: Trackers, say: Callable[[str], None]
    ) -> bool:
        """Sends what is new and shows all; returns whether the user wants to quit."""
        newest = {stream.number: stream.newest for stream in streams if stream.newest is not None}
        for number in frames:
            self.sent.append(*newest[number])
        if not newest or not (self._wanted or self.screen):
            return False
        notes = {stream.number: note for stream in streams if (note := stream.note()) is not None}
        whole, faces = self._mosaic.of(newest, monotonic() - self._started, notes)
        if frames:
            self.shown.append(whole, faces)
        if self.screen is None:
            return False
        picture = draw_faces(whole.image, faces)
        rates = "  ".join(f"{stream.meter.rate:.0f}" for stream in streams)
        key = self.screen.show(picture, ["", "", f"{rates} fps   faces {len(faces)}", trackers.engine.name, HELP])
        if key is Key.RECORD:
            switch_recording(streams, say)
        elif key is not None:
            obey(key, picture, streams[0].sinks, say)
        return key is Key.QUIT
