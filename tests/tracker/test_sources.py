import struct
import threading
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tracker import CameraError, InputError, open_source
from tracker.sources.cameras import CameraInfo, find_camera, say_cameras
from tracker.sources.crowd import Crowd
from tracker.sources.demo import PORTRAIT, Demo
from tracker.sources.images import read_image

TICK = Fraction(1, 90_000)
Picture = NDArray[np.uint8]


def write_video(path: Path, times: list[float], size: tuple[int, int] = (160, 120)) -> None:
    """Writes frames that grow brighter, at these times."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.time_base = stream.time_base = TICK
        for index, moment in enumerate(times):
            picture = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), 4 * index, np.uint8), format="bgr24")
            picture.pts, picture.time_base = round(moment / TICK), TICK
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv"])
@pytest.mark.parametrize("start", [0.0, 5.0])
def test_time_stamps_are_the_containers(tmp_path: Path, suffix: str, start: float) -> None:
    steps = np.random.default_rng(0).uniform(0.01, 0.1, 49)
    times = (start + np.concatenate([[0], np.cumsum(steps)])).tolist()
    path = tmp_path / f"clip.{suffix}"
    write_video(path, times)
    with open_source(path) as source:
        frames = list(source)
    assert [frame.index for frame in frames] == list(range(50))
    assert [frame.time for frame in frames] == pytest.approx(times, abs=0.001)
    brightness = [frame.image.mean() for frame in frames]
    assert all(a < b for a, b in pairwise(brightness))
    assert source.warning is None


@pytest.mark.parametrize("suffix", ["avi", "mp4", "mkv"])
def test_a_title_that_is_not_in_utf_8_is_no_matter(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"clip.{suffix}"
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "Cafes"
        stream = container.add_stream("mpeg4", rate=30)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((120, 160, 3), np.uint8), format="bgr24")))
        container.mux(stream.encode(None))
    data = path.read_bytes()
    assert data.count(b"Cafes") == 1
    path.write_bytes(data.replace(b"Cafes", "Cafés".encode("latin-1")))
    with open_source(path) as source:
        assert len(list(source)) == 1


def turn(path: Path, matrix_of_display: tuple[int, int, int, int]) -> None:
    """Writes into the file of `write_video` how it is to be shown: x' = a x + c y, y' = b x + d y."""
    data = bytearray(path.read_bytes())
    matrix = data.index(b"tkhd") + 44
    a, b, c, d = (value << 16 for value in matrix_of_display)
    data[matrix : matrix + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        ((1, 0, 0, 1), lambda image: image),
        ((0, 1, -1, 0), lambda image: np.rot90(image, -1)),
        ((-1, 0, 0, -1), lambda image: np.rot90(image, 2)),
        ((0, -1, 1, 0), lambda image: np.rot90(image)),
        ((-1, 0, 0, 1), lambda image: image[:, ::-1]),
        ((1, 0, 0, -1), lambda image: image[::-1]),
        ((0, 1, 1, 0), lambda image: np.rot90(image, -1)[:, ::-1]),
        ((0, -1, -1, 0), lambda image: np.rot90(image)[:, ::-1]),
    ],
)
def test_a_turned_or_mirrored_video_arrives_as_it_is_shown(
    tmp_path: Path, matrix: tuple[int, int, int, int], expected: Callable[[Picture], Picture]
) -> None:
    path = tmp_path / "clip.mp4"
    write_picture(path, PORTRAIT_LIKE)
    turn(path, matrix)
    shown = expected(PORTRAIT_LIKE)
    with open_source(path) as source:
        (frame,) = source
    assert frame.size == shown.shape[1::-1]
    others = (shown[::-1, ::-1], shown[::-1], shown[:, ::-1])
    error, *errors = (np.abs(frame.image.astype(int) - other).mean() for other in (shown, *others))
    assert error < min(errors) / 5


PORTRAIT_LIKE = np.asarray(cv2.resize(read_image(PORTRAIT), (160, 120)), np.uint8)


def write_picture(path: Path, image: np.ndarray, pixels: str = "yuv420p", codec: str = "libx264") -> None:
    """Writes a video of one picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=30, options={"crf": "5"} if codec == "libx264" else {})
        stream.width, stream.height, stream.pix_fmt = image.shape[1], image.shape[0], pixels
        container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode(None))


@pytest.mark.parametrize(("pixels", "codec"), [("yuv420p", "libx264"), ("yuv444p", "libx264"), ("yuvj420p", "mjpeg")])
@pytest.mark.parametrize("size", [(160, 120), (158, 98), (162, 122)])
def test_pictures_of_all_kinds_have_their_colours(
    tmp_path: Path, pixels: str, codec: str, size: tuple[int, int]
) -> None:
    image = np.asarray(cv2.resize(PORTRAIT_LIKE, size), np.uint8)
    write_picture(tmp_path / "clip.mkv", image, pixels, codec)
    with open_source(tmp_path / "clip.mkv") as source:
        (frame,) = source
    assert frame.image.shape == image.shape
    assert np.abs(frame.image.astype(int) - image).mean() < 6
    assert abs((frame.image.astype(int) - image).mean()) < 1.5


