"""What a viewer gets: the numbers of a frame and, if wanted, its picture, in one binary message.

bytes 0 to 3    float32, little-endian: this viewer's latency in seconds, NaN while unknown
bytes 4 to 7    uint32, little-endian: length of the header in bytes
the header      JSON in UTF-8: a line of a points file, and `size` and `rate`
the rest        a JPEG picture; nothing, if the viewer wants points only
"""

import struct
from dataclasses import dataclass

import cv2
import numpy as np
import orjson
from numpy.typing import NDArray

from tracker.faces import Faces
from tracker.frame import Frame
from tracker.sinks.jsonl import encode

WIDEST = 1280
"""Pictures are shrunk to at most this width in pixels."""
_QUALITY = 80
_PREFIX = struct.Struct("<fI")


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """A frame as viewers get it.

    Attributes:
        serial: 1 for the first frame that came, and so on.
        grabbed: `time.monotonic()` when its picture was taken.
        header: JSON.
        picture: JPEG, or None if it was not encoded.
    """

    serial: int
    grabbed: float
    header: bytes
    picture: bytes | None

    def packed(self, latency: float, *, picture: bool) -> bytes:
        """Returns the message for a viewer whose latency in seconds is known, or NaN; with or without the picture."""
        rest = self.picture if picture and self.picture is not None else b""
        return _PREFIX.pack(latency, len(self.header)) + self.header + rest


def encode_header(frame: Frame, faces: Faces, serial: int, rate: float) -> bytes:
    """Returns the header: what `points.schema.json` says, the frame's size in pixels, serial and frames per second."""
    further = orjson.dumps({"size": frame.size, "serial": serial, "rate": round(rate, 2)})
    return encode(frame, faces)[:-1] + b"," + further[1:]


def encode_picture(image: NDArray[np.uint8]) -> bytes:
    """Returns an image (H, W, 3) uint8 BGR as JPEG, at most `WIDEST` pixels wide."""
    height, width = image.shape[:2]
    if width > WIDEST:
        size = (WIDEST, max(1, round(height * WIDEST / width)))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    return bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1])
