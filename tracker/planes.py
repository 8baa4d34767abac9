"""A picture as video decoders give it: brightness in full and colour at half the size.

To turn a whole frame to BGR takes as long as to decode it, and to track a face takes a small part of it. So a video's
frames stay as they were decoded, and whoever needs BGR gets it of the part that is needed.
"""

from dataclasses import dataclass
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.uint8]

UNTOUCHED = "yuv420p"
"""The pixel format, in FFmpeg's words, whose frames are kept as they are: that of nearly all cameras and videos."""
_FULL_RANGE = 2
"""FFmpeg's number for brightness from 0 to 255 instead of the usual 16 to 235."""
TAGS = ("color_range", "colorspace", "color_primaries", "color_trc")
"""What FFmpeg says of a frame's colours, for those who show them."""


@dataclass(frozen=True, slots=True, eq=False)
class Planes:
    """A picture in YUV 4:2:0, 16 to 235, taken for ITU-R BT.601 as OpenCV takes all videos.

    Attributes:
        y: (H, W) uint8; H and W are even.
        u: (H / 2, W / 2) uint8.
        v: (H / 2, W / 2) uint8.
        tags: FFmpeg's numbers for the names in `TAGS`.
    """

    y: Plane
    u: Plane
    v: Plane
    tags: tuple[int, ...] = ()

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and 3: that of the picture in BGR."""
        return self.y.shape[0], self.y.shape[1], 3

    def bgr(self) -> NDArray[np.uint8]:
        """Returns the whole picture (H, W, 3) uint8 BGR."""
        return np.asarray(cv2.cvtColorTwoPlane(self.y, cv2.merge((self.u, self.v)), cv2.COLOR_YUV2BGR_NV12), np.uint8)

    def part(self, x0: int, y0: int, x1: int, y1: int) -> NDArray[np.uint8]:
        """Returns `bgr()[y0:y1, x0:x1]`, by turning no more than that."""
        left, top = x0 // 2, y0 // 2
        right, bottom = (x1 + 1) // 2, (y1 + 1) // 2
        cut = Planes(
            self.y[2 * top : 2 * bottom, 2 * left : 2 * right],
            self.u[top:bottom, left:right],
            self.v[top:bottom, left:right],
        )
        return cut.bgr()[y0 - 2 * top : y1 - 2 * top, x0 - 2 * left : x1 - 2 * left]

    def copy(self) -> "tuple[Planes, NDArray[np.uint8]]":
        """Returns a copy that may be written to, and the array (3 H / 2, W) that it is a view of, as encoders take."""
        height, width = self.y.shape
        whole = np.empty((height * 3 // 2, width), np.uint8)
        colours = whole[height:].reshape(2, height // 2, width // 2)
        whole[:height], colours[0], colours[1] = self.y, self.u, self.v
        return Planes(whole[:height], colours[0], colours[1], self.tags), whole

    def put(self, part: NDArray[np.uint8], x0: int, y0: int) -> None:
        """Writes a part (h, w, 3) uint8 BGR into a copy, its top-left pixel at x0, y0; all four numbers are even."""
        height, width = part.shape[:2]
        whole = np.asarray(cv2.cvtColor(part, cv2.COLOR_BGR2YUV_I420), np.uint8)
        colours = whole[height:].reshape(2, height // 2, width // 2)
        half = slice(y0 // 2, (y0 + height) // 2), slice(x0 // 2, (x0 + width) // 2)
        self.y[y0 : y0 + height, x0 : x0 + width] = whole[:height]
        self.u[half], self.v[half] = colours[0], colours[1]


def planes_of(picture: av.VideoFrame) -> Planes | None:
    """Returns a decoded picture's planes without copying; None if it is of another kind."""
    width, height = picture.width, picture.height
    if picture.format.name != UNTOUCHED or picture.color_range == _FULL_RANGE or width % 2 or height % 2:
        return None
    y, u, v = (_rows(plane) for plane in picture.planes)
    half = slice(height // 2), slice(width // 2)
    tags = tuple(int(getattr(picture, tag)) for tag in TAGS)
    return Planes(y[:height, :width], u[half], v[half], tags)


def _rows(plane: Any) -> Plane:
    """A plane's rows with the bytes that fill them up; the array keeps the picture alive."""
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
