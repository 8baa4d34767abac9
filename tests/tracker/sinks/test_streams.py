import builtins
from typing import Any

import pytest

from tracker.errors import InputError, OutputError
from tracker.extras import need
from tracker.sinks.streams import Address, open_stream


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("osc://127.0.0.1:9000", Address("osc", "127.0.0.1", 9000)),
        ("udp://:9001", Address("udp", "127.0.0.1", 9001)),
        ("ws://[::1]:8765/", Address("ws", "::1", 8765)),
        ("ws://:8765?origin=https://a.b&origin=*", Address("ws", "127.0.0.1", 8765, ("https://a.b", "*"))),
    ],
)
def test_an_address_is_read(text: str, address: Address) -> None:
    assert Address.parse(text) == address
    assert Address.parse(str(address)).port == address.port


@pytest.mark.parametrize(
    "text",
    [
        "",
        "9000",
        "osc://127.0.0.1",
        "osc://127.0.0.1:0",
        "osc://127.0.0.1:70000",
        "http://127.0.0.1:80",
        "udp://a:b",
        "udp://[::1:9000",
        "ws://[zz]:9000",
        "ws://127.0.0.1:8765/points",
        "osc://127.0.0.1:9000?origin=*",
        "ws://127.0.0.1:8765?token=1",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"address must be|option that does not exist"):
        open_stream(text)


@pytest.mark.parametrize(("host", "local"), [("localhost", True), ("::1", True), ("0.0.0.0", False), ("tv.lan", False)])
def test_what_leaves_this_machine_is_known(host: str, local: bool) -> None:
    assert Address("udp", host, 1).local == local


@pytest.mark.parametrize("scheme", ["osc", "udp"])
def test_a_host_that_does_not_exist_is_said(scheme: str) -> None:
    with pytest.raises(OutputError, match=r"no\.such\.invalid"):
        open_stream(f"{scheme}://no.such.invalid:9000")


@pytest.mark.parametrize(
    ("address", "package", "extra"), [("osc://:9000", "pythonosc", "osc"), ("ws://:8765", "websockets", "websocket")]
)
def test_a_package_that_is_missing_is_named_with_its_command(
    monkeypatch: pytest.MonkeyPatch, address: str, package: str, extra: str
) -> None:
    hide(monkeypatch, package)
    with pytest.raises(OutputError) as raised:
        open_stream(address)
    assert f'pip install "fkd[{extra}]"' in str(raised.value)


def hide(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    """Makes a package that is installed look as if it were not."""

    def missing(name: str, *_: Any, **__: Any) -> None:
        if name.split(".")[0] == package:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr("tracker.extras.import_module", missing)


def test_a_package_that_is_there_is_imported() -> None:
    assert need("builtins", extra="x", purpose="A test") is builtins
