"""Two hundred slow, broken and oversized clients, and requests of every kind: the tracker and its viewers go on."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tracker.serve.hostile import begin, beginnings, upgrade
from tests.tracker.serve.serving import ask, cookie, faces, frame, place, say
from tests.tracker.serve.test_sink import PATIENCE, receive, until, watching
from tracker.serve import patience
from tracker.serve.address import Address
from tracker.serve.app import make_app
from tracker.serve.history import History
from tracker.serve.hub import Hub
from tracker.serve.sink import ServeSink

CLIENTS = 200
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY")


def connections(sink: ServeSink) -> int:
    return len(sink._server._server.server_state.connections)


def test_two_hundred_hostile_clients_hold_nothing_up(sink: ServeSink) -> None:
    kinds = beginnings(sink)
    sink.append(frame(0), faces(50))
    with ExitStack() as stack, watching(sink) as viewer:
        receive(viewer)
        for index in range(CLIENTS):
            stack.enter_context(begin(sink, kinds[index % len(kinds)]))
            sink.append(frame(index + 1), faces(50))
            if index % 20 == 0:
                assert receive(viewer)[0]["frame"] <= index + 1
        sink.append(frame(CLIENTS + 1), faces(50))
        while receive(viewer)[0]["frame"] < CLIENTS + 1:
            pass
        assert ask(sink, **cookie(sink)).status == 200
        assert ask(sink).status == 403
    sink.close()
    assert not sink._server._thread.is_alive()


@pytest.mark.parametrize("beginning", range(13))
def test_who_brings_no_whole_request_is_cut_off(
    beginning: int, sink: ServeSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 0.3)
    with begin(sink, beginnings(sink)[beginning]) as connection:
        connection.settimeout(PATIENCE)
        with suppress(ConnectionError):
            while connection.recv(1 << 16):
                pass
    until(lambda: connections(sink) == 0)


def dribble(connection: socket.socket) -> None:
    while True:
        connection.send(b"y")
        time.sleep(0.01)


def test_who_dribbles_is_cut_off(sink: ServeSink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 0.5)
    with begin(sink, b"GET / HTTP/1.1\r\nX: ") as connection, pytest.raises(ConnectionError):
        dribble(connection)


def test_a_viewer_is_not_cut_off(sink: ServeSink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 0.1)
    with watching(sink) as viewer:
        with begin(sink, b"") as other, suppress(ConnectionError):
            other.settimeout(PATIENCE)
            assert other.recv(1) == b""  # one that came later is cut off by now
        sink.append(frame(1), faces(50))
        assert receive(viewer)[0]["frame"] == 1


def test_too_many_connections_are_cut_at_once(sink: ServeSink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "MOST_CONNECTIONS", 3)
    with ExitStack() as stack:
        kept = [stack.enter_context(begin(sink, b"")) for _ in range(3)]
        until(lambda: connections(sink) == 3)
        with begin(sink, b"") as late, suppress(ConnectionError):
            late.settimeout(PATIENCE)
            assert late.recv(1) == b""
        assert connections(sink) == len(kept)


def chatter(connection: socket.socket) -> None:
    while True:
        for _ in range(1000):
            say(connection, "picture 0")
        with suppress(BlockingIOError):
            connection.recv(1 << 16, socket.MSG_DONTWAIT)


def test_a_viewer_that_talks_without_end_is_sent_away(sink: ServeSink) -> None:
    with begin(sink, upgrade(sink)) as connection:
        connection.settimeout(PATIENCE)
        with pytest.raises(ConnectionError):
            chatter(connection)


@pytest.fixture(scope="module")
def page() -> Iterator[ServeSink]:
    with ServeSink(Address("127.0.0.1", 0)) as served:
        served.append(frame(0), faces(50))
        yield served


@pytest.mark.parametrize("known", [True, False], ids=["with the token", "without"])
def test_every_request_gets_an_answer(known: bool, page: ServeSink) -> None:
    """Schemathesis makes requests for every route, by every method."""
    import schemathesis  # here, for it takes seconds, which everyone who collects tests would spend

    host, port = place(page)
    schema = schemathesis.openapi.from_dict(make_app(Hub(lambda: None, pictures=True), History(), "", 0).openapi())
    routes = set()
    for operation in schema.get_all_operations():

        @given(case=operation.ok().as_strategy(), method=st.sampled_from(METHODS))
        @settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
        def request(case: Any, method: str) -> None:
            case.method = method
            headers = cookie(page) if known else {}
            answer = case.call(base_url=f"http://{host}:{port}", headers=headers, timeout=PATIENCE)
            if known:
                assert answer.status_code in ((200, 204, 400, 404) if method == "GET" else (400, 405))
            else:
                assert answer.status_code in (400, 403)
            assert "x-content-type-options" in answer.headers or answer.status_code == 400
            routes.add(case.path)

        request()
    assert {"/", "/alive", "/last-minute.csv"} < routes


def test_the_page_is_served_as_before(page: ServeSink) -> None:
    assert ask(page, **cookie(page)).status == 200
