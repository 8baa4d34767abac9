"""Streams: points sent to other programs while they are found, to the place that an address names."""

from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, urlsplit

from tracker.errors import InputError
from tracker.sinks.base import Sink

SCHEMES = ("osc", "udp", "ws")
LOCAL = "127.0.0.1"
_THIS_MACHINE = (LOCAL, "localhost", "::1")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a stream goes.

    Attributes:
        scheme: `osc`, `udp` or `ws`.
        host: the machine; 127.0.0.1 if none was named. For `ws`, the address of this machine at which it listens.
        port: 1 to 65535.
        origins: for `ws`, origins of web pages that may read the stream beside those of this machine; `*` is any.
    """

    scheme: str
    host: str
    port: int
    origins: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Reads an address such as `osc://127.0.0.1:9000`.

        Raises:
            InputError: it is not one of these.
        """
        wanted = "osc://HOST:PORT, udp://HOST:PORT or ws://HOST:PORT"
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:  # brackets that hold no IPv6 address, or a port that cannot be
            parts, port = SplitResult("", "", "", "", ""), None
        if parts.scheme not in SCHEMES or not port or parts.path not in ("", "/") or parts.fragment:
            raise InputError(f"Points cannot be sent to {text}; the address must be {wanted}, port 1 to 65535.")
        options = parse_qs(parts.query, keep_blank_values=True)
        origins = tuple(options.pop("origin", ()))
        if options or (origins and parts.scheme != "ws"):
            raise InputError(f"{text} has an option that does not exist; ws:// alone has one, ?origin=https://HOST.")
        return cls(parts.scheme, parts.hostname or LOCAL, port, origins)

    @property
    def local(self) -> bool:
        """Whether the points stay on this machine."""
        return self.host in _THIS_MACHINE

    def __str__(self) -> str:
        return f"{self.scheme}://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"


def open_stream(address: str | Address) -> Sink:
    """Opens a stream: OSC or JSON datagrams to an address, or a WebSocket server at it.

    Args:
        address: `osc://HOST:PORT`, `udp://HOST:PORT` or `ws://HOST:PORT[?origin=…]`.

    Raises:
        InputError: it is not such an address.
        OutputError: the host is unknown, the port is taken, or a package is not installed.
    """
    place = Address.parse(address) if isinstance(address, str) else address
    if place.scheme == "osc":
        from tracker.sinks.osc import OscSink

        return OscSink(place.host, place.port)
    if place.scheme == "udp":
        from tracker.sinks.udp import UdpSink

        return UdpSink(place.host, place.port)
    from tracker.sinks.websocket import WebSocketSink

    return WebSocketSink(place.host, place.port, origins=place.origins)
