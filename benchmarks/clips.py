"""Clips for the benchmarks of files: faces that move, in H.264 and with a camera's noise."""

import tempfile
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from tracker.sources.crowd import Crowd

FOLDER = Path(tempfile.gettempdir()) / "fkd-benchmarks"
RATE = 30


NOISE = 4.0
"""Of a camera in a room, grey levels."""


def clip_of(width: int, height: int, frames: int, bits: float) -> Path:
    """Returns a clip of one moving face, which is made on first use.

    Args:
        width: pixels.
        height: pixels.
        frames: how many, at 30 per second.
        bits: per pixel and frame. A camera's file has some 0.15; with fewer it would be decoded far faster.
    """
    path = FOLDER / f"{width}x{height}-{frames}-{bits:g}.mp4"
    if path.exists():
        return path
    FOLDER.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.mp4")
    random = np.random.default_rng(0)
    with av.open(str(part), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "medium"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.bit_rate = round(bits * width * height * RATE)
        for frame in Crowd(1, frames, width, height, RATE):
            grain = NOISE * random.standard_normal(frame.image.shape, np.float32)
            image = np.clip(frame.image + grain, 0, 255).astype(np.uint8)
            picture = av.VideoFrame.from_ndarray(image, format="bgr24")
            picture.pts, picture.time_base = frame.index, Fraction(1, RATE)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    part.replace(path)
    return path
