"""Files that may not be read or written, or that are the input itself."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tracker.faults.conftest import Fkd
from tests.tracker.faults.test_pictures import write
from tests.tracker.test_sources import write_video
from tracker.sources.images import read_image

FKD = Path(sys.executable).parent / "fkd"
"""Root may read and write everything, unless it gives up that right."""
WITHOUT_RIGHTS = (
    ("setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--inh-caps", "-all") if os.geteuid() == 0 else ()
)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    write_video(tmp_path / "clip.mp4", [i / 30 for i in range(10)])
    return tmp_path / "clip.mp4"


def refused(folder: Path, *words: str) -> str:
    """The one sentence of the program, which has no right but those of the files' owner."""
    command = [*WITHOUT_RIGHTS, str(FKD), "video", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.splitlines()
    return line


def test_what_may_not_be_read_is_said(tmp_path: Path, clip: Path) -> None:
    clip.chmod(0)
    assert refused(tmp_path, "clip.mp4").startswith("fkd: Invalid value for 'input': path 'clip.mp4' is not readable")
    write(tmp_path / "a.png")
    (tmp_path / "a.png").chmod(0)
    assert "path 'a.png' is not readable" in refused(tmp_path, "a.png")
    (tmp_path / "folder").mkdir(mode=0)
    assert "path 'folder' is not readable" in refused(tmp_path, "folder")
    assert refused(tmp_path, "folder/clip.mp4") == "fkd: folder/clip.mp4 cannot be read: Permission denied."
    assert refused(tmp_path, "folder/a.png") == "fkd: folder/a.png cannot be read: Permission denied."
    (tmp_path / "folder").chmod(0o700)


@pytest.mark.parametrize("name", ["p.jsonl", "p.parquet", "new/p.csv"])
def test_a_folder_that_may_not_be_written_is_said(tmp_path: Path, clip: Path, name: str) -> None:
    (tmp_path / "folder").mkdir(mode=0o500)
    sentence = refused(tmp_path, str(clip), "--points", f"folder/{name}")
    assert sentence == f"fkd: folder/{name} cannot be written: Permission denied."
    assert list((tmp_path / "folder").iterdir()) == []


def test_a_file_that_may_not_be_replaced_is_kept(tmp_path: Path, clip: Path) -> None:
    (tmp_path / "p.csv").write_text("precious", encoding="utf-8")
    (tmp_path / "p.csv").chmod(0o400)
    assert "Permission denied" in refused(tmp_path, str(clip), "--points", "p.csv", "--overwrite")
    assert (tmp_path / "p.csv").read_text(encoding="utf-8") == "precious"


def test_what_is_no_file_is_refused_and_does_not_block(tmp_path: Path, run_fkd: Fkd) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    os.mkfifo(tmp_path / "pipe.png")
    for name in ("pipe.mp4", "pipe.png", "/dev/null"):
        assert f"{name} is no file" in run_fkd("video", name).sentence
    assert "no pictures" in run_fkd("video", ".").sentence


def test_an_address_is_no_file_and_its_password_is_not_repeated(run_fkd: Fkd) -> None:
    for words in (("video",), ("live", "--no-window", "--video")):
        sentence = run_fkd(*words, "https://me:secret@example.org/clip.mp4").sentence
        assert "fkd batch" in sentence
        assert "secret" not in sentence


def test_the_folder_in_which_one_is_has_a_name(tmp_path: Path, run_fkd: Fkd) -> None:
    write(tmp_path / "a.png")
    assert run_fkd("video", ".").code == 0
    assert (tmp_path / f"{tmp_path.name}.points.jsonl").exists()


def test_a_name_that_is_too_long_is_said(run_fkd: Fkd, clip: Path) -> None:
    assert "cannot be read: File name too long" in run_fkd("video", "x" * 300 + ".mp4").sentence
    assert "cannot be written: File name too long" in run_fkd("video", clip, "--points", "x" * 300 + ".csv").sentence


def link(source: Path, target: Path, way: str) -> None:
    if way == "hard":
        target.hardlink_to(source)
    else:
        target.symlink_to(source)


@pytest.mark.parametrize("way", ["hard", "soft"])
@pytest.mark.parametrize("command", ["video", "live"])
def test_a_video_is_never_written_over_by_whatever_name(
    tmp_path: Path, run_fkd: Fkd, clip: Path, way: str, command: str
) -> None:
    before = clip.read_bytes()
    link(clip, tmp_path / "other.mp4", way)
    (tmp_path / "folder").mkdir()
    for out in ("clip.mp4", "./folder/../clip.mp4", "other.mp4", str(clip)):
        words = ["video", "clip.mp4", "--out", out] if command == "video" else []
        words = words or ["live", "--no-window", "--video", "clip.mp4", "--record", out]
        assert "must differ from the input" in run_fkd(*words, "--overwrite").sentence
    assert clip.read_bytes() == before


def test_pictures_are_never_written_over(tmp_path: Path, run_fkd: Fkd) -> None:
    (tmp_path / "in").mkdir()
    write(tmp_path / "in" / "a.png")
    write(tmp_path / "in" / "b.png")
    before = (tmp_path / "in" / "a.png").read_bytes()
    (tmp_path / "link").symlink_to(tmp_path / "in")
    for source, out in (("in", "in"), ("in", "link"), ("in/a.png", "in"), ("in/a.png", "link/a.png")):
        assert "must differ" in run_fkd("video", source, "--out", out, "--overwrite").sentence
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.png").hardlink_to(tmp_path / "in" / "a.png")
    (tmp_path / "out" / "b.png").symlink_to(tmp_path / "in" / "b.png")
    assert run_fkd("video", "in", "--out", "out", "--overwrite").code == 0
    assert (tmp_path / "in" / "a.png").read_bytes() == (tmp_path / "in" / "b.png").read_bytes() == before
    assert (tmp_path / "out" / "a.png").read_bytes() != before
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.png", "b.png"]


def test_two_outputs_are_never_one_file(tmp_path: Path, run_fkd: Fkd, clip: Path) -> None:
    (tmp_path / "a.csv").touch()
    (tmp_path / "b.csv").hardlink_to(tmp_path / "a.csv")
    sentence = run_fkd("video", clip, "--points", "a.csv", "--points", "b.csv", "--overwrite").sentence
    assert sentence == "fkd: b.csv is named twice; outputs must differ from the input and from each other."
    words = ("--points", "a.csv", "--points", tmp_path / "b.csv", "--overwrite")
    assert "b.csv is named twice" in run_fkd("live", "--camera", "7", *words).sentence


def test_an_output_is_kept_if_the_input_is_none(tmp_path: Path, run_fkd: Fkd, clip: Path) -> None:
    (tmp_path / "p.csv").write_text("precious", encoding="utf-8")
    clip.write_bytes(b"no video")
    assert run_fkd("video", clip, "--points", "p.csv", "--overwrite").code == 2
    assert (tmp_path / "p.csv").read_text(encoding="utf-8") == "precious"


@pytest.mark.parametrize("slip", [("--points", "b.xyz"), ("--rerun", "b.mp4"), ("copy", "b.docx"), ("copy", "folder")])
@pytest.mark.parametrize("words", [("video", "clip.mp4"), ("live", "--no-window", "--video", "clip.mp4")])
@pytest.mark.usefixtures("clip")
def test_a_slip_in_one_output_costs_no_other(
    tmp_path: Path, run_fkd: Fkd, words: tuple[str, ...], slip: tuple[str, str]
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "p.csv").write_text("precious", encoding="utf-8")
    option, name = slip
    option = option.replace("copy", "--out" if words[0] == "video" else "--record")
    assert name in run_fkd(*words, "--points", "p.csv", "--points", "new.csv", option, name, "--overwrite").sentence
    assert (tmp_path / "p.csv").read_text(encoding="utf-8") == "precious"
    assert not (tmp_path / "new.csv").exists()


@pytest.mark.parametrize("words", [("video", "a.png", "--out", "b.png"), ("live", "--demo", "--record", "b.mp4")])
def test_an_output_that_exists_is_said_before_another_is_made(
    tmp_path: Path, run_fkd: Fkd, words: tuple[str, ...]
) -> None:
    write(tmp_path / "a.png")
    (tmp_path / words[-1]).write_text("precious", encoding="utf-8")
    assert f"{words[-1]} exists already" in run_fkd(*words, "--points", "new.csv").sentence
    assert not (tmp_path / "new.csv").exists()


SMALL_DISK = """
mount -t tmpfs -o size=96k tmpfs "$1" && cd "$1" || exit 99
"$2" video "$3" --out drawn --points points.jsonl
code=$?
cp -r drawn points.jsonl "$4"
exit $code
"""


def test_pictures_that_fill_a_small_disk_are_whole(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(6):
        write(tmp_path / "in" / f"{number}.png")
    for folder in ("disk", "saved"):
        (tmp_path / folder).mkdir()
    own = ["unshare", "--mount", *(["--map-root-user"] if os.geteuid() else [])]
    words = [str(tmp_path / "disk"), str(FKD), str(tmp_path / "in"), str(tmp_path / "saved")]
    done = subprocess.run(
        [*own, "sh", "-c", SMALL_DISK, "sh", *words], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 2, done.stderr
    assert "No space left on device" in done.stderr
    drawn = sorted((tmp_path / "saved" / "drawn").iterdir())
    assert [path.name for path in drawn] == [f"{number}.png" for number in range(len(drawn))]
    assert 1 <= len(drawn) < 6
    assert len({read_image(path).shape for path in drawn}) == 1
    lines = (tmp_path / "saved" / "points.jsonl").read_bytes().splitlines(keepends=True)
    assert all(line.endswith(b"}\n") for line in lines)