def test_an_odd_size_is_read(tmp_path: Path) -> None:
    image = PORTRAIT_LIKE[:119, :159]
    write_picture(tmp_path / "clip.mkv", image, "yuv444p")
    with open_source(tmp_path / "clip.mkv") as source:
        (frame,) = source
    assert frame.image.shape == image.shape


def test_what_is_damaged_in_the_middle_is_left_out(tmp_path: Path) -> None:
    write_video(tmp_path / "clip.mkv", [i / 30 for i in range(60)])
    data = bytearray((tmp_path / "clip.mkv").read_bytes())
    middle = len(data) // 2
    data[middle : middle + 40] = bytes(40)
    (tmp_path / "clip.mkv").write_bytes(data)
    with open_source(tmp_path / "clip.mkv") as source:
        indices = [frame.index for frame in source]
    assert indices == list(range(len(indices)))
    assert len(indices) > 20


def test_stopping_ends_the_frames(tmp_path: Path) -> None:
    write_video(tmp_path / "clip.mp4", [i / 30 for i in range(60)])
    with open_source(tmp_path / "clip.mp4") as source:
        taken = []
        for frame in source:
            taken.append(frame)
            if len(taken) == 3:
                source.stop()
    assert len(taken) == 3


def test_a_video_that_is_not_taken_does_not_hang(tmp_path: Path) -> None:
    write_video(tmp_path / "clip.mp4", [i / 30 for i in range(60)])
    with open_source(tmp_path / "clip.mp4") as source:
        next(iter(source))
    assert threading.active_count() < 10


def test_a_video_is_read_once(tmp_path: Path) -> None:
    write_video(tmp_path / "clip.mp4", [i / 30 for i in range(3)])
    with open_source(tmp_path / "clip.mp4") as source:
        assert len(list(source)) == 3
        with pytest.raises(InputError, match="read already"):
            next(iter(source))


def test_an_index_in_quotes_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="without quotes"):
        open_source("0")
    write_video(tmp_path / "a.mp4", [0.0])
    (tmp_path / "a.mp4").rename("0")
    with open_source("0") as source:
        assert len(list(source)) == 1


def test_a_sound_is_no_video(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "sound.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        sound.sample_rate = 44100
        container.mux(stream.encode(sound))
        container.mux(stream.encode(None))
    with pytest.raises(InputError, match="holds no video"):
        open_source(tmp_path / "sound.mp4")


def test_pictures_come_by_name_and_bad_ones_are_named(tmp_path: Path) -> None:
    for name in ("b.png", "a.jpg", "c.PNG"):
        cv2.imwrite(str(tmp_path / name), np.zeros((20, 30, 3), np.uint8))
    (tmp_path / "bad.jpg").write_bytes(b"no picture")
    with open_source(tmp_path) as source:
        frames = list(source)
    assert [frame.name for frame in frames] == ["a.jpg", "b.png", "c.PNG"]
    assert source.count == 4
    assert source.warning is not None
    assert "bad.jpg" in source.warning


def test_the_demo_is_the_same_every_time() -> None:
    first, second = ([frame.image for frame in Demo(rate=2)] for _ in range(2))
    assert len(first) == 24
    assert all((a == b).all() for a, b in zip(first, second, strict=True))
    assert first[0].shape == (480, 640, 3)
    assert Demo().count == 360


def test_a_crowd_moves() -> None:
    a, b = (frame.image for frame in Crowd(4, 2, width=320, height=240))
    assert a.shape == (240, 320, 3)
    assert (a != b).any()


CAMERAS = [CameraInfo(0, "Integrated Webcam", "/dev/video0", 200), CameraInfo(2, "USB Webcam HD", "/dev/video2", 200)]


@pytest.mark.parametrize(("name", "index"), [("usb", 2), ("integrated webcam", 0), ("/dev/video2", 2)])
def test_a_camera_is_found_by_a_part_of_its_name(name: str, index: int) -> None:
    assert find_camera(name, CAMERAS).index == index


@pytest.mark.parametrize("name", ["webcam", "microscope"])
def test_a_name_that_fits_none_or_many_lists_the_cameras(name: str) -> None:
    with pytest.raises(CameraError, match=r"0 \(Integrated Webcam\), 2 \(USB Webcam HD\).*--demo"):
        find_camera(name, CAMERAS)


def test_no_camera_is_said() -> None:
    assert "--demo" in say_cameras([])
