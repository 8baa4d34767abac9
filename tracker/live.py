"""The live loop: newest frame in, faces to the window and the sinks."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic, sleep, strftime
from typing import TYPE_CHECKING

import cv2
import numpy as np

from tracker.drawing import draw_faces, draw_lines
from tracker.errors import OutputError
from tracker.faces import Faces
from tracker.frame import Frame
from tracker.interrupt import Interrupt
from tracker.measures import names_of, with_measures
from tracker.meter import Meter
from tracker.pipeline import Settings, Tracker
from tracker.privacy import Privacy
from tracker.serve.address import Address
from tracker.sinks import open_outputs, open_video
from tracker.sources.base import Source
from tracker.window import HELP, Key, Window, has_display

if TYPE_CHECKING:
    from tracker.serve.sink import ServeSink

SILENCE = 1.0
"""Seconds without a picture after which the window says so."""


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """What the user asked for; see `fkd live --help`."""

    record: Path | None = None
    points: tuple[Path, ...] = ()
    send: tuple[str, ...] = ()
    virtual_camera: str | None = None
    rerun: str | None = None
    overwrite: bool = False
    window: bool = True
    mirror: bool = False
    engine: str = "auto"
    detector: str = "full"
    smooth: str = "normal"
    max_faces: int = 64
    weights: Path | None = None
    serve: Address | None = None
    serve_points_only: bool = False
    measures: bool = False
    focal: float | None = None
    privacy: str | None = None

    @property
    def watched(self) -> bool:
        """Whether another program follows while the loop runs, so that a file is to be played in its own time."""
        return bool(self.send) or self.virtual_camera is not None or self.serve is not None


class Screen:
    """The window with its keys: what it shows, and what the user changes."""

    def __init__(self, mirror: bool, ended: Callable[[], bool]) -> None:
        self.window = Window()
        self._ended = ended
        self.mirror, self.display = mirror, True
        self.paused_for = 0.0
        self._last: tuple[np.ndarray, list[str]] | None = None
        self._since = 0.0

    def show(self, picture: np.ndarray, lines: list[str]) -> Key | None:
        self._last, self._since = (picture, lines), monotonic()
        return self._show(picture, lines)

    def show_again(self) -> tuple[Key | None, np.ndarray] | None:
        """Shows the last picture while no other comes; returns the key and the picture, or None before the first."""
        if self._last is None:
            return None
        picture, lines = self._last
        waited = monotonic() - self._since
        return self._show(picture, lines if waited < SILENCE else [f"no picture for {waited:.0f} s", HELP]), picture

    def _show(self, picture: np.ndarray, lines: list[str]) -> Key | None:
        shown = np.ascontiguousarray(picture[:, ::-1]) if self.mirror else picture.copy()
        if self.display:
            draw_lines(shown, lines)
        key = self.window.show(shown)
        if key is Key.PAUSE:
            key = self._pause(shown)
        if key is Key.MIRROR:
            self.mirror = not self.mirror
        elif key is Key.HUD:
            self.display = not self.display
        return key

    def _pause(self, shown: np.ndarray) -> Key | None:
        """Holds the picture until the pause key comes again, or another one that is to be obeyed."""
        since = monotonic()
        key = None
        while key is None and not self._ended():
            key = self.window.show(shown, wait=20)
        self.paused_for += monotonic() - since
        return None if key is Key.PAUSE else key


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
    settings = Settings(max_faces=options.max_faces)
    with ExitStack() as stack:
        interrupt = stack.enter_context(Interrupt())
        source = stack.enter_context(open_it())
        sinks = Sinks(stack, source, options, measures, say)
        for warning in sinks.outputs.warnings:
            say(warning)
        for sentence in sinks.page.sentences if sinks.page else ():
            say(sentence)
        tracker = stack.enter_context(
            Tracker(
                engine=options.engine,
                detector=options.detector,
                weights=options.weights,
                smooth=options.smooth,
                settings=privacy.settings(settings) if privacy else settings,
            )
        )
        screen = None
        if options.window and has_display():
            screen = Screen(options.mirror, lambda: source.stopped)
            stack.callback(screen.window.close)
            source.idle = partial(_idle, screen, source, sinks, say)
        elif options.window:
            say("There is no display; going on without a window.")
        interrupt.stop = source.stop
        meter = Meter()
        start = monotonic()
        for frame in source:
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
            if not source.live and (screen or options.watched):
                paused_for = screen.paused_for if screen else 0.0
                sleep(max(0.0, start + paused_for + frame.time - monotonic()))
    say(meter.summary() + (f", {source.dropped} frames dropped" if source.live else ""))
    for path in sinks.outputs.written:
        say(f"written: {path}")
    for loss in sinks.outputs.losses:
        say(loss)
    if source.warning:
        say(source.warning)
    return interrupt.exit_code or sinks.outputs.exit_code


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
            self.start_recording(options.record, overwrite=options.overwrite)

    def start_recording(self, path: Path, *, overwrite: bool = False) -> None:
        video = open_video(path, rate=self._source.rate, overwrite=overwrite)
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


def obey(key: Key | None, picture: np.ndarray, sinks: Sinks, say: Callable[[str], None]) -> None:
    if key is Key.SNAPSHOT:
        path = free_name("png")
        cv2.imwrite(str(path), picture)
        say(f"written: {path}")
    elif key is Key.RECORD and not sinks.recording:
        try:
            sinks.start_recording(free_name("mp4"))
        except OutputError as error:
            say(str(error))
    elif key is Key.RECORD:
        sinks.stop_recording()


def _idle(screen: Screen, source: Source, sinks: Sinks, say: Callable[[str], None]) -> None:
    """Keeps the window alive while no picture comes; before the first there is nothing to show."""
    again = screen.show_again()
    if again is None:
        return
    key, picture = again
    if key is Key.QUIT:
        source.stop()
    obey(key, picture, sinks, say)


def free_name(suffix: str) -> Path:
    """A file name in the current folder that no file has, from the time of day."""
    stem = strftime("fkd-%Y%m%d-%H%M%S")
    names = (Path(f"{stem}{'' if number == 0 else f'-{number}'}.{suffix}") for number in range(1000))
    return next(name for name in names if not name.exists())


def _display(meter: Meter, source: Source, faces: Faces, engine: str, sinks: Sinks) -> list[str]:
    dropped = f"   dropped {source.dropped}" if source.live else ""
    recording = "   REC" if sinks.recording else ""
    return [
        f"{meter.rate:.0f} fps   {1000 * meter.latency:.1f} ms{dropped}   faces {len(faces)}{recording}",
        engine,
        HELP,
    ]
