"""JSON datagrams: what a line of a .jsonl says, sent by UDP."""

import socket
from contextlib import suppress

from tracker.errors import OutputError
from tracker.faces import Faces
from tracker.frame import Frame
from tracker.sinks.base import BaseSink
from tracker.sinks.jsonl import encode

DATAGRAM = 8192
"""Bytes of the longest datagram: python-osc's server reads no more, and macOS sends no more than 9,216."""


class Datagrams(BaseSink):
    """A UDP socket that never waits, and that a receiver may leave and come back to.

    Args:
        host: name or address of the receiver; a broadcast address will do too.
        port: its port.

    Raises:
        OutputError: the host is unknown or cannot be reached from here.
    """

    def __init__(self, host: str, port: int) -> None:
        self._dropped = 0
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
            family, kind, _, _, place = min(found, key=lambda entry: entry[0] != socket.AF_INET)  # where most listen
            self._socket = socket.socket(family, kind)
            self._socket.setblocking(False)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            self._socket.connect(place)
        except OSError as error:
            raise OutputError(f"Nothing can be sent to {host}, port {port}: {error.strerror}.") from None

    @property
    def dropped(self) -> int:
        """How many frames were not taken whole: nobody listened, or the system's buffer was full."""
        return self._dropped

    def close(self) -> None:
        """Closes the socket; may be called twice."""
        self._socket.close()

    def _send(self, datagrams: list[bytes]) -> None:
        """Sends the datagrams of one frame; what does not get through is counted and forgotten."""
        arrived = [self._try(datagram) for datagram in datagrams]
        self._dropped += not all(arrived)

    def _try(self, datagram: bytes) -> bool:
        try:
            self._socket.send(datagram)
        except ConnectionRefusedError:
            # This reports that an earlier datagram found nobody; whether somebody listens by now is not known.
            return self._again(datagram)
        except OSError:
            return False
        return True

    def _again(self, datagram: bytes) -> bool:
        with suppress(OSError):
            self._socket.send(datagram)
        return False


class UdpSink(Datagrams):
    """Sends every frame as JSON; see `points.schema.json`.

    A frame that does not fit into one datagram of `DATAGRAM` bytes comes as several with the same `frame`, each with
    some of its faces.

    Args:
        host: name or address of the receiver.
        port: its port.

    Raises:
        OutputError: the host is unknown or cannot be reached from here.
    """

    def append(self, frame: Frame, faces: Faces) -> None:
        """Sends the frame."""
        self._send(_split(frame, faces))


def _split(frame: Frame, faces: Faces) -> list[bytes]:
    """The frame as datagrams, halved until each is short enough."""
    message = encode(frame, faces)
    if len(message) <= DATAGRAM or len(faces) < 2:
        return [message]
    half = len(faces) // 2
    return [*_split(frame, faces[:half]), *_split(frame, faces[half:])]
