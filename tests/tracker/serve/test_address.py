import socket

import pytest

from tests.tracker.serve.serving import ask, cookie, place
from tracker import InputError, OutputError
from tracker.serve.address import Address, listen, location, parse_address
from tracker.serve.sink import ServeSink


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("8000", "127.0.0.1", 8000),
        ("0", "127.0.0.1", 0),
        ("0.0.0.0:80", "0.0.0.0", 80),
        ("box.local:65535", "box.local", 65535),
        ("[::1]:8000", "::1", 8000),
    ],
)
def test_what_an_address_says(text: str, host: str, port: int) -> None:
    assert parse_address(text) == Address(host, port)


@pytest.mark.parametrize(
    "text",
    ["", ":8000", "65536", "-1", "80a", "٣", "host", "host:", "::1:8000", "[::1]", "a b:80", "http://a:80", "a/b:1"],
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(InputError, match="HOST:PORT"):
        parse_address(text)


def test_nothing_listens_elsewhere(sink: ServeSink) -> None:
    host, port = place(sink)
    assert host == "127.0.0.1"
    others = {"127.0.0.2", "::1", *(str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), port))}
    for other in others - {host}:
        with pytest.raises(OSError, match=r"refused|assign|unreachable"):
            socket.create_connection((other, port), timeout=5)


def test_a_port_that_is_taken_is_said(sink: ServeSink) -> None:
    with pytest.raises(OutputError, match="cannot be served at"):
        ServeSink(Address(*place(sink)))


def test_a_host_that_is_not_this_machine_is_said() -> None:
    with pytest.raises(OutputError, match="choose another"):
        listen(Address("192.0.2.1", 0))


def test_this_machine_alone_needs_no_warning(sink: ServeSink) -> None:
    assert sink.sentences == [f"page: {sink.url}"]


def test_every_other_host_brings_a_warning() -> None:
    with ServeSink(Address("0.0.0.0", 0), pictures=False) as sink:
        address, warning = sink.sentences
        assert "not encrypted" in warning
        assert "sees points" in warning
        port = place(sink)[1]
        assert "//0.0.0.0" not in address
        for name in ("127.0.0.1", socket.gethostname()):
            assert ask_at("127.0.0.1", port, sink, Host=f"{name}:{port}") == 200
        assert ask_at("127.0.0.1", port, sink, Host=f"attacker.example:{port}") == 403


def ask_at(host: str, port: int, sink: ServeSink, **headers: str) -> int:
    """Asks another address of a page than the one it printed."""

    class There:
        url = f"http://{host}:{port}/?token=x"

    return ask(There(), **(cookie(sink) | headers)).status  # type: ignore[arg-type]


def test_an_ipv6_address_is_written_in_brackets() -> None:
    if not socket.has_ipv6:
        pytest.skip("This machine has no IPv6.")
    try:
        listener = listen(Address("::1", 0))
    except OutputError:
        pytest.skip("This machine has no IPv6 address.")
    with listener:
        assert location(listener) == f"[::1]:{listener.getsockname()[1]}"
