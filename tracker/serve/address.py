"""Where the page is served: what the user may say, and the socket that listens there and nowhere else."""

import socket
from dataclasses import dataclass
from ipaddress import ip_address

from tracker.errors import InputError, OutputError

LOCAL = "127.0.0.1"
"""Where the page is served unless another host is named: only programs of this machine reach it."""
_LARGEST_PORT = 65535
_ELSEWHERE = ("192.0.2.1", 9)
"""An address that is nobody's (RFC 5737); asking which interface leads there sends nothing."""


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a port to listen on.

    Attributes:
        host: a name or an IP address of this machine; 0.0.0.0 and :: are all of its addresses.
        port: 0 to 65535; 0 takes any free one.
    """

    host: str
    port: int


def parse_address(text: str) -> Address:
    """Reads `PORT`, `HOST:PORT` or `[IPV6]:PORT`.

    Raises:
        InputError: it is none of these.
    """
    host, colon, port = text.rpartition(":")
    host = host if colon else LOCAL
    bracketed = host.startswith("[") and host.endswith("]")
    named = bool(host) and host.isprintable() and not any(sign in host for sign in " /@?#\\")
    plain = port.isascii() and port.isdecimal() and int(port) <= _LARGEST_PORT
    if not plain or not named or (":" in host) != bracketed:
        raise InputError(f"--serve takes PORT or HOST:PORT, as 8000 or 192.168.1.5:8000, not {text!r}.")
    return Address(host[1:-1] if bracketed else host, int(port))


def listen(address: Address) -> socket.socket:
    """Opens the socket that listens on an address, and on no other.

    Raises:
        OutputError: the host is not this machine, the port is taken or may not be used.
    """
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        family, _, _, _, place = min(found, key=lambda entry: entry[0] != socket.AF_INET)
        return socket.create_server(place[:2], family=family, backlog=64)
    except OSError as error:
        where = f"{address.host}:{address.port}"
        raise OutputError(f"The page cannot be served at {where}: {error.strerror}; choose another.") from None


def is_local(listener: socket.socket) -> bool:
    """Whether only programs of this machine can reach a socket."""
    return ip_address(listener.getsockname()[0]).is_loopback


def names(listener: socket.socket, address: Address) -> frozenset[str]:
    """By which names, in lower case, viewers may call the host of a socket, apart from the IP address they reached."""
    if ip_address(listener.getsockname()[0]).is_unspecified:
        own = socket.gethostname().lower()
        return frozenset({own, own if own.endswith(".local") else f"{own}.local"})
    return frozenset({address.host.lower()})


def location(listener: socket.socket) -> str:
    """Returns `HOST:PORT` as a viewer types it; for a socket on all addresses, with the one other machines reach."""
    host, port = listener.getsockname()[:2]
    if ip_address(host).is_unspecified:
        host = _own_address() if listener.family == socket.AF_INET else socket.gethostname()
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _own_address() -> str:
    """The address of the interface that leads to the network; the machine's name where none does."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE)
        except OSError:
            return socket.gethostname()
        return str(probe.getsockname()[0])
