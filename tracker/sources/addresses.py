"""Addresses of streams, and what FFmpeg may reach through them."""

import re

from tracker.errors import CameraError

SCHEMES = ("http", "https", "rtmp", "rtmps", "rtp", "rtsp", "rtsps", "srt", "tcp", "udp")
"""What an address can begin with."""
REACHED = (*SCHEMES, "crypto", "data", "httpproxy", "tls")
"""What a stream may be made of: a playlist names further addresses, and may name no file of this machine."""
_HOST = re.compile(r"([^:/]+|\[[\da-fA-F:.]+\])(:\d+)?/")
"""A host, perhaps with a port, and the beginning of a path."""


def is_address(text: str) -> bool:
    """Whether this is the address of a stream, and not a camera's name or a file's path."""
    return "://" in text


def without_secrets(text: str) -> str:
    """An address without user, password and query; anything else, such as a camera's name, as it is.

    Passwords may hold `@`, `/` and `?`, also where they should be escaped. An `@` behind a `?` may be one of a query,
    or the end of such a password: then only what is plainly a host with a path is shown.
    """
    if not is_address(text):
        return text
    scheme, rest = text.split("://", 1)
    place, _, query = rest.partition("?")
    unclear = "@" in query and "@" not in place and not _HOST.match(place)
    return f"{scheme}://{'…' if unclear else place.rpartition('@')[2]}"


def check_address(text: str) -> None:
    """Refuses what FFmpeg would take for an address but which is none of the network.

    Raises:
        CameraError: it begins with none of `SCHEMES`.
    """
    scheme = text.split("://")[0]
    if scheme.lower() not in SCHEMES:
        hint = "; name a file by its path, to fkd video or --video" if scheme.lower() == "file" else ""
        raise CameraError(f"A stream cannot begin with {scheme}://, only with {', '.join(SCHEMES)}{hint}.")
