"""Which sizes and rates a camera of Linux offers, asked of its driver without starting it.

The requests and structures are those of the Video for Linux API, version 2 (`linux/videodev2.h`): VIDIOC_ENUM_FMT,
VIDIOC_ENUM_FRAMESIZES and VIDIOC_ENUM_FRAMEINTERVALS. They are the same on all processors with Linux that this project
runs on.
"""

import os
import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

_FORMAT = struct.Struct("=3I32s2I3I")
"""v4l2_fmtdesc: index, type, flags, description, pixel format, media bus code, reserved."""
_SIZE = struct.Struct("=3I6I2I")
"""v4l2_frmsizeenum: index, pixel format, kind; least, greatest and step of width, then of height; reserved."""
_INTERVAL = struct.Struct("=5I6I2I")
"""v4l2_frmivalenum: index, pixel format, width, height, kind; least, greatest and step as fractions; reserved."""


def _request(number: int, structure: struct.Struct) -> int:
    """The number of a request that is written to the driver and read back (`_IOWR` of `asm-generic/ioctl.h`)."""
    return 3 << 30 | structure.size << 16 | ord("V") << 8 | number


ENUM_FORMATS, ENUM_SIZES, ENUM_INTERVALS = _request(2, _FORMAT), _request(74, _SIZE), _request(75, _INTERVAL)
_VIDEO_CAPTURE = 1
_DISCRETE = 1


@dataclass(frozen=True, slots=True, order=True)
class Mode:
    """A size that a camera offers.

    Attributes:
        width: pixels.
        height: pixels.
        rate: the highest number of frames per second at this size, in any pixel format; None if it is not told.
    """

    width: int
    height: int
    rate: float | None


def read_modes(path: str) -> list[Mode]:
    """Reads what a camera offers, smallest first; nothing where the system does not tell.

    Args:
        path: of the device, `/dev/video0`. It is opened, but no picture is taken from it.
    """
    if sys.platform != "linux":
        return []
    try:
        device = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    except OSError:
        return []
    try:
        rates: dict[tuple[int, int], float | None] = {}
        for pixels in _formats(device):
            for size in _sizes(device, pixels):
                found = [*_rates(device, pixels, size), rates.get(size)]
                rates[size] = max((rate for rate in found if rate is not None), default=None)
    finally:
        os.close(device)
    return [Mode(*size, rate) for size, rate in sorted(rates.items())]


def _formats(device: int) -> Iterator[int]:
    for answer in _all(device, ENUM_FORMATS, lambda index: _FORMAT.pack(index, _VIDEO_CAPTURE, 0, b"", 0, 0, 0, 0, 0)):
        yield _FORMAT.unpack(answer)[4]


def _sizes(device: int, pixels: int) -> Iterator[tuple[int, int]]:
    """The sizes of a pixel format; of a range of sizes, the smallest and the largest."""
    for answer in _all(device, ENUM_SIZES, lambda index: _SIZE.pack(index, pixels, *[0] * 9)):
        _, _, kind, *numbers = _SIZE.unpack(answer)
        if kind == _DISCRETE:
            yield numbers[0], numbers[1]
        else:
            yield numbers[0], numbers[3]
            yield numbers[1], numbers[4]


def _rates(device: int, pixels: int, size: tuple[int, int]) -> Iterator[float]:
    """Frames per second at a size; of a range, the highest."""
    for answer in _all(device, ENUM_INTERVALS, lambda index: _INTERVAL.pack(index, pixels, *size, *[0] * 9)):
        numerator, denominator = _INTERVAL.unpack(answer)[5:7]
        if numerator:
            yield denominator / numerator


def _all(device: int, request: int, question: Callable[[int], bytes]) -> Iterator[bytes]:
    """Asks for item after item of a list until the driver has no more."""
    from fcntl import ioctl

    for index in count():
        try:
            yield ioctl(device, request, question(index))
        except OSError:
            return
