"""Streams from the network, read by FFmpeg through PyAV: its options are those of one stream, not of the process."""

from collections import deque
from collections.abc import Iterator
from contextlib import suppress

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from tracker.sources.addresses import REACHED
from tracker.sources.upright import Upright

OPENING, READING = 10.0, 2.0
"""Seconds after which FFmpeg gives up to open an address, and to read from it. The watchdog notices earlier: these end
the threads that it leaves behind, and free their ports."""
_OPTIONS = {
    "protocol_whitelist": ",".join(REACHED),
    "rtsp_transport": "tcp",  # over UDP pictures come damaged as soon as a packet is lost
}


class StreamCapture:
    """A stream, with those methods of cv2.VideoCapture that are needed of it.

    Args:
        address: where it is.

    Raises:
        av.FFmpegError: it does not open, or takes longer than `OPENING`.
        ValueError: it holds no video.
    """

    def __init__(self, address: str) -> None:
        self._container = av.open(
            address, options=_OPTIONS, timeout=(OPENING, READING), metadata_errors="replace"
        )  # what a stream calls itself is often not in UTF-8
        if not self._container.streams.video:
            self._container.close()
            raise ValueError("it holds no video")
        self._stream = self._container.streams.video[0]
        self._upright = Upright()
        self._packets: Iterator[av.Packet[av.VideoStream]] | None = None
        self._pictures: deque[av.VideoFrame] = deque()

    def read(self) -> tuple[bool, NDArray[np.uint8] | None]:
        """Waits for the next picture (H, W, 3) BGR; False if there is none now. What is damaged is left out."""
        while not self._pictures:
            self._packets = self._packets or self._container.demux(self._stream)
            try:
                packet = next(self._packets)
            except (StopIteration, av.FFmpegError, OSError):
                self._packets = None  # after an error it gives no more
                return False, None
            with suppress(av.FFmpegError):
                self._pictures.extend(packet.decode())
        picture = self._pictures.popleft()
        return True, self._upright.bgr(picture)

    def get(self, setting: int) -> float:
        """Returns the frame rate, and how many frames there are if the stream has an end; 0 if unknown."""
        rate = float(self._stream.average_rate or 0)
        if setting == cv2.CAP_PROP_FRAME_COUNT:
            return max(rate * (self._container.duration or 0) / av.time_base, 0.0)
        return rate if setting == cv2.CAP_PROP_FPS else 0.0

    def release(self) -> None:
        """Closes the stream."""
        self._container.close()
