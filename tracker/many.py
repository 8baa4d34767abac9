"""The live loop of several sources: one window, one batch for the network, and for each source its own files."""

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic

from tracker.drawing import draw_faces
from tracker.errors import FkdError, InputError
from tracker.faces import Faces
from tracker.frame import Frame
from tracker.interrupt import Interrupt
from tracker.live import LiveOptions, Screen, Sinks, free_name, obey
from tracker.measures import names_of, with_measures
from tracker.meter import Meter
from tracker.mosaic import Mosaic
from tracker.pipeline import Settings, Tracker
from tracker.privacy import Privacy
from tracker.sinks import Outputs, open_outputs
from tracker.sources.base import Source
from tracker.sources.feeder import TICK, Feeder, take_together
from tracker.trackers import Trackers
from tracker.window import HELP, Key, has_display

STALE = 1.0
"""Seconds without a picture after which a live source is said to give none."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A source to be opened: what it is called, and what opens it."""

    name: str
    open: Callable[[], Source]


@dataclass(slots=True)
class _Stream:
    """One source at work."""

    number: int
    name: str
    feeder: Feeder
    sinks: Sinks
    privacy: Privacy | None
    meter: Meter = field(default_factory=Meter)
    newest: tuple[Frame, Faces] | None = None
    came: float = 0.0
    said: bool = False

    def note(self) -> str | None:
        """What is to be written into its place."""
        if self.feeder.ended:
            return "ended"
        late = self.feeder.source.live and monotonic() - self.came > STALE
        return "no picture" if self.newest is None or late else None

    def take(self, frame: Frame, faces: Faces, tracker: Tracker, options: LiveOptions) -> None:
        """Takes the faces of its next frame, and gives both to its files."""
        source = self.feeder.source
        if options.measures:
            faces = with_measures(frame, faces, options.focal)
        if self.privacy:
            frame = self.privacy.hide(frame, faces, tracker.places)
        self.sinks.outputs.append(frame, faces)
        self.newest, self.came = (frame, faces), monotonic()
        self.meter.count(faces, monotonic() - source.opened - frame.time if source.live else 0.0)


def run_many(openings: Sequence[Opening], options: LiveOptions, say: Callable[[str], None]) -> int:
    """Runs the loop until all sources have ended, the user quits or a signal comes.

    A source that does not open, or fails, is said once; the others go on.

    Args:
        openings: the sources, at least two.
        options: what else the user asked for. Files are written for each source, with its number in their names.
        say: takes sentences for the user.

    Returns:
        The exit code: 0; 128 and the number of the signal; or that of the first source or sink that failed.

    Raises:
        FkdError: no source opens, or files or engine cannot be used.
    """
    if options.rerun == "viewer":
        raise InputError("Rerun's viewer takes one camera; with several name a file, --rerun NAME.rrd.")
    measures = names_of(options.measures, options.focal)
    changed = threading.Condition()
    failures: list[FkdError] = []
    with ExitStack() as stack:
        interrupt = stack.enter_context(Interrupt())
        sources = _opened(stack, openings, failures, say)
        trackers = stack.enter_context(_trackers(len(openings), options))
        shared = _Shared(stack, options, measures, [opening.name for opening in openings], say)
        streams = []
        for number, source in sources.items():
            own = stack.enter_context(ExitStack())
            sinks = Sinks(own, source, _own(options, number), measures, say)
            feeder = Feeder(source, number, changed, paced=shared.screen is not None or options.watched)
            stack.callback(feeder.close)
            privacy = Privacy(options.privacy) if options.privacy else None
            streams.append(_Stream(number, openings[number].name, feeder, sinks, privacy))

        def stop() -> None:
            for source in sources.values():
                source.stop()

        interrupt.stop = stop
        _loop(streams, trackers, shared, options, changed, failures, say)
        stop()
    return interrupt.exit_code or _report(streams, shared, failures, say)


