"""Annotated video: the frames with their faces drawn, under the source's own time stamps."""

import io
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from tracker.drawing import draw_faces, draw_on_planes
from tracker.errors import OutputError
from tracker.faces import Faces
from tracker.frame import Frame
from tracker.planes import TAGS, UNTOUCHED, Planes
from tracker.sinks.base import BaseSink

_FRAGMENTS = {"movflags": "hybrid_fragmented+delay_moov", "frag_duration": "500000"}
_FORMATS: dict[str, tuple[str, dict[str, str]]] = {
    ".mp4": ("mp4", _FRAGMENTS),
    ".mov": ("mov", _FRAGMENTS),
    ".mkv": ("matroska", {"cluster_time_limit": "500"}),
}
"""FFmpeg's name of each container, and what makes it reach the disk in parts of half a second, each of them whole.

`delay_moov` lets the header be written with the first part, when the first frame's time is known: without it players
leave out frames at the start of a file that was never closed.
"""
CONTAINERS = frozenset(_FORMATS)
TICK = Fraction(1, 90_000)
"""Unit of the time stamps: the one of MPEG, fine enough for every frame rate."""
SHORTEST_GAP = 90
"""Ticks between two frames at least, also where the source's clock stands still: a millisecond, .mkv's unit."""
LONGEST_GAP = 3600 * 90_000
"""Ticks between two frames at most, for an .mp4 holds no more than some hours: of a longer gap the rest is left out."""
LATEST = 1e12
"""Seconds; a time beyond it is none, and its frame follows the last at once."""
_CODECS: tuple[tuple[str, dict[str, str]], ...] = (
    (
        "libx264",
        {"preset": "veryfast", "crf": "20", "tune": "zerolatency", "x264-params": "sliced-threads=0:threads=3"},
    ),
    ("mpeg4", {"qscale": "4"}),
)
"""H.264 where the installed FFmpeg has it, else MPEG-4.

`zerolatency` reorders no frames. It would also have all threads work on one frame, which are idle for a third of the
time; three threads on a frame each hold two frames back at most, which is what a program that is killed may lose of it.
"""


def check_name(path: Path) -> None:
    """Makes sure that a file's name is one of a video that can be written.

    Raises:
        OutputError: it is not.
    """
    if path.suffix.lower() not in CONTAINERS:
        raise OutputError(f"A video cannot be written as {path.name}; name it .mp4, .mov or .mkv.")


class _Parts(io.FileIO):
    """A file that keeps its whole parts when no more can be written.

    FFmpeg, told of a full disk, would still close the file as if all were there; so it is not told. From then on
    nothing is written, and the file is as one that was never closed.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, "w+")
        self.error: OSError | None = None
        self._whole = 0

    def write(self, data: Any, /) -> int:
        """Writes all of it, or nothing from the first failure on; never raises."""
        rest = memoryview(data)
        while rest and self.error is None:
            try:
                rest = rest[super().write(rest) :]
            except OSError as error:
                self.error = error
                with suppress(OSError):
                    self.truncate(self._whole)
        return len(data)

    def keep(self) -> None:
        """Says that a part is complete."""
        if self.error is None:
            self._whole = self.tell()


class VideoSink(BaseSink):
    """Writes a video whose frames have the time stamps of the frames given.

    It reaches the disk in parts, so that it can be played even if the program is killed or the disk is full; an .mp4 or
    .mov is put into the usual order when closed.

    Args:
        path: the file, which is replaced; .mp4, .mov or .mkv.
        rate: about how many frames per second will come; players show it, nothing is timed by it.
        from_zero: whether the first frame is at 0, and the others as long after it as they are, for a recording that
            begins in the middle of a source: players show nothing until a first frame's time has come.

    Raises:
        OutputError: the name is not one of these, or the file cannot be written.
    """

    def __init__(self, path: Path, rate: float | None = None, *, from_zero: bool = False) -> None:
        check_name(path)
        self._path = path
        name, options = _FORMATS[path.suffix.lower()]
        try:
            self._file = _Parts(path)
        except OSError as error:
            raise OutputError(f"{path} cannot be written: {error.strerror}.") from None
        self._container: Any = av.open(self._file, "w", format=name, options=options | {"flush_packets": "1"})
        self._rate = Fraction(rate or 30).limit_denominator(1001)
        self._stream: Any = None
        self._last = -SHORTEST_GAP
        self._from_zero, self._left_out = from_zero, 0

    def append(self, frame: Frame, faces: Faces) -> None:
        """Draws the faces and writes the frame; one whose image nobody asked for is not turned to BGR and back."""
        planes = frame.planes
        if planes is None:
            self.write(draw_faces(frame.image, faces), frame.time)
            return
        canvas, whole = planes.copy()
        draw_on_planes(canvas, faces)
        self._encode(av.VideoFrame.from_ndarray(whole, format=UNTOUCHED), frame.time, planes)

    def write(self, image: NDArray[np.uint8], time: float) -> None:
        """Writes an image (H, W, 3) uint8 BGR as it is, at a time in seconds."""
        self._encode(av.VideoFrame.from_ndarray(_even(image), format="bgr24"), time)

    def close(self) -> None:
        """Completes the video; may be called twice."""
        if self._container is None:
            return
        container, self._container = self._container, None
        try:
            if self._stream is not None:
                for packet in self._stream.encode(None):
                    container.mux(packet)
        finally:
            container.close()
            self._file.close()
        self._check()

    def _open_stream(self, width: int, height: int, planes: Planes | None) -> Any:
        codec, options = next((codec, options) for codec, options in _CODECS if codec in av.codecs_available)
        stream = self._container.add_stream(codec, rate=self._rate, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = stream.time_base = TICK
        stream.codec_context.thread_count = 0
        if planes is not None:
            for tag, value in zip(TAGS, planes.tags, strict=True):
                setattr(stream.codec_context, tag, value)
        return stream

    def _encode(self, picture: av.VideoFrame, time: float, planes: Planes | None = None) -> None:
        self._last = picture.pts = self._ticks(time)
        if self._stream is None:
            self._stream = self._open_stream(picture.width, picture.height, planes)
        picture.time_base = TICK
        try:
            for packet in self._stream.encode(picture):
                self._container.mux(packet)
        except (OSError, av.FFmpegError) as error:
            raise OutputError(f"{self._path} cannot be written: {error.strerror}.") from None
        self._check()
        self._file.keep()

    def _ticks(self, time: float) -> int:
        """The time stamp of a frame: later than the last, however the source's clock jumps."""
        next_one = self._last + SHORTEST_GAP
        if not abs(time) < LATEST:  # nor if it is no number
            return next_one
        ticks = round(time / TICK) - self._left_out
        if self._stream is None:
            self._left_out = ticks if self._from_zero else min(ticks, 0)
        elif ticks > self._last + LONGEST_GAP:
            self._left_out += ticks - self._last - LONGEST_GAP
        else:
            return max(ticks, next_one)
        return round(time / TICK) - self._left_out

    def _check(self) -> None:
        if self._file.error is not None:
            raise OutputError(f"{self._path} cannot be written on: {self._file.error.strerror}.")


def _even(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Repeats the last row or column of an image with an odd size, which the common video formats do not have."""
    height, width = image.shape[:2]
    if height % 2 == 0 and width % 2 == 0:
        return image
    return np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
