"""Privacy: pictures in which nobody can be recognised, made before anything else sees the frame.

What is hidden is the whole head, and rather too much: faces that are followed, faces that were lost a moment ago, and
all that the detector took for a face, whether it was accepted or not. Nothing can be hidden that was never found; a
picture of which no pixel leaves is what `points-only` is for.
"""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from tracker.errors import InputError
from tracker.faces import Faces, overlaps
from tracker.frame import Frame
from tracker.judges import Settings

MODES = ("blur", "pixelate", "points-only")
HEAD = 1.8
"""The side of what is hidden in sides of a face's box, which reaches from the eyebrows to the chin."""
BLOCKS = 8
"""Across a head there are at most so many blocks, each of one colour, or so many supports of a blurred picture."""
SMALLEST_BLOCK = 4
"""Pixels: blocks are at least so wide, so that small faces change too."""
HOLD = 0.5
"""Seconds for which a place stays hidden that nothing is found in any more."""


class Privacy:
    """Hides the faces of a stream.

    Args:
        mode: `blur`, `pixelate` or `points-only`.

    Raises:
        InputError: there is no such mode.
    """

    def __init__(self, mode: str) -> None:
        if mode not in MODES:
            raise InputError(f"There is no privacy called {mode!r}; there are {', '.join(MODES)}.")
        self.mode = mode
        self._held = np.empty((0, 4), np.float32)
        self._since = np.empty(0)

    def settings(self, settings: Settings) -> Settings:
        """Returns a tracker's settings under which the detector looks at every frame, if pixels of it are to leave."""
        return settings if self.mode == "points-only" else replace(settings, detect_every=0.0, search_every=0.0)

    def hide(self, frame: Frame, faces: Faces, places: NDArray[np.floating]) -> Frame:
        """Returns the frame without its faces.

        Args:
            frame: it stays as it is; frames with a name are unrelated to others.
            faces: its faces.
            places: (M, 4), further boxes in which a face is, was or may be; see `Tracker.places`.
        """
        boxes = np.concatenate([faces.boxes, np.asarray(places, np.float32).reshape(-1, 4)])
        if frame.name is None:
            boxes = self._with_held(boxes, frame.time)
        return replace(frame, image=hide_faces(frame.image, boxes, self.mode))

    def _with_held(self, boxes: NDArray[np.float32], time: float) -> NDArray[np.float32]:
        """Adds places (M, 4) of the last moments where there is nothing now, and keeps these for the next frames."""
        empty = ~(overlaps(self._held, boxes) > 0).any(axis=1) & (np.abs(time - self._since) <= HOLD)
        since = np.concatenate([np.full(len(boxes), time), self._since[empty]])
        self._held, self._since = np.concatenate([boxes, self._held[empty]]), since
        return self._held


def hide_faces(image: NDArray[np.uint8], boxes: NDArray[np.floating], mode: str) -> NDArray[np.uint8]:
    """Hides faces in a copy of an image.

    `pixelate` leaves one colour for each block, the mean of its pixels, and `blur` a smooth surface through a smoothed
    grid of these same means: whatever one tries, there is no more to be had from the picture than those numbers.
    Gaussian blur alone could be undone in part, for it keeps as many numbers as there were pixels.

    Args:
        image: (H, W, 3) uint8 BGR, or (H, W) gray.
        boxes: (N, 4) left, top, right, bottom of the faces as in `Faces.boxes`; may reach beyond the image.
        mode: `blur`, `pixelate` or `points-only`, which blacks out everything.
    """
    if mode == "points-only":
        return np.zeros_like(image)
    hidden = image.copy()
    height, width = image.shape[:2]
    for left, top, right, bottom in _heads(boxes, width, height).tolist():
        block = max((right - left) / BLOCKS, (bottom - top) / BLOCKS, SMALLEST_BLOCK)
        x0, y0, x1, y1 = max(left, 0), max(top, 0), min(right, width), min(bottom, height)
        part = hidden[y0:y1, x0:x1]
        grid = (max(1, int((x1 - x0) / block)), max(1, int((y1 - y0) / block)))
        means = cv2.resize(part, grid, interpolation=cv2.INTER_AREA)
        if mode == "blur":
            means = cv2.GaussianBlur(means, (0, 0), 1, borderType=cv2.BORDER_REPLICATE)
        size = (x1 - x0, y1 - y0)
        part[:] = cv2.resize(means, size, interpolation=cv2.INTER_CUBIC if mode == "blur" else cv2.INTER_NEAREST)
    return hidden


def _heads(boxes: NDArray[np.floating], width: int, height: int) -> NDArray[np.int64]:
    """Returns boxes (M, 4) of whole heads in whole pixels, those that the image shows a part of."""
    boxes = np.asarray(boxes, np.float64).reshape(-1, 4)
    boxes = boxes[np.isfinite(boxes).all(axis=1)]
    centre, reach = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]) * HEAD / 2
    far = 1e6
    low = np.floor(np.clip(centre - reach, -far, far)).astype(np.int64)
    high = np.ceil(np.clip(centre + reach, -far, far)).astype(np.int64) + 1
    shown = (high > 0).all(axis=1) & (low < [width, height]).all(axis=1)
    return np.concatenate([low, high], axis=1)[shown]