def _loop(
    streams: list[_Stream],
    trackers: Trackers,
    shared: "_Shared",
    options: LiveOptions,
    changed: threading.Condition,
    failures: list[FkdError],
    say: Callable[[str], None],
) -> None:
    by_number = {stream.number: stream for stream in streams}
    feeders = [stream.feeder for stream in streams]
    while not shared.ended(streams):
        frames = take_together(feeders, changed, TICK)
        for number, faces in trackers.update(frames).items():
            by_number[number].take(frames[number], faces, trackers[number], options)
        for stream in streams:
            error = stream.feeder.error
            if error is not None and not stream.said:
                if not isinstance(error, FkdError):
                    raise error
                stream.said = True
                failures.append(error)
                say(f"{error} Going on without it.")
        if shared.show(streams, frames, trackers, say):
            return


class _Shared:
    """What all sources have in common: the window, and what shows or sends them all."""

    def __init__(
        self,
        stack: ExitStack,
        options: LiveOptions,
        measures: tuple[str, ...],
        names: list[str],
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
        self._over = False
        self.screen: Screen | None = None
        if options.window and has_display():
            self.screen = Screen(options.mirror, lambda: self._over)
            stack.callback(self.screen.window.close)
        elif options.window:
            say("There is no display; going on without a window.")

    def ended(self, streams: list[_Stream]) -> bool:
        """Whether there is nothing left to do: all sources have ended, or all that was to be written has failed."""
        everything = [*(stream.sinks.outputs for stream in streams), self.sent, self.shown]
        nobody = self.screen is None and any(each.over for each in everything)
        nobody = nobody and not any(each.going for each in everything)
        self._over = all(stream.feeder.ended and not stream.feeder.ready for stream in streams)
        return self._over or nobody

    def show(
        self, streams: list[_Stream], frames: dict[int, Frame], trackers: Trackers, say: Callable[[str], None]
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
            _switch_recording(streams, say)
        elif key is not None:
            obey(key, picture, streams[0].sinks, say)
        return key is Key.QUIT


def _opened(
    stack: ExitStack, openings: Sequence[Opening], failures: list[FkdError], say: Callable[[str], None]
) -> dict[int, Source]:
    """Opens the sources that open, by number."""
    sources = {}
    for number, opening in enumerate(openings):
        try:
            sources[number] = stack.enter_context(opening.open())
        except FkdError as error:
            failures.append(error)
            if len(failures) == len(openings):
                raise
            say(f"{error} Going on without it.")
    return sources


def _trackers(count: int, options: LiveOptions) -> Trackers:
    settings = Settings(max_faces=options.max_faces)
    return Trackers(
        count,
        engine=options.engine,
        detector=options.detector,
        weights=options.weights,
        smooth=options.smooth,
        settings=Privacy(options.privacy).settings(settings) if options.privacy else settings,
    )


def _own(options: LiveOptions, number: int) -> LiveOptions:
    """The options of one source's files."""

    def named(path: Path) -> Path:
        return path.with_stem(f"{path.stem}-{number}")

    return replace(
        options,
        record=None if options.record is None else named(options.record),
        points=tuple(named(path) for path in options.points),
        rerun=None if options.rerun is None else str(named(Path(options.rerun))),
        send=(),
        virtual_camera=None,
        serve=None,
    )


def _switch_recording(streams: list[_Stream], say: Callable[[str], None]) -> None:
    going = any(stream.sinks.recording for stream in streams)
    for stream in streams:
        if going:
            stream.sinks.stop_recording()
        elif not stream.feeder.ended:
            try:
                stream.sinks.start_recording(free_name(f"{stream.number}.mp4"))
            except FkdError as error:
                say(str(error))


def _report(streams: list[_Stream], shared: _Shared, failures: list[FkdError], say: Callable[[str], None]) -> int:
    """Says what came of it; returns the exit code."""
    outputs: list[Outputs] = [*(stream.sinks.outputs for stream in streams), shared.sent, shared.shown]
    for stream in streams:
        source = stream.feeder.source
        dropped = f", {source.dropped + stream.feeder.dropped} frames dropped" if source.live else ""
        say(f"camera {stream.number} ({stream.name}): {stream.meter.summary()}{dropped}")
        if source.warning:
            say(source.warning)
    for each in outputs:
        for path in each.written:
            say(f"written: {path}")
        for loss in each.losses:
            say(loss)
    codes = [*(error.exit_code for error in failures), *(each.exit_code for each in outputs if each.exit_code)]
    return codes[0] if codes else 0
