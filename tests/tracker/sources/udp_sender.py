"""A camera on the network: pictures as H.264 in an MPEG transport stream over UDP, on loopback."""

import socket
import threading
from collections.abc import Callable
from fractions import Fraction
from time import monotonic, sleep
from types import TracebackType
from typing import Self

import av
import numpy as np
from numpy.typing import NDArray

DATAGRAM = 7 * 188
"""Bytes of a datagram: seven packets of the transport stream, as is usual."""


def free_port() -> int:
    """A UDP port that nobody listens at."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def noise(index: int) -> NDArray[np.uint8]:
    """A picture (96, 128, 3) that is never the same."""
    blocks = np.random.default_rng(index).integers(0, 255, (12, 16, 3), np.uint8)
    return np.asarray(np.kron(blocks, np.ones((8, 8, 1), np.uint8)), np.uint8)


class Sender:
    """Sends from when it is entered; may be entered again after it was left.

    Args:
        port: where to.
        picture: gives the picture of an index; all are of one size.
        rate: pictures per second.

    Attributes:
        corrupt: which share of the datagrams is damaged.
    """

    def __init__(self, port: int, picture: Callable[[int], NDArray[np.uint8]] = noise, rate: int = 25) -> None:
        self.port, self._picture, self._rate = port, picture, rate
        self.corrupt = 0.0
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._chance = np.random.default_rng(0)

    @property
    def address(self) -> str:
        """Where a receiver listens."""
        return f"udp://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._ended.clear()
        self._thread = threading.Thread(target=self._send, name="sender", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join(10)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _send(self) -> None:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as self._socket,
            av.open(self, "w", format="mpegts") as container,
        ):
            stream = container.add_stream(
                "libx264", rate=self._rate, options={"preset": "ultrafast", "tune": "zerolatency", "g": "10"}
            )
            height, width = self._picture(0).shape[:2]
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            start, index = monotonic(), 0
            while not self._ended.is_set():
                picture = av.VideoFrame.from_ndarray(self._picture(index), format="bgr24")
                picture.pts, picture.time_base = index, Fraction(1, self._rate)
                container.mux(stream.encode(picture))
                index += 1
                sleep(max(0.0, start + index / self._rate - monotonic()))

    def write(self, data: bytes) -> int:
        """Takes what FFmpeg writes."""
        for start in range(0, len(data), DATAGRAM):
            datagram = bytearray(data[start : start + DATAGRAM])
            if self._chance.random() < self.corrupt:
                for place in self._chance.integers(0, len(datagram), 20):
                    datagram[place] ^= 0x55
            self._socket.sendto(datagram, ("127.0.0.1", self.port))
        return len(data)
