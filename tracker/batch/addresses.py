"""Inputs that are not files of this machine: any address that fsspec knows (s3://, gs://, https://, …)."""

from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from tracker.errors import FkdError, InputError
from tracker.extras import need
from tracker.sources.addresses import without_secrets

LOCAL = "file://"
_OF_SERVERS = ("http", "https", "ftp", "ftps", "sftp", "ssh", "smb")
"""What addresses begin with that may hold a login, or leave to read in their query."""
_SHORTEST_SECRET = 4
"""Characters; what is shorter is found in any sentence."""


def is_remote(address: str) -> bool:
    """Whether an address is none of a file of this machine."""
    return "://" in address and not address.startswith(LOCAL)


def shown(address: str) -> str:
    """How an address is written in messages and tables: that of a server without login and query."""
    return without_secrets(address) if address.split("://")[0].lower() in _OF_SERVERS else address


def files_at(address: str) -> list[tuple[str, str]]:
    """Lists what an address stands for.

    Args:
        address: of a file, of a folder, or with wildcards.

    Returns:
        The address of each file, and its path relative to the folder or to what is before the wildcards. Nothing is
        said of whether a single file is there.

    Raises:
        InputError: the address cannot be read.
        OutputError: fsspec is not installed.
    """
    with _Reading(address):
        system, path = _system(address)
        pattern = any(sign in path for sign in "*[")
        if not pattern and not (path.endswith("/") or _is_folder(system, path)):
            return [(address, PurePosixPath(shown(path)).name)]
        fixed = path.split("*")[0].split("[")[0].rpartition("/")[0] if pattern else path.rstrip("/")
        found = sorted(system.glob(path) if pattern else system.find(path))
        return [(str(system.unstrip_protocol(file)), str(file).removeprefix(fixed).lstrip("/")) for file in found]


def mark_of(address: str) -> tuple[int, str]:
    """Returns the bytes of a file (0 if unknown) and a text that changes with it.

    Raises:
        InputError: it cannot be read.
        OutputError: fsspec is not installed.
    """
    with _Reading(address):
        system, path = _system(address)
        return int(system.info(path).get("size") or 0), str(system.ukey(path))


def fetch(address: str, folder: Path) -> Path:
    """Copies a file into a folder.

    Raises:
        InputError: it cannot be read.
        OutputError: fsspec is not installed.
    """
    with _Reading(address):
        system, path = _system(address)
        copy = folder / (PurePosixPath(path.split("?")[0]).name or "input")
        system.get_file(path, str(copy))
        return copy


def _system(address: str) -> tuple[Any, str]:
    """The file system of an address, and its path there."""
    system, path = need(
        "fsspec", extra="remote", purpose=f"{shown(address)} is not a file of this machine: to read it"
    ).core.url_to_fs(address)
    return system, str(path)


def _is_folder(system: Any, path: str) -> bool:
    """Whether a path is a folder; a single file of a web server is not asked for, which may be slow."""
    return not PurePosixPath(shown(path)).suffix and bool(system.isdir(path))


class _Reading:
    """Turns whatever a file system raises into an InputError."""

    def __init__(self, address: str) -> None:
        self._address = address

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, Exception) and not isinstance(error, FkdError):
            reason = " ".join(str(error).split()) or type(error).__name__
            for secret in _secrets(self._address):  # libraries repeat the address
                reason = reason.replace(secret, "…")
            raise InputError(f"{shown(self._address)} cannot be read: {reason.rstrip('.')}.") from None


def _secrets(address: str) -> list[str]:
    """What of an address is in no message, the longest first."""
    if shown(address) == address:
        return []
    try:
        parts = urlsplit(address)
        found = {address.split("://")[1].rpartition("@")[0], parts.query, parts.username or "", parts.password or ""}
    except ValueError:
        found = {address}
    found |= {unquote(secret) for secret in found}
    return sorted((secret for secret in found if len(secret) >= _SHORTEST_SECRET), key=len, reverse=True)
