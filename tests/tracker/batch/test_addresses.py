"""Addresses of inputs elsewhere: what of them is told."""

import pytest

from tracker.batch import addresses
from tracker.batch.addresses import files_at, shown
from tracker.batch.jobs import Input
from tracker.errors import InputError


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("https://anna:pass-word@host/clip.mp4", "https://host/clip.mp4"),
        ("https://host/clip.mp4?signature=abcdef", "https://host/clip.mp4"),
        ("HTTPS://anna:pa/ss@host/clip.mp4", "HTTPS://host/clip.mp4"),
        ("sftp://anna:pass-word@host/clip.mp4", "sftp://host/clip.mp4"),
        ("https://host/clip.mp4", "https://host/clip.mp4"),
        ("s3://bucket/who@where/what?.mp4", "s3://bucket/who@where/what?.mp4"),
        ("abfs://box@account.dfs.core.windows.net/clip.mp4", "abfs://box@account.dfs.core.windows.net/clip.mp4"),
        ("/home/anna/clip?.mp4", "/home/anna/clip?.mp4"),
    ],
)
def test_logins_and_queries_are_not_told(address: str, told: str) -> None:
    assert shown(address) == Input(address, "clip", 0, "").shown == told


def test_what_a_library_says_of_an_address_is_told_without_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(address: str) -> None:
        raise OSError(f"401 for url {address} (pass-w@rd, signature=abcdef)")

    monkeypatch.setattr(addresses, "_system", fail)
    with pytest.raises(InputError) as said:
        files_at("https://anna:pass-w%40rd@host/clip.mp4?signature=abcdef")
    assert str(said.value).startswith("https://host/clip.mp4 cannot be read: 401 for url https://")
    for secret in ("anna", "pass", "abcdef"):
        assert secret not in str(said.value)


def test_a_result_is_not_named_by_the_query(monkeypatch: pytest.MonkeyPatch) -> None:
    class Server:
        def isdir(self, path: str) -> bool:
            raise AssertionError(path)

    monkeypatch.setattr(addresses, "_system", lambda address: (Server(), address))
    address = "https://host/set/clip.mp4?signature=abc/def"
    assert files_at(address) == [(address, "clip.mp4")]
