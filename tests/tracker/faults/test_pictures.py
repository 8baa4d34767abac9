"""Pictures of all kinds, damaged ones, and folders of them."""

import csv
import io
import json
import os
import struct
import subprocess
import sys
import zlib
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.tracker.faults.conftest import Fkd
from tests.tracker.test_sources import PORTRAIT_LIKE
from tracker import Faces, InputError, open_source
from tracker.sinks import open_points
from tracker.sources.images import SUFFIXES, read_image

KINDS = sorted(SUFFIXES)


def write(path: Path) -> None:
    image = cv2.cvtColor(PORTRAIT_LIKE, cv2.COLOR_BGR2GRAY) if path.suffix == ".pgm" else PORTRAIT_LIKE
    written, data = cv2.imencode(path.suffix, image)
    assert written
    path.write_bytes(data.tobytes())


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_of_any_kind_is_followed_and_drawn(tmp_path: Path, run_fkd: Fkd, kind: str) -> None:
    (tmp_path / "in").mkdir()
    write(tmp_path / "in" / f"a{kind}")
    assert run_fkd("video", "in", "--points", "p.jsonl", "--out", "out").code == 0
    (record,) = map(json.loads, (tmp_path / "p.jsonl").read_text(encoding="utf-8").splitlines())
    assert record["file"] == f"a{kind}"
    assert len(record["faces"]) == 1
    (drawn,) = (tmp_path / "out").iterdir()
    assert drawn.name == (f"a{kind}.png" if kind in (".pgm", ".ppm", ".jp2") else f"a{kind}")
    assert read_image(drawn).shape == PORTRAIT_LIKE.shape


def close(image: np.ndarray, tolerance: float = 6.0) -> bool:
    return image.shape == PORTRAIT_LIKE.shape and bool(np.abs(image.astype(int) - PORTRAIT_LIKE).mean() < tolerance)


def pillow() -> Image.Image:
    return Image.fromarray(PORTRAIT_LIKE[:, :, ::-1])


PIXELS = {
    ".png": ("1", "L", "LA", "P", "RGBA", "I;16"),
    ".jpg": ("L", "CMYK"),
    ".tif": ("1", "L", "RGBA", "CMYK", "I;16"),
    ".webp": ("RGBA",),
}


