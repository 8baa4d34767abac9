"""The window of a live picture, and its keys."""

import os
import sys
from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray

TITLE = "fkd"


class Key(Enum):
    """What the user asked for."""

    QUIT = "q"
    PAUSE = " "
    MIRROR = "m"
    SNAPSHOT = "s"
    RECORD = "r"
    HUD = "h"


HELP = "q quit   space pause   m mirror   s snapshot   r record   h this text"
_ESCAPE = 27


def has_display() -> bool:
    """Whether a window can be shown; OpenCV ends the process if it is asked to without."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


class Window:
    """A window that shows pictures and takes keys; a context manager is not needed, `close` is."""

    def __init__(self, title: str = TITLE) -> None:
        self._title = title
        self._shown = False
        cv2.namedWindow(title, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)

    def show(self, image: NDArray[np.uint8], wait: int = 1) -> Key | None:
        """Shows a picture, waits for so many milliseconds and returns the key pressed meanwhile, if known."""
        if not self._shown:
            cv2.resizeWindow(self._title, image.shape[1], image.shape[0])
        cv2.imshow(self._title, image)
        pressed = cv2.waitKey(wait) & 0xFF
        if self._shown and cv2.getWindowProperty(self._title, cv2.WND_PROP_VISIBLE) < 1:
            return Key.QUIT  # closed by its button
        self._shown = True
        if pressed == _ESCAPE:
            return Key.QUIT
        return next((key for key in Key if ord(key.value) == pressed), None)

    def close(self) -> None:
        """Closes the window; may be called twice."""
        if self._shown:
            self._shown = False
            cv2.destroyWindow(self._title)
            cv2.waitKey(1)  # lets the toolkit really close it
