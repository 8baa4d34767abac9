"""The live loop of one source: newest frame in, faces to the window and the sinks."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from time import monotonic

from tracker.drawing import draw_faces
from tracker.faces import Faces
from tracker.interrupt import Interrupt
from tracker.live.keys import obey
from tracker.live.options import LiveOptions
from tracker.live.screen import Screen, open_screen
from tracker.live.sinks import Sinks
from tracker.measures import names_of, with_measures
from tracker.meter import Meter
from tracker.pipeline import Tracker
from tracker.privacy import Privacy
from tracker.sources.base import Source
from tracker.sources.playback import Playback
from tracker.window import HELP, Key


def run_live(open_it: Callable[[], Source], options: LiveOptions, say: Callable[[str], None]) -> int:
    """Runs the loop until the source ends, the user quits or a signal comes.

    Args:
        open_it: opens the source.
        options: what else the user asked for.
        say: takes sentences for the user.

    Returns:
        The exit code: 0; 128 and the number of the signal; or that of the first sink that failed.

    Raises:
        FkdError: camera, files or engine cannot be used.
    """
    measures = names_of(options.measures, options.focal)
    privacy = Privacy(options.privacy) if options.privacy else None
    with ExitStack() as stack:
        interrupt = stack.enter_context(Interrupt())
        options.check_files()
        source = stack.enter_context(open_it())
        tracker = stack.enter_context(
            Tracker(
                engine=options.engine,
                detector=options.detector,
                weights=options.weights,
                smooth=options.smooth,
                settings=options.settings,
                detect_beside=source.live and privacy is None,  # a newcomer's face is not to be seen for a frame
            )
        )
        sinks = Sinks(stack, source, options, measures, say)  # now that all else is there: it replaces files
        for warning in sinks.outputs.warnings:
            say(warning)
        for sentence in sinks.page.sentences if sinks.page else ():
            say(sentence)
        screen = open_screen(stack, options, lambda: source.stopped, say)
        if screen:
            source.idle = partial(_idle, screen, source, sinks, say)
        interrupt.stop = source.stop
        meter = Meter()
        playback = Playback() if not source.live and (screen or options.watched) else None
        for frame in source:
            if playback:
                playback.wait(frame.time, lambda: source.stopped, source.idle)
            arrived = source.opened + frame.time if source.live else monotonic()
            faces = tracker.update(frame)
            if options.measures:
                faces = with_measures(frame, faces, options.focal)
            if privacy:
                frame = privacy.hide(frame, faces, tracker.places)
            sinks.outputs.append(frame, faces)
            if screen:
                picture = draw_faces(frame.image, faces)
                meter.count(faces, monotonic() - arrived)
                key = screen.show(picture, _display(meter, source, faces, tracker.engine.name, sinks))
                if key is Key.QUIT:
                    break
                obey(key, picture, sinks, say)
            else:
                meter.count(faces, monotonic() - arrived)
                if sinks.outputs.over:
                    break  # nobody is left to see it
    say(meter.summary() + (f", {source.dropped} frames dropped" if source.live else ""))
    for path in sinks.outputs.written:
        say(f"written: {path}")
    for loss in sinks.outputs.losses:
        say(loss)
    if source.warning:
        say(source.warning)
    return interrupt.exit_code or sinks.outputs.exit_code


def _idle(screen: Screen, source: Source, sinks: Sinks, say: Callable[[str], None]) -> None:
    """Keeps the window alive while no picture comes; before the first there is nothing to show."""
    again = screen.show_again()
    if again is None:
        return
    key, picture = again
    if key is Key.QUIT:
        source.stop()
    obey(key, picture, sinks, say)


def _display(meter: Meter, source: Source, faces: Faces, engine: str, sinks: Sinks) -> list[str]:
    dropped = f"   dropped {source.dropped}" if source.live else ""
    recording = "   REC" if sinks.recording else ""
    return [
        f"{meter.rate:.0f} fps   {1000 * meter.latency:.1f} ms{dropped}   faces {len(faces)}{recording}",
        engine,
        HELP,
    ]
