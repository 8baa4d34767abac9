"""Watches what a program asks of the system, by strace: what it talks to, and what it writes."""

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

FILES = (
    *("creat", "mkdir", "mkdirat", "rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir"),
    *("symlink", "symlinkat", "link", "linkat"),
)
CALLS = ",".join(("%network", "openat", *FILES))
CONTACTS = ("bind", "connect", "sendto", "sendmsg", "sendmmsg")
WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND")
NO_FILES = ("/dev/", "/proc/", "pipe:", "socket:", "anon_inode:", "/memfd:")
"""What is opened for writing but keeps nothing."""

needs_strace = pytest.mark.skipif(
    shutil.which("strace") is None, reason="strace is not installed, so system calls cannot be watched."
)


@dataclass(frozen=True)
class Seen:
    """What was seen of a program and all processes that it started.

    Attributes:
        contacts: calls with an address of a network, and questions to the system about networks.
        written: files and folders that were opened for writing, made, moved, linked or removed.
    """

    contacts: list[str]
    written: set[Path]


def watched(command: Sequence[str | Path], traces: Path) -> list[str]:
    """Returns a command that runs another one and writes its calls into a folder, a file per thread."""
    traces.mkdir(parents=True, exist_ok=True)
    strace = ["strace", "-ff", "--seccomp-bpf", "-qq", "-y", "-s", "4096", "-e", f"trace={CALLS}"]
    return [*strace, "-o", str(traces / "calls"), *map(str, command)]


def read_calls(traces: Path, folder: Path) -> Seen:
    """Reads what `watched` has written of a program that was started in a folder."""
    contacts, written = [], set()
    for file in traces.iterdir():
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            call, _, rest = line.partition("(")
            if call in CONTACTS:
                if re.search(r"AF_INET|AF_NETLINK", rest) and not (call == "bind" and '"::1"' in rest):
                    contacts.append(line)  # urllib3 binds a socket at ::1, and closes it, to see whether there is IPv6
            elif not re.search(r" = -1 \w+ \(", line):
                written.update(folder / path for path in _written(call, rest) if not path.startswith(NO_FILES))
    return Seen(contacts, written)


def _written(call: str, rest: str) -> list[str]:
    """Paths that a call has written to, whole or from the folder in which the program was started."""
    if call == "openat":
        opened = re.search(r"(O_[A-Z_|]+)(?:, 0\d+)?\) = \d+<(.*)>$", rest)
        return [opened[2].removesuffix(" (deleted)")] if opened and WRITING.search(opened[1]) else []
    if call not in FILES:
        return []
    named = re.findall(r'(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"', rest)
    return [str(Path(at) / path) if at else path for at, path in named]
