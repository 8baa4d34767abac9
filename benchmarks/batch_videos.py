"""Videos for `batch.py`: people of the face set that walk about, and files that are broken."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from tests.composites import Actor, Cutout, Scene, people, portrait
from tests.scenes import crossing
from tracker.frame import Frame
from training.data.face_set import data_folder

RATE = 30.0
EYES = 34.0
"""Distance of the eyes, pixels."""


def cutouts(count: int) -> list[Cutout]:
    """People of the face set, or the portrait alone where there is none."""
    return people(count, seed=0) if (data_folder() / "faces").is_dir() else [portrait()]


def write(path: Path, frames: Iterable[Frame]) -> Path:
    """Writes frames as H.264 with a key frame every four seconds, unless the file is there."""
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.mp4")
    with av.open(str(part), "w") as container:
        stream = container.add_stream("libx264", rate=round(RATE), options={"preset": "ultrafast", "g": "120"})
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
        for frame in frames:
            picture = av.VideoFrame.from_ndarray(frame.image, format="bgr24")
            picture.pts, picture.time_base = frame.index, Fraction(1, round(RATE))
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    part.replace(path)
    return path


def short_videos(folder: Path, count: int, broken: int) -> None:
    """Makes crossings of two people, each a few seconds long, and among them files that are broken in several ways."""
    faces = cutouts(12)
    for number in range(count - broken):
        rng = np.random.default_rng(number)
        pair = faces[number % len(faces)], faces[(number + 1) % len(faces)]
        speed = float(rng.uniform(0.4, 1.5))
        scene = crossing(*pair, (speed / 2, 0.1), (-speed / 2, 0.0), rate=RATE, seed=number)
        write(folder / f"set {number % 7}" / f"crossing {number}.mp4", scene)
    good = next(folder.rglob("*.mp4")).read_bytes()
    contents = (b"", b"Once upon a time\n" * 100, bytes(5000), good[: len(good) // 100], good[len(good) // 2 :])
    for number in range(broken):
        path = folder / f"set {number % 7}" / f"broken {number}.mp4"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents[number % len(contents)])


def long_video(path: Path, minutes: float, seed: int = 0) -> Path:
    """Makes a video of three people who walk about, leave the frame and come back."""
    if path.exists():
        return path
    time = np.arange(round(60 * minutes * RATE)) / RATE
    rng = np.random.default_rng(seed)
    actors = []
    for number, cutout in enumerate((cutouts(3) * 3)[:3]):
        pace, phase = rng.uniform(0.1, 0.35, 2), rng.uniform(0, 6.28, 4)
        reach = np.array([330.0, 60.0])  # beyond the frame's edges
        middle = np.array([320.0, 140.0 + 100 * number])
        places = middle + reach * np.sin(phase[:2] + time[:, None] * pace)
        sizes = EYES * (1 + 0.15 * np.sin(phase[2] + 0.7 * time))
        actors.append(Actor(cutout, places, sizes, 0.2 * np.sin(phase[3] + 0.9 * time)))
    return write(path, Scene(actors, rate=RATE, seed=seed))
