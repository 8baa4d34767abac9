"""Annotated video: the frames with their faces drawn, under the source's own time stamps."""

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
from tracker.sinks.base import Closing

CONTAINERS = frozenset({".mp4", ".mov", ".mkv"})
TICK = Fraction(1, 90_000)
"""Unit of the time stamps: the one of MPEG, fine enough for every frame rate."""
_CODECS: tuple[tuple[str, dict[str, str]], ...] = (
    ("libx264", {"preset": "veryfast", "crf": "20", "tune": "zerolatency"}),
    ("mpeg4", {"qscale": "4"}),
)
"""H.264 where the installed FFmpeg has it, else MPEG-4; zerolatency writes every frame at once and reorders none."""


class VideoSink(Closing):
    """Writes a video whose frames have the time stamps of the frames given.

    An .mp4 or .mov is written in fragments, so that it can be played even if the program is killed, and put into the
    usual order when closed.

    Args:
        path: the file, which is replaced; .mp4, .mov or .mkv.
        rate: about how many frames per second will come; players show it, nothing is timed by it.

    Raises:
        OutputError: the name is not one of these, or the file cannot be written.
    """

    def __init__(self, path: Path, rate: float | None = None) -> None:
        if path.suffix.lower() not in CONTAINERS:
            raise OutputError(f"A video cannot be written as {path.name}; name it .mp4, .mov or .mkv.")
        self._path = path
        fragmented = {"movflags": "hybrid_fragmented", "frag_duration": "1000000"}
        options = {} if path.suffix.lower() == ".mkv" else fragmented
        try:
            self._container: Any = av.open(str(path), "w", options=options)
        except (OSError, av.FFmpegError) as error:
            raise OutputError(f"{path} cannot be written: {error.strerror}.") from None
        self._rate = Fraction(rate or 30).limit_denominator(1001)
        self._stream: Any = None
        self._last = -1

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
        if self._stream is None:
            self._stream = self._open_stream(picture.width, picture.height, planes)
        self._last = picture.pts = max(round(time / TICK), self._last + 1)
        picture.time_base = TICK
        try:
            for packet in self._stream.encode(picture):
                self._container.mux(packet)
        except (OSError, av.FFmpegError) as error:
            raise OutputError(f"{self._path} cannot be written: {error.strerror}.") from None


def _even(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Repeats the last row or column of an image with an odd size, which the common video formats do not have."""
    height, width = image.shape[:2]
    if height % 2 == 0 and width % 2 == 0:
        return image
    return np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
