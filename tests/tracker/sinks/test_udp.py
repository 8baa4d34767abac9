import json
import socket
from collections.abc import Iterator

import jsonschema
import pytest

from tests.tracker.sinks.given import GIVEN, faces, frame
from tests.tracker.sinks.test_files import SCHEMA
from tracker.sinks.jsonl import encode
from tracker.sinks.udp import DATAGRAM, UdpSink


@pytest.fixture
def receiver() -> Iterator[socket.socket]:
    with listening() as bound:
        yield bound


def listening(port: int = 0) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    bound.bind(("127.0.0.1", port))
    bound.settimeout(5)
    return bound


def port_of(bound: socket.socket) -> int:
    return int(bound.getsockname()[1])


def test_a_datagram_is_a_line_of_the_file(receiver: socket.socket) -> None:
    with UdpSink("127.0.0.1", port_of(receiver)) as sink:
        for one in GIVEN:
            sink.append(*one)
    for one in GIVEN:
        message = json.loads(receiver.recv(65536))
        jsonschema.validate(message, SCHEMA)
        assert message == json.loads(encode(*one))
    assert sink.dropped == 0


def test_a_name_of_two_kinds_of_address_is_that_at_which_receivers_listen(
    receiver: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on most systems `localhost` is `::1` first, and what takes OSC or UDP listens at 127.0.0.1."""
    port, kind = port_of(receiver), socket.SOCK_DGRAM
    both = [
        (socket.AF_INET6, kind, 17, "", ("::1", port, 0, 0)),
        (socket.AF_INET, kind, 17, "", ("127.0.0.1", port)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with UdpSink("localhost", port) as sink:
        sink.append(*GIVEN[0])
    assert json.loads(receiver.recv(65536)) == json.loads(encode(*GIVEN[0]))


@pytest.mark.parametrize("count", [20, 64])
def test_many_faces_come_in_several_datagrams(receiver: socket.socket, count: int) -> None:
    many = faces(*range(count))
    with UdpSink("127.0.0.1", port_of(receiver)) as sink:
        sink.append(frame(5), many)
    found: list[int] = []
    while len(found) < count:
        datagram = receiver.recv(65536)
        assert len(datagram) <= DATAGRAM
        message = json.loads(datagram)
        jsonschema.validate(message, SCHEMA)
        assert message["frame"] == 5
        found += [face["id"] for face in message["faces"]]
    assert found == list(range(count))


def test_a_receiver_may_leave_and_come_back(receiver: socket.socket) -> None:
    port = port_of(receiver)
    with UdpSink("127.0.0.1", port) as sink:
        sink.append(*GIVEN[0])
        assert receiver.recv(65536)
        receiver.close()
        for index in range(10):
            sink.append(frame(index), faces())
        assert 8 <= sink.dropped <= 10
        with listening(port) as again:
            for index in range(10, 20):
                sink.append(frame(index), faces(1))
            assert [json.loads(again.recv(65536))["frame"] for _ in range(10)] == list(range(10, 20))
        assert sink.dropped <= 11
