"""The live loop of several sources: one window, one batch for the network, and for each source its own files."""

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from tracker.errors import FkdError, InputError
from tracker.interrupt import Interrupt
from tracker.live.openings import Opening, open_all
from tracker.live.options import LiveOptions
from tracker.live.shared import Shared
from tracker.live.sinks import Sinks
from tracker.live.stream import Stream
from tracker.measures import names_of
from tracker.privacy import Privacy
from tracker.sinks.outputs import VIEWER, Outputs
from tracker.sources.feeder import Feeder, take_together
from tracker.sources.playback import TICK
from tracker.trackers import Trackers


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
    if options.rerun == VIEWER:
        raise InputError("Rerun's viewer takes one camera; with several name a file, --rerun NAME.rrd.")
    measures = names_of(options.measures, options.focal)
    changed = threading.Condition()
    failures: list[FkdError] = []
    with ExitStack() as stack:
        interrupt = stack.enter_context(Interrupt())
        for number in range(len(openings)):
            options.of_source(number).check_files()
        sources = open_all(stack, openings, failures, say)
        trackers = stack.enter_context(
            Trackers(
                len(openings),
                engine=options.engine,
                detector=options.detector,
                weights=options.weights,
                smooth=options.smooth,
                settings=options.settings,
            )
        )
        names = [opening.name for opening in openings]
        shared = Shared(stack, options, measures, names, lambda: all(each.stopped for each in sources.values()), say)
        streams = []
        for number, source in sources.items():
            sinks = Sinks(stack, source, options.of_source(number), measures, say)
            feeder = Feeder(source, number, changed, paced=shared.screen is not None or options.watched)
            stack.callback(feeder.close)
            privacy = Privacy(options.privacy) if options.privacy else None
            streams.append(Stream(number, openings[number].name, feeder, sinks, privacy))

        def stop() -> None:
            for source in sources.values():
                source.stop()

        interrupt.stop = stop
        _loop(streams, trackers, shared, options, changed, failures, say)
        _say_failures(streams, failures, say)  # those that came as the loop ended
        stop()
    failed = _report(streams, shared, failures, say)
    return interrupt.exit_code or failed


def _loop(
    streams: list[Stream],
    trackers: Trackers,
    shared: Shared,
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
        _say_failures(streams, failures, say)
        if shared.show(streams, frames, trackers, say):
            return


def _say_failures(streams: list[Stream], failures: list[FkdError], say: Callable[[str], None]) -> None:
    """Says which sources have failed, each once."""
    for stream in streams:
        error = stream.feeder.error
        if error is not None and not stream.said:
            if not isinstance(error, FkdError):
                raise error
            stream.said = True
            failures.append(error)
            others = any(other.feeder.error is None for other in streams)
            say(f"{error} Going on without it." if others else str(error))


def _report(streams: list[Stream], shared: Shared, failures: list[FkdError], say: Callable[[str], None]) -> int:
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
