"""Frames for the page, and requests as no browser would send them."""

import base64
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPMessage
from typing import NamedTuple
from urllib.parse import urlsplit

import numpy as np

from tests.fakes import upright_points
from tracker import Faces, Frame
from tracker.serve.sink import ServeSink

SIZE = (320, 240)
"""Width and height of the frames."""
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode(),
}


def frame(index: int, *, noise: bool = False) -> Frame:
    """A gray frame, or one of noise, whose JPEG is large."""
    width, height = SIZE
    image = np.full((height, width, 3), 90, np.uint8)
    if noise:
        image = np.random.default_rng(index).integers(0, 256, (720, 1280, 3), np.uint8)
    return Frame(image, index, index / 30)


def faces(*places: float, first: int = 3) -> Faces:
    """Faces with ids from `first`, so many pixels to the right of the frame's left edge."""
    points = np.array([upright_points() + np.array([x, 60]) for x in places], np.float32).reshape(-1, 15, 2)
    boxes = np.concatenate([points.min(1) - 20, points.max(1) + 20], 1)
    count = len(places)
    return Faces(points, np.full((count, 15), 0.9), boxes, np.full(count, 0.8), np.arange(first, first + count))


class Printed:
    """What is known of a page from the address that was printed."""

    def __init__(self, url: str) -> None:
        self.url = url


Page = ServeSink | Printed


class Answer(NamedTuple):
    status: int
    headers: HTTPMessage
    body: bytes


def place(sink: Page) -> tuple[str, int]:
    """Host and port of a page."""
    parts = urlsplit(sink.url)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port


def token(sink: Page) -> str:
    return sink.url.rpartition("=")[2]


def cookie(sink: Page) -> dict[str, str]:
    """What a browser sends that has opened the whole address."""
    return {"Cookie": f"fkd-{place(sink)[1]}={token(sink)}"}


def ask(sink: Page, path: str = "/", *, method: str = "GET", **headers: str) -> Answer:
    """Sends a request with this path and these headers as they stand; `Host` is right unless given."""
    connection = HTTPConnection(*place(sink), timeout=60)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in ({"Host": "{}:{}".format(*place(sink))} | headers).items():
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    answer = Answer(response.status, response.headers, b"" if response.status == 101 else response.read())
    connection.close()
    return answer


def knock(sink: Page, **headers: str) -> int:
    """Asks for the stream; returns the status, 101 if the WebSocket is opened."""
    host, port = place(sink)
    return ask(sink, "/stream", **(UPGRADE | {"Origin": f"http://{host}:{port}"} | headers)).status


@contextmanager
def deaf_viewer(sink: Page) -> Iterator[socket.socket]:
    """A viewer that opens the stream and never reads what it is sent; see `say`."""
    host, port = place(sink)
    lines = {"Host": f"{host}:{port}", "Origin": f"http://{host}:{port}"} | UPGRADE | cookie(sink)
    request = "GET /stream HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\n"
    with socket.create_connection((host, port), timeout=60) as connection:
        connection.sendall(request.encode())
        connection.recv(1)
        yield connection


def say(connection: socket.socket, text: str) -> None:
    """Sends a WebSocket's text frame, masked with zeros: RFC 6455, section 5.2."""
    connection.sendall(bytes([0x81, 0x80 | len(text)]) + bytes(4) + text.encode())
