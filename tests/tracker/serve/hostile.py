"""Clients as nobody wants them: slow, broken, oversized, deaf, or talking without end."""

import random
import socket
from contextlib import suppress

from tests.tracker.serve.serving import UPGRADE, Page, cookie, place


def upgrade(page: Page, **more: str) -> bytes:
    """A request for the stream, with the token."""
    host, port = place(page)
    lines = {"Host": f"{host}:{port}", "Origin": f"http://{host}:{port}"} | UPGRADE | cookie(page) | more
    return b"GET /stream HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in lines.items()).encode() + b"\r\n"


def beginnings(page: Page) -> list[bytes]:
    """What such clients begin with, before they wait."""
    noise = random.Random(0)
    whole = upgrade(page)
    return [
        b"",
        b"G",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ",
        b"GET /" + b"a" * 20_000,
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 10_000,
        b"GET / HTTP/1.1\r\nX: " + b"y" * 500_000,
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000000\r\n\r\n" + b"x" * 100_000,
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n" + b"x" * 100_000,
        noise.randbytes(5000),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + noise.randbytes(400),
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n" * 300,
        whole[:-5],
        whole,
        whole + b"\x81\xff" + (1 << 62).to_bytes(8, "big") + bytes(4),
        whole + noise.randbytes(3000),
        whole + (b"\x81\x89" + bytes(4) + b"picture 0") * 2000,
        upgrade(page, **{"Sec-WebSocket-Key": "short"}),
        upgrade(page, **{"Sec-WebSocket-Version": "99"}),
    ]


def begin(page: Page, beginning: bytes) -> socket.socket:
    """Opens a connection and sends as much of the beginning as is taken at once."""
    connection = socket.create_connection(place(page), timeout=60)
    connection.settimeout(1)
    with suppress(OSError):
        connection.sendall(beginning)
    return connection
