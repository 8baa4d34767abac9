"""Videos that are damaged, or that are none: a sentence or the frames that can be read, and nothing else."""

import json
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from tests.tracker.faults.following import follow
from tests.tracker.test_sources import TICK, write_picture, write_video
from tracker import InputError, open_source
from tracker.sinks import open_video

TIMES = [i / 30 for i in range(30)]
CUTS = range(20)
SEEDS = range(100)


KINDS = ("mp4", "mkv", "ts", "avi")


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("clips")
    paths = {kind: folder / f"clip.{kind}" for kind in KINDS}
    for path in paths.values():
        write_noise(path, 30)
    return paths


def write_noise(path: Path, count: int) -> None:
    """Writes a video whose frames are not so easily compressed that they fit in a few bytes."""
    rng = np.random.default_rng(0)
    options = {"movflags": "faststart"} if path.suffix == ".mp4" else {}
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream("libx264" if path.suffix != ".avi" else "mpeg4", rate=30, options={"g": "10"})
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for index in range(count):
            coarse = rng.integers(0, 256, (15, 20, 3), np.uint8)
            picture = av.VideoFrame.from_ndarray(np.kron(coarse, np.ones((8, 8, 1), np.uint8)), format="bgr24")
            picture.pts = index
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


def readable(points: Path, drawn: Path, frames: int | str) -> None:
    """Checks that what was written is whole, whatever became of the input."""
    if isinstance(frames, str):
        assert frames.count(".") >= 1
        assert frames.endswith(".")
        assert "\n" not in frames
        assert not points.exists() or points.read_bytes() == b""
        return
    records = [json.loads(line) for line in points.read_text(encoding="utf-8").splitlines()]
    assert [record["frame"] for record in records] == list(range(frames))
    with av.open(str(drawn)) as container:
        times = [picture.time for picture in container.decode(video=0)]
    assert len(times) == frames
    assert all(a < b for a, b in pairwise(times))


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("kind", ["mp4", "mkv"])
def test_a_video_that_is_cut_is_read_up_to_there(tmp_path: Path, clips: dict[str, Path], kind: str, cut: int) -> None:
    clip = clips[kind]
    data = clip.read_bytes()
    path = tmp_path / clip.name
    path.write_bytes(data[: len(data) * cut // len(CUTS)])
    frames = follow(path, tmp_path / "p.jsonl", tmp_path / "drawn.mp4")
    readable(tmp_path / "p.jsonl", tmp_path / "drawn.mp4", frames)
    if cut == 0:
        assert frames == f"{path} is empty."
    if cut >= 5:
        assert isinstance(frames, int)
        assert 30 * cut / 20 - 12 < frames <= 30


@pytest.mark.parametrize("seed", SEEDS)
def test_a_video_with_flipped_bytes_does_no_harm(tmp_path: Path, clips: dict[str, Path], seed: int) -> None:
    clip = clips[KINDS[seed % 4]]
    rng = np.random.default_rng(seed)
    data = bytearray(clip.read_bytes())
    head = 1500 if seed % 8 < 4 else len(data)  # where it says what it holds, or anywhere
    for place in rng.integers(0, head, 1 + seed % 30):
        data[place] = rng.integers(256)
    path = tmp_path / clip.name
    path.write_bytes(data)
    frames = follow(path, tmp_path / "p.jsonl", tmp_path / "drawn.mp4")
    readable(tmp_path / "p.jsonl", tmp_path / "drawn.mp4", frames)


def text(path: Path) -> None:
    path.write_text("Once upon a time there was a file that was no video.\n" * 200, encoding="utf-8")


def archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("clip.mp4", b"no video" * 1000)


def sound(path: Path) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        silence.sample_rate = 44100
        container.mux(stream.encode(silence))
        container.mux(stream.encode(None))


def subtitles(path: Path) -> None:
    path.write_text("1\n00:00:00,000 --> 00:00:01,000\nOnce upon a time\n\n" * 50, encoding="utf-8")


def noise(path: Path) -> None:
    path.write_bytes(np.random.default_rng(0).bytes(100_000))


def zeros(path: Path) -> None:
    path.write_bytes(bytes(100_000))


@pytest.mark.parametrize("make", [text, archive, sound, subtitles, noise, zeros])
def test_what_is_no_video_is_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "clip.mp4"
    make(path)
    with pytest.raises(InputError, match=r"clip\.mp4 (cannot be read as a video|is of no kind|holds no)"):
        open_source(path)


def test_a_video_of_one_frame_has_one_frame(tmp_path: Path) -> None:
    write_video(tmp_path / "clip.mp4", [0.0])
    assert follow(tmp_path / "clip.mp4", tmp_path / "p.jsonl", tmp_path / "drawn.mp4") == 1
    readable(tmp_path / "p.jsonl", tmp_path / "drawn.mp4", 1)


@pytest.mark.parametrize("kind", ["mp4", "mov", "mkv"])
@pytest.mark.parametrize("start", [0.0, 7.25])
def test_times_out_are_times_in(tmp_path: Path, kind: str, start: float) -> None:
    steps = np.random.default_rng(1).choice([1 / 240, 1 / 60, 1 / 30, 0.1, 1.3], 60)
    times = (start + np.cumsum(steps)).round(3).tolist()
    write_video(tmp_path / f"clip.{kind}", times)
    assert follow(tmp_path / f"clip.{kind}", tmp_path / "p.jsonl", tmp_path / f"drawn.{kind}") == 60
    lines = [json.loads(line)["time"] for line in (tmp_path / "p.jsonl").read_text(encoding="utf-8").splitlines()]
    assert lines == pytest.approx(times, abs=0.001)
    with av.open(str(tmp_path / f"drawn.{kind}")) as container:
        drawn = [picture.time for picture in container.decode(video=0)]
    assert drawn == pytest.approx(times, abs=0.001)


@pytest.mark.parametrize("size", [(16, 16), (17, 16), (159, 119), (2, 300), (7680, 4320)])
def test_a_video_of_any_size_is_followed(tmp_path: Path, size: tuple[int, int]) -> None:
    block = max(16, size[0] // 8)
    image = np.random.default_rng(0).integers(0, 256, (size[1] // block + 1, size[0] // block + 1, 3), np.uint8)
    image = np.kron(image, np.ones((block, block, 1), np.uint8))[: size[1], : size[0]]
    write_picture(tmp_path / "clip.mkv", image, "yuvj420p", "mjpeg")
    assert follow(tmp_path / "clip.mkv", tmp_path / "p.jsonl", tmp_path / "drawn.mkv") == 1
    with av.open(str(tmp_path / "drawn.mkv")) as container:
        (picture,) = container.decode(video=0)
    assert (picture.width, picture.height) == (size[0] + size[0] % 2, size[1] + size[1] % 2)


def test_a_size_that_changes_on_the_way_is_followed(tmp_path: Path) -> None:
    parts = []
    for number, size in enumerate([(160, 120), (320, 240)]):
        write_video(tmp_path / f"{number}.ts", [number + i / 30 for i in range(5)], size)
        parts.append((tmp_path / f"{number}.ts").read_bytes())
    (tmp_path / "clip.ts").write_bytes(b"".join(parts))
    with open_source(tmp_path / "clip.ts") as source:
        assert {frame.size for frame in source} == {(160, 120), (320, 240)}
    frames = follow(tmp_path / "clip.ts", tmp_path / "p.jsonl", tmp_path / "drawn.mp4")
    assert frames == 10
    readable(tmp_path / "p.jsonl", tmp_path / "drawn.mp4", frames)


@pytest.mark.parametrize("pixels", ["gray", "gray10le", "yuv420p10le", "yuv444p12le", "bgr0", "bgra", "yuva420p"])
def test_pixels_of_any_kind_are_followed(tmp_path: Path, pixels: str) -> None:
    image = np.kron(np.arange(48, dtype=np.uint8).reshape(4, 4, 3) * 5, np.ones((16, 16, 1), np.uint8))
    write_picture(tmp_path / "clip.mkv", image, pixels, "ffv1")
    with open_source(tmp_path / "clip.mkv") as source:
        (frame,) = source
    assert frame.image.shape == (64, 64, 3)
    assert frame.image.dtype == np.uint8
    assert np.abs(frame.image.mean(axis=2) - image.mean(axis=2)).mean() < 8
    assert follow(tmp_path / "clip.mkv", tmp_path / "p.jsonl") == 1


def test_an_animated_picture_is_a_video(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "clip.gif"), "w") as container:
        stream = container.add_stream("gif", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "rgb8"
        for index in range(4):
            picture = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 60 * index, np.uint8), format="bgr24")
            container.mux(stream.encode(picture.reformat(format="rgb8")))
        container.mux(stream.encode(None))
    assert follow(tmp_path / "clip.gif", tmp_path / "p.jsonl", tmp_path / "drawn.mp4") == 4


@pytest.mark.parametrize("kind", ["mp4", "mkv"])
def test_a_clock_that_jumps_or_stands_still_makes_a_video(tmp_path: Path, kind: str) -> None:
    times = [0.0, 0.1, 0.1, 0.1, 0.05, 1e6, 1e6 + 0.1, float("nan"), float("inf"), -float("inf"), 1e300, 3.0, -7.0]
    image = np.full((48, 64, 3), 128, np.uint8)
    with open_video(tmp_path / f"drawn.{kind}", rate=30) as video:
        for time in times:
            video.write(image, time)  # type: ignore[attr-defined] # it is a VideoSink
    with av.open(str(tmp_path / f"drawn.{kind}")) as container:
        found = [picture.pts * picture.time_base for picture in container.decode(video=0)]
    assert len(found) == len(times)
    assert all(a < b for a, b in pairwise(found))
    assert found[1] == pytest.approx(0.1, abs=0.001)
    assert found[6] - found[5] == pytest.approx(0.1, abs=float(100 * TICK))