@pytest.mark.parametrize(("suffix", "mode"), [(suffix, mode) for suffix, modes in PIXELS.items() for mode in modes])
def test_pixels_of_any_kind_are_read(tmp_path: Path, mode: str, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    if mode == "I;16":
        gray = np.asarray(pillow().convert("L")).astype(np.uint16) * 257
        Image.fromarray(gray).save(path)
    else:
        pillow().convert(mode).save(path)
    image = read_image(path)
    assert image.dtype == np.uint8
    if mode in ("RGBA", "CMYK") and (mode, suffix) != ("CMYK", ".tif"):
        assert close(image, 12)
    else:
        light = np.asarray(pillow().convert("L")).mean()
        assert image.shape == PORTRAIT_LIKE.shape
        assert image.mean() == pytest.approx(light, abs=12)


def test_sixteen_bits_of_colour_are_read(tmp_path: Path) -> None:
    for suffix in (".png", ".tif"):
        cv2.imwrite(str(tmp_path / f"a{suffix}"), PORTRAIT_LIKE.astype(np.uint16) * 257)
        assert close(read_image(tmp_path / f"a{suffix}"), 1)


@pytest.mark.parametrize("suffix", [".png", ".webp"])
def test_of_an_animated_picture_the_first_is_read(tmp_path: Path, suffix: str) -> None:
    others = [Image.new("RGB", pillow().size, colour) for colour in ("red", "blue")]
    pillow().save(tmp_path / f"a{suffix}", save_all=True, append_images=others)
    assert close(read_image(tmp_path / f"a{suffix}"))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_arrives_upright(tmp_path: Path, orientation: int) -> None:
    laid = {1: "", 2: "m", 3: "180", 4: "180m", 5: "90m", 6: "90", 7: "270m", 8: "270"}[orientation]
    image = np.rot90(PORTRAIT_LIKE, int(laid.rstrip("m") or 0) // 90)
    if laid.endswith("m"):
        image = PORTRAIT_LIKE[:, ::-1] if laid == "m" else image[:, ::-1] if laid == "180m" else image
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(np.ascontiguousarray(image[:, :, ::-1])).save(tmp_path / "a.jpg", exif=exif, quality=95)
    found = read_image(tmp_path / "a.jpg")
    if orientation in (5, 7):
        assert found.shape == PORTRAIT_LIKE.shape
    else:
        assert close(found)


def claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is so large."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


READ = """
import sys
from pathlib import Path
from tracker.sources.images import read_image
for name in sys.argv[1:]:
    try:
        read_image(Path(name))
    except Exception as error:
        print(type(error).__name__, error)
"""


def test_a_picture_that_claims_to_be_huge_is_refused_before_memory_is_taken(tmp_path: Path) -> None:
    names = []
    for width, height in ((30_000, 30_000), (1_000_000, 500)):
        (tmp_path / f"{width}.png").write_bytes(claiming(width, height))
        names.append(str(tmp_path / f"{width}.png"))
    # in a process of its own: OpenCV takes the limit when it is loaded, and tests load it before the tracker
    said = subprocess.run([sys.executable, "-c", READ, *names], capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == [f"InputError {name} has more than 268 million pixels." for name in names]


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_that_is_cut_is_refused(tmp_path: Path, kind: str, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / f"a{kind}"
    write(path)
    data = path.read_bytes()
    for cut in range(20):
        path.write_bytes(data[: len(data) * cut // 20])
        with pytest.raises(InputError, match=r"is empty\.$|cannot be read as a picture\.$"):
            open_source(path)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("seed", range(100))
def test_a_picture_with_flipped_bytes_does_no_harm(
    tmp_path: Path, seed: int, capfd: pytest.CaptureFixture[str]
) -> None:
    rng = np.random.default_rng(seed)
    path = tmp_path / f"a{KINDS[seed % len(KINDS)]}"
    write(path)
    data = bytearray(path.read_bytes())
    for place in rng.integers(0, len(data) if seed % 3 else 60, 1 + seed % 20):
        data[place] = rng.integers(256)
    path.write_bytes(data)
    with suppress(InputError):
        assert read_image(path).ndim == 3
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("suffix", [".pgm", ".jp2", ".ppm", ".gif", ".mp4", ".MOV"])
def test_a_copy_of_a_kind_that_is_not_written_is_refused(tmp_path: Path, run_fkd: Fkd, suffix: str) -> None:
    write(tmp_path / "a.png")
    assert "name it .bmp" in run_fkd("video", "a.png", "--out", f"b{suffix}").sentence
    assert not (tmp_path / f"b{suffix}").exists()


def test_a_folder_is_not_drawn_into_one_picture(tmp_path: Path, run_fkd: Fkd) -> None:
    (tmp_path / "in").mkdir()
    for name in "ab":
        write(tmp_path / "in" / f"{name}.png")
    assert "name a folder" in run_fkd("video", "in", "--out", "all.png").sentence


def test_ten_thousand_pictures_are_taken_one_by_one(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    small = cv2.imencode(".jpg", PORTRAIT_LIKE[:16, :16])[1].tobytes()
    (folder / "0.jpg").write_bytes(small)
    for number in range(1, 10_000):
        os.link(folder / "0.jpg", folder / f"{number}.jpg")
    (folder / "5000.jpg").unlink()
    (folder / "5000.jpg").write_bytes(small[:100])
    face = Faces(np.ones((1, 15, 2)), np.ones((1, 15)), np.ones((1, 4)), np.ones(1), np.ones(1))  # type: ignore[arg-type]
    with (
        open_source(folder) as source,
        open_points(tmp_path / "p.jsonl") as lines,
        open_points(tmp_path / "p.csv") as table,
    ):
        for frame in source:
            lines.append(frame, face)
            table.append(frame, face)
    assert source.warning == "1 of 10000 pictures could not be read: 5000.jpg."
    names = [json.loads(line)["file"] for line in (tmp_path / "p.jsonl").read_text(encoding="utf-8").splitlines()]
    assert names == sorted(f"{number}.jpg" for number in range(10_000) if number != 5000)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "p.csv").read_text(encoding="utf-8"))))
    assert [row["file"] for row in rows] == names
