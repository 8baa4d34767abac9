"""Keeps native libraries from writing to the terminal."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_LOCK = threading.RLock()


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Silences descriptor 2 for a moment.

    MediaPipe and LiteRT log while they load a model and obey no setting; only this silences them. Python's own
    `sys.stderr` is flushed before and after, so that nothing of it is lost unless written by another thread meanwhile.
    In a program that was started without this descriptor its number may be that of any file, and nothing is to silence.
    """
    if sys.__stderr__ is None:
        yield
        return
    with _LOCK:
        if sys.stderr is not None:
            sys.stderr.flush()
        saved = _copy_of_stderr()
        if saved is None:
            yield
            return
        null = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(null, 2)
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)
            os.close(null)


def _copy_of_stderr() -> int | None:
    """A copy of descriptor 2; None in a program that has closed it, where nothing is to be silenced."""
    try:
        return os.dup(2)
    except OSError:
        return None
