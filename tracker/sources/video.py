"""Video files."""

import queue
import threading
from collections.abc import Iterator
from pathlib import Path

import av

from tracker.errors import InputError, StageError
from tracker.frame import Frame, VideoFrame
from tracker.planes import planes_of
from tracker.sources.base import Source
from tracker.sources.container import open_container
from tracker.sources.regular import check_file
from tracker.sources.upright import Upright

AHEAD = 4
"""How many frames are decoded ahead, by a thread of their own."""
BROKEN_SHARE, BROKEN_SECONDS = 0.02, 0.2
"""A video that lacks this share of its frames and this much of its time at the end has broken off."""


class VideoFile(Source):
    """Reads a video file: every frame, in order, with the container's time stamps, turned upright as it says.

    A thread decodes ahead. Frames are turned to BGR only where they are looked at (see `tracker.planes`).

    Args:
        path: the file.
        threads: how many threads may decode; with 1 nothing is decoded ahead, but in the caller's thread; as many as
            FFmpeg sees fit if None.
        begin: reading begins with a key frame that is not later than this time, seconds; with the first one if None.
        until: reading ends before the first frame of this time or later; with the last one if None.

    Attributes:
        end: when the last frame ends by what the container says, seconds, if it says so.

    Raises:
        InputError: it is not there, is empty, or holds no video that can be read.
    """

    def __init__(
        self, path: Path, threads: int | None = None, begin: float | None = None, until: float | None = None
    ) -> None:
        super().__init__()
        self._path, self._threads = path, threads
        self._begin, self._until = begin, until
        self._start, self.rate, self.count, self.end = _probe(path)
        self._frames: queue.Queue[Frame | Exception | None] = queue.Queue(AHEAD)
        self._reader = threading.Thread(target=self._read, name="video reader", daemon=True)

    def __iter__(self) -> Iterator[Frame]:
        if self._reader.ident is not None:
            raise InputError(f"{self._path} was read already; open it again.")
        if self._threads == 1:
            yield from self._decoded()
            return
        self._reader.start()
        while not self._stopped.is_set():
            try:
                frame = self._frames.get(timeout=0.1)
            except queue.Empty:
                if self._reader.is_alive() or not self._frames.empty():
                    continue
                raise StageError(f"The thread that reads {self._path} ended.") from None
            if frame is None:
                return
            if isinstance(frame, Exception):
                raise frame
            yield frame

    def close(self) -> None:
        """Stops reading and closes the file; may be called twice."""
        self.stop()
        if self._reader.is_alive():
            self._reader.join(timeout=2)

    def _read(self) -> None:
        try:
            for frame in self._decoded():
                self._put(frame)
            self._put(None)
        except Exception as error:  # noqa: BLE001 - raised again where the frames are taken
            self._put(error)

    def _decoded(self) -> Iterator[Frame]:
        try:
            yield from self._all_decoded()
        except av.FFmpegError as error:
            raise InputError(f"{self._path} cannot be decoded: {error.strerror}.") from None

    def _all_decoded(self) -> Iterator[Frame]:
        index, time, upright = 0, self._start, Upright()
        with open_container(self._path) as container:
            if self._begin is not None:
                seek(container, self._begin)
            for picture in _pictures(container, self._threads):
                if self._stopped.is_set() or (self._until is not None and (picture.time or 0.0) >= self._until):
                    return
                if picture.time is not None:
                    time = picture.time
                elif index:
                    time += 1 / (self.rate or 30)
                yield _frame_of(picture, index, time, upright)
                index += 1
        self._judge_end(index, time)

    def _put(self, item: Frame | Exception | None) -> None:
        while not self._stopped.is_set():
            try:
                self._frames.put(item, timeout=0.1)
            except queue.Full:
                continue
            return

    def _judge_end(self, read: int, last: float) -> None:
        if read == 0:
            raise InputError(f"{self._path} holds no frame that can be read.")
        if self._begin is None:
            self.warning = broken_off(str(self._path), read, last, self.count, self.end)


def broken_off(path: str, read: int, last: float, count: int | None, end: float | None) -> str | None:
    """Says in a sentence if a video breaks off, by the frames that were read up to a time, and those it should have."""
    if count is None or end is None:
        return None
    frames_short = read < count - max(1, BROKEN_SHARE * count)
    time_short = last < end - BROKEN_SECONDS
    if not (frames_short and time_short):
        return None
    return f"{path} breaks off: {read} of {count} frames could be read, up to {last:.2f} s; what was read is kept."


def seek(container: av.container.InputContainer, time: float) -> None:
    """Goes to the last key frame that is not later than a time, seconds."""
    stream = container.streams.video[0]
    container.seek(int(time / (stream.time_base or 1)), stream=stream, backward=True)


def _pictures(container: av.container.InputContainer, threads: int | None) -> Iterator[av.VideoFrame]:
    """Decodes what can be decoded: a damaged packet is left out, and where the file cannot be read on, it ends."""
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    stream.thread_count = threads or 0
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except (StopIteration, av.FFmpegError, OSError):
            return
        try:
            yield from packet.decode()
        except av.DecoderNotFoundError:
            raise
        except av.FFmpegError:
            continue


def _frame_of(picture: av.VideoFrame, index: int, time: float, upright: Upright) -> Frame:
    planes = None if upright.is_turned(picture) else planes_of(picture)
    return Frame(upright.bgr(picture), index, time) if planes is None else VideoFrame.of(planes, index, time)


def _probe(path: Path) -> tuple[float, float | None, int | None, float | None]:
    """Returns when the first frame comes, the frame rate, the number of frames and when the last ends, where known."""
    check_file(path)
    try:
        with open_container(path) as container:
            if not container.streams.video:
                raise InputError(f"{path} holds no video.")
            stream = container.streams.video[0]
            base = stream.time_base or 0
            start = float((stream.start_time or 0) * base)
            rate = float(stream.average_rate) if stream.average_rate else None
            end = start + float(stream.duration * base) if stream.duration else None
            if end is None and container.duration:
                end = container.duration / av.time_base  # some containers count it from zero, so it may be early
            count = stream.frames or (round((end - start) * rate) if end and rate else None)
            return start, rate, count, end
    except av.ArgumentError:
        raise InputError(
            f"{path} is of no kind that holds its video itself; playlists and texts are not read."
        ) from None
    except (av.FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{path} cannot be read as a video: {reason}.") from None
