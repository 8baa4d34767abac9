import json
import socket
import time
from collections.abc import Callable, Iterator

import jsonschema
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tests.tracker.sinks.given import GIVEN, faces, frame
from tests.tracker.sinks.test_files import SCHEMA
from tracker import OutputError
from tracker.sinks import websocket
from tracker.sinks.jsonl import encode
from tracker.sinks.websocket import WAITING, WebSocketSink


@pytest.fixture
def sink() -> Iterator[WebSocketSink]:
    with WebSocketSink("127.0.0.1", 0) as opened:
        yield opened


def client_of(sink: WebSocketSink, origin: str | None = None) -> ClientConnection:
    """A client of the websockets library, which is connected as the server sees it too."""
    before = sink.clients
    client = connect(f"ws://127.0.0.1:{sink.port}", origin=None if origin is None else Origin(origin))
    wait(lambda: sink.clients > before)
    return client


def wait(until: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not until() and time.monotonic() < end:
        time.sleep(0.005)
    assert until()


def test_every_client_gets_the_lines_of_the_file(sink: WebSocketSink) -> None:
    with client_of(sink) as one, client_of(sink) as other:
        for given in GIVEN:
            sink.append(*given)
        for client in (one, other):
            for given in GIVEN:
                text = client.recv(timeout=5)
                assert isinstance(text, str)
                jsonschema.validate(json.loads(text), SCHEMA)
                assert json.loads(text) == json.loads(encode(*given))
    assert sink.dropped == 0


def test_what_was_appended_arrives_before_the_server_ends(sink: WebSocketSink) -> None:
    with client_of(sink) as client:
        many = faces(*range(200))  # too much for the system's buffers: it has to be taken
        for index in range(WAITING):
            sink.append(frame(index), many)
        sink.close()
        assert [json.loads(text)["frame"] for text in client] == list(range(WAITING))


@pytest.mark.parametrize(
    "origin", [None, "http://localhost", "http://localhost:3000", "https://127.0.0.1:8443", "http://[::1]:80"]
)
def test_programs_and_pages_of_this_machine_may_read(sink: WebSocketSink, origin: str | None) -> None:
    with client_of(sink, origin) as client:
        sink.append(*GIVEN[0])
        assert client.recv(timeout=5)


@pytest.mark.parametrize(
    "origin",
    [
        "https://example.org",
        "null",
        "http://localhost.example.org",
        "http://127.0.0.1.example.org:80",
        "http://example.org:80@localhost",
        "http://localhost:80/x",
        "file://",
        "",
    ],
)
def test_pages_from_elsewhere_may_not(sink: WebSocketSink, origin: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://127.0.0.1:{sink.port}", additional_headers={"Origin": origin})
    assert refused.value.response.status_code == 403
    assert sink.clients == 0
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("allowed", ["https://example.org", "*"])
def test_a_page_that_was_named_may_read(allowed: str) -> None:
    with (
        WebSocketSink("127.0.0.1", 0, origins=(allowed,)) as sink,
        client_of(sink, "https://example.org") as client,
    ):
        sink.append(*GIVEN[0])
        assert client.recv(timeout=5)


def test_a_client_that_does_not_read_holds_up_nobody(sink: WebSocketSink) -> None:
    many = faces(*range(64))
    with socket.create_connection(("127.0.0.1", sink.port)) as slow, client_of(sink) as quick:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.sendall(
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        wait(lambda: sink.clients == 2)
        index = 0
        while sink.dropped < 50:
            sink.append(frame(index), many)
            assert json.loads(quick.recv(timeout=5))["frame"] == index
            index += 1
            assert index < 200
        before = time.monotonic()
        sink.close()
        assert time.monotonic() - before < 8


def test_a_client_that_breaks_off_is_forgotten(sink: WebSocketSink) -> None:
    client = client_of(sink)
    client.socket.shutdown(socket.SHUT_RDWR)
    client.socket.close()
    for index in range(20):
        sink.append(frame(index), faces(1))
    wait(lambda: sink.clients == 0)
    with client_of(sink) as another:
        sink.append(*GIVEN[0])
        assert json.loads(another.recv(timeout=5))["frame"] == 0


def test_what_a_client_says_is_ignored(sink: WebSocketSink) -> None:
    with client_of(sink) as client:
        for _ in range(100):
            client.send("hello")
        sink.append(*GIVEN[0])
        assert json.loads(client.recv(timeout=5))["frame"] == 0


def test_a_port_that_is_taken_is_said(sink: WebSocketSink) -> None:
    with pytest.raises(OutputError, match=rf"{sink.port} of 127\.0\.0\.1 .* taken"):
        WebSocketSink("127.0.0.1", sink.port)


def test_only_the_address_named_is_listened_at() -> None:
    with WebSocketSink("127.0.0.2", 0) as sink, pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", sink.port), timeout=5)


def test_closing_twice_and_appending_after_is_harmless(sink: WebSocketSink) -> None:
    sink.close()
    sink.close()
    sink.append(*GIVEN[0])


def test_too_many_clients_are_sent_away(sink: WebSocketSink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "MOST_CLIENTS", 2)
    with client_of(sink) as one, client_of(sink), connect(f"ws://127.0.0.1:{sink.port}") as third:
        with pytest.raises(ConnectionClosed) as closed:
            third.recv(60)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == websocket.TRY_LATER
        sink.append(frame(0), faces())
        assert json.loads(one.recv(60))["frame"] == 0
