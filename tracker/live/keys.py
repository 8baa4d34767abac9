"""Keys that make files: snapshots and recordings."""

from collections.abc import Callable, Sequence
from pathlib import Path
from time import strftime

import cv2
import numpy as np

from tracker.errors import FkdError, OutputError
from tracker.live.sinks import Sinks
from tracker.live.stream import Stream
from tracker.sinks.base import replace_whole, writing
from tracker.window import Key


def obey(key: Key | None, picture: np.ndarray, sinks: Sinks, say: Callable[[str], None]) -> None:
    """Does what a key asks for, with the picture that is shown."""
    if key is Key.SNAPSHOT:
        say(_snapshot(picture))
    elif key is Key.RECORD and not sinks.recording:
        try:
            sinks.start_recording(free_name("mp4"))
        except OutputError as error:
            say(str(error))
    elif key is Key.RECORD:
        sinks.stop_recording()


def switch_recording(streams: Sequence[Stream], say: Callable[[str], None]) -> None:
    """Records all sources, each to a file of its own, or ends that if any is recorded."""
    going = any(stream.sinks.recording for stream in streams)
    for stream in streams:
        if going:
            stream.sinks.stop_recording()
        elif not stream.feeder.ended:
            try:
                stream.sinks.start_recording(free_name(f"{stream.number}.mp4"))
            except FkdError as error:
                say(str(error))


def _snapshot(picture: np.ndarray) -> str:
    """Writes a picture; returns what is to be said of it."""
    path = free_name("png")
    try:
        with writing(path):
            replace_whole(path, cv2.imencode(".png", picture)[1].tobytes())
    except OutputError as error:
        return str(error)
    return f"written: {path}"


def free_name(suffix: str) -> Path:
    """A file name in the current folder that no file has, from the time of day."""
    stem = strftime("fkd-%Y%m%d-%H%M%S")
    names = (Path(f"{stem}{'' if number == 0 else f'-{number}'}.{suffix}") for number in range(1000))
    return next(name for name in names if not name.exists())
