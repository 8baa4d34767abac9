"""Open Sound Control: one bundle per frame, its addresses documented in docs/osc.md.

The format is that of the OSC 1.0 specification (Wright, 2002). python-osc builds the constant part of each message;
with it alone a frame of four faces would take longer to pack than to track.
"""

import struct
from functools import lru_cache
from time import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.extras import need
from tracker.faces import Faces
from tracker.frame import Frame
from tracker.keypoints import KEYPOINTS
from tracker.sinks.numbers import NUMBERS, numbers
from tracker.sinks.udp import DATAGRAM, Datagrams


class OscSink(Datagrams):
    """Sends every frame as an OSC bundle, in coordinates from 0 to 1 across the picture.

    Faces that do not fit into one datagram of `DATAGRAM` bytes follow in further bundles with the same time tag.

    Args:
        host: name or address of the receiver.
        port: its port.

    Raises:
        OutputError: python-osc is not installed, the host is unknown or cannot be reached from here.
    """

    def __init__(self, host: str, port: int) -> None:
        self._types = need("pythonosc.parsing.osc_types", extra="osc", purpose="OSC")
        super().__init__(host, port)

    def append(self, frame: Frame, faces: Faces) -> None:
        """Sends the frame."""
        bundle = b"#bundle\0" + self._types.write_date(time())
        camera = [] if frame.camera is None else [_message("/fkd/camera", "i", frame.camera)]
        self._send(_packed(bundle, [*camera, _frame(frame, faces), _ids(faces), *_faces(frame, faces)]))


def _packed(bundle: bytes, parts: list[bytes]) -> list[bytes]:
    """Shares messages out among datagrams, each of which begins as a bundle."""
    datagrams = [bundle]
    for part in parts:
        if len(datagrams[-1]) + len(part) > DATAGRAM and len(datagrams[-1]) > len(bundle):
            datagrams.append(bundle)
        datagrams[-1] += part
    return datagrams


def _frame(frame: Frame, faces: Faces) -> bytes:
    return _message("/fkd/frame", "ifiii", frame.index, frame.time, len(faces), *frame.size)


def _ids(faces: Faces) -> bytes:
    return _message("/fkd/ids", "i" * len(faces), *faces.ids.tolist())


def _faces(frame: Frame, faces: Faces) -> list[bytes]:
    """Returns for each face its messages one after the other: the box, then the points."""
    scale, shift = _normalisation(*frame.size)
    values = (numbers(faces) * scale + shift).astype(">f4").view(np.uint8)
    return [_filled(*_template(face), row) for face, row in zip(faces.ids.tolist(), values, strict=True)]


def _filled(template: NDArray[np.uint8], places: NDArray[np.intp], values: NDArray[np.uint8]) -> bytes:
    messages = template.copy()
    messages[places] = values
    return messages.tobytes()


@lru_cache(maxsize=4)
def _normalisation(width: int, height: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Returns the factors and summands (50,) that turn pixels to parts of the picture, and leave the rest as it is."""
    # Pixel 0 has its centre half a pixel from the edge of the picture, which is 0.
    axes = [name.removesuffix("0").removesuffix("1")[-1] for name in NUMBERS]
    scale = np.array([{"x": 1 / width, "y": 1 / height}.get(axis, 1.0) for axis in axes])
    return scale, np.where(np.isin(axes, ["x", "y"]), scale / 2, 0)


@lru_cache(maxsize=256)
def _template(face: int) -> tuple[NDArray[np.uint8], NDArray[np.intp]]:
    """Returns a face's messages as bytes (L,) with zeros for values, and where the bytes of its 50 numbers go."""
    template, places = b"", []
    for name, kinds in (("box", "fffff"), *((name, "fff") for name in KEYPOINTS)):
        template += _head(f"/fkd/face/{face}/{name}", kinds)
        places.append(np.arange(4 * len(kinds)) + len(template))
        template += bytes(4 * len(kinds))
    return np.frombuffer(template, np.uint8), np.concatenate(places)


def _message(address: str, kinds: str, *values: Any) -> bytes:
    return _head(address, kinds) + struct.pack(f">{kinds}", *values)


@lru_cache(maxsize=256)
def _head(address: str, kinds: str) -> bytes:
    """Returns all of a message in a bundle that comes before its values: its size, address and types.

    Args:
        address: such as `/fkd/frame`.
        kinds: `i` for each integer and `f` for each float, of four bytes each.
    """
    from pythonosc.osc_message_builder import OscMessageBuilder

    builder = OscMessageBuilder(address)
    for kind in kinds:
        builder.add_arg(0, kind)
    message: bytes = builder.build().dgram
    return struct.pack(">i", len(message)) + message[: len(message) - 4 * len(kinds)]
