"""What the window shows, and what its keys change about that."""

from collections.abc import Callable
from contextlib import ExitStack
from time import monotonic

import numpy as np

from tracker.drawing import draw_lines
from tracker.live.options import LiveOptions
from tracker.window import HELP, Key, Window, has_display

SILENCE = 1.0
"""Seconds without a picture after which the window says so."""


class Screen:
    """The window with its keys: what it shows, and what the user changes."""

    def __init__(self, mirror: bool, ended: Callable[[], bool]) -> None:
        self.window = Window()
        self._ended = ended
        self.mirror, self.display = mirror, True
        self._last: tuple[np.ndarray, list[str]] | None = None
        self._since = 0.0

    def show(self, picture: np.ndarray, lines: list[str]) -> Key | None:
        self._last, self._since = (picture, lines), monotonic()
        return self._show(picture, lines)

    def show_again(self) -> tuple[Key | None, np.ndarray] | None:
        """Shows the last picture while no other comes; returns the key and the picture, or None before the first."""
        if self._last is None:
            return None
        picture, lines = self._last
        waited = monotonic() - self._since
        return self._show(picture, lines if waited < SILENCE else [f"no picture for {waited:.0f} s", HELP]), picture

    def _show(self, picture: np.ndarray, lines: list[str]) -> Key | None:
        shown = np.ascontiguousarray(picture[:, ::-1]) if self.mirror else picture.copy()
        if self.display:
            draw_lines(shown, lines)
        key = self.window.show(shown)
        if key is Key.PAUSE:
            key = self._pause(shown)
        if key is Key.MIRROR:
            self.mirror = not self.mirror
        elif key is Key.HUD:
            self.display = not self.display
        return key

    def _pause(self, shown: np.ndarray) -> Key | None:
        """Holds the picture until the pause key comes again, or another one that is to be obeyed."""
        key = None
        while key is None and not self._ended():
            key = self.window.show(shown, wait=20)
        return None if key is Key.PAUSE else key


def open_screen(
    stack: ExitStack, options: LiveOptions, ended: Callable[[], bool], say: Callable[[str], None]
) -> Screen | None:
    """Opens the window if it is wanted and can be.

    Args:
        stack: closes it.
        options: whether it is wanted, and mirrored.
        ended: whether no more pictures will come, which ends a pause.
        say: takes the sentence that there is no display.
    """
    if not options.window:
        return None
    if not has_display():
        say("There is no display; going on without a window.")
        return None
    screen = Screen(options.mirror, ended)
    stack.callback(screen.window.close)
    return screen
