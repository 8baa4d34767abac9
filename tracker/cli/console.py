"""What is printed, and where."""

import io
import os
import sys
from io import TextIOWrapper
from typing import Any

from rich.console import Console


def console() -> Console:
    """A console on standard output: colours on a terminal only, and nothing that its encoding lacks ends the program.

    Words in square brackets are left as they are; so are numbers.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    return Console(markup=False, highlight=False, emoji=False)


class _Forgiving(io.FileIO):
    """A descriptor that may go away: what is written after that is lost, and nothing is raised."""

    def write(self, data: Any, /) -> int:
        """Writes, and says how many bytes were taken."""
        try:
            return super().write(data)
        except OSError:
            return len(data)


def _open_what_is_closed() -> None:
    """Gives a program that was started without standard streams (`2>&-`) some that nobody reads.

    A file that it opens would else take the descriptor's number, and get what libraries print there.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(descriptor, "w", encoding="utf-8", closefd=False))


def outlive_terminal() -> None:
    """Lets the program go on when nobody reads what it prints any more: the terminal is closed, or a pipe's other end.

    Without this the first word after a SIGHUP would end it with an error, and the exit code would be lost.
    """
    _open_what_is_closed()
    if os.name != "posix":
        return
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, TextIOWrapper):
            stream.flush()
            file = io.BufferedWriter(_Forgiving(stream.fileno(), "wb", closefd=False))
            outliving = TextIOWrapper(file, stream.encoding, stream.errors, line_buffering=True)
            setattr(sys, name, outliving)
