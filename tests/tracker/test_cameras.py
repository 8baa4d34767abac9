import ctypes
import errno
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import cv2_enumerate_cameras
import pytest
from cv2_enumerate_cameras.camera_info import CameraInfo as Listed

from tests.conftest import environment
from tracker import CameraError
from tracker.sources import opening
from tracker.sources.cameras import CameraInfo, find_camera, list_cameras
from tracker.sources.opening import Wish, open_camera
from tracker.sources.v4l2 import Mode, read_modes

USB = r"\\?\usb#vid_046d&pid_0825&mi_00#7&1a2b3c4d&0&0000"
SYSTEM = {
    cv2.CAP_GSTREAMER: [Listed(0, "Webcam", "/dev/video0", None, None, cv2.CAP_GSTREAMER)],
    cv2.CAP_V4L2: [
        Listed(2, "Microscope", "/dev/video2", None, None, cv2.CAP_V4L2),
        Listed(0, "Webcam", "/dev/video0", None, None, cv2.CAP_V4L2),
    ],
    cv2.CAP_MSMF: [Listed(0, "Webcam", USB + r"#{e5323777-f976-4f5b-9b55-b94699c46e44}\global", 1, 2, cv2.CAP_MSMF)],
    cv2.CAP_DSHOW: [
        Listed(0, "Virtual Camera", None, None, None, cv2.CAP_DSHOW),
        Listed(1, "Webcam", USB.upper() + r"#{65e8773d-8f56-11d0-a3b9-00a0c9223196}\global", 1, 2, cv2.CAP_DSHOW),
    ],
}
Plug = Callable[..., None]


@pytest.fixture
def plug_in(monkeypatch: pytest.MonkeyPatch) -> Plug:
    """Makes the system list the cameras of these backends, in this order."""

    def plug(*backends: int) -> None:
        monkeypatch.setattr(cv2_enumerate_cameras, "supported_backends", backends)
        monkeypatch.setattr(cv2_enumerate_cameras, "enumerate_cameras", SYSTEM.__getitem__)

    return plug


def test_on_linux_indices_are_those_of_the_devices(plug_in: Plug) -> None:
    plug_in(cv2.CAP_GSTREAMER, cv2.CAP_V4L2)
    assert list_cameras() == [
        CameraInfo(0, "Webcam", "/dev/video0", cv2.CAP_V4L2),
        CameraInfo(2, "Microscope", "/dev/video2", cv2.CAP_V4L2),
    ]


def test_on_windows_a_camera_comes_once_and_by_media_foundation(plug_in: Plug) -> None:
    plug_in(cv2.CAP_DSHOW, cv2.CAP_MSMF)
    assert [(camera.index, camera.name, camera.backend) for camera in list_cameras()] == [
        (0, "Webcam", cv2.CAP_MSMF),
        (0, "Virtual Camera", cv2.CAP_DSHOW),
    ]


def test_a_backend_that_fails_leaves_the_others(plug_in: Plug, monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(cv2.CAP_MSMF, cv2.CAP_DSHOW)

    def enumerate_cameras(backend: int) -> list[Listed]:
        if backend == cv2.CAP_MSMF:
            raise OSError("no such service")
        return SYSTEM[backend]

    monkeypatch.setattr(cv2_enumerate_cameras, "enumerate_cameras", enumerate_cameras)
    assert [camera.name for camera in list_cameras()] == ["Virtual Camera", "Webcam"]


class Capture:
    """Opens with some backends only."""

    def __init__(self, opens: bool) -> None:
        self._opens = opens

    def isOpened(self) -> bool:  # noqa: N802
        return self._opens

    def set(self, *_: float) -> bool:
        return False


@pytest.mark.parametrize(
    ("which", "works", "tried"),
    [
        (0, {cv2.CAP_MSMF}, [(0, cv2.CAP_MSMF)]),
        ("0", {cv2.CAP_MSMF}, [(0, cv2.CAP_MSMF)]),
        (0, {cv2.CAP_ANY}, [(0, cv2.CAP_MSMF), (0, cv2.CAP_ANY)]),
        (7, {cv2.CAP_ANY}, [(7, cv2.CAP_ANY)]),
        ("virtual", {cv2.CAP_DSHOW}, [(0, cv2.CAP_DSHOW)]),
    ],
)
def test_a_camera_is_opened_with_the_backend_that_lists_it(
    plug_in: Plug, monkeypatch: pytest.MonkeyPatch, which: int | str, works: set[int], tried: list[tuple[int, int]]
) -> None:
    plug_in(cv2.CAP_DSHOW, cv2.CAP_MSMF)
    calls = []

    def open_capture(index: int, backend: int) -> Capture:
        calls.append((index, backend))
        return Capture(backend in works)

    monkeypatch.setattr(opening, "open_capture", open_capture)
    open_camera(which, Wish())
    assert calls == tried


def test_a_camera_that_does_not_open_is_said(plug_in: Plug, monkeypatch: pytest.MonkeyPatch) -> None:
    plug_in(cv2.CAP_V4L2)
    monkeypatch.setattr(opening, "open_capture", lambda *_: Capture(False))
    with pytest.raises(CameraError, match=r"Camera micro does not open; there are: 0 \(Webcam\), 2 \(Microscope\)"):
        open_camera("micro", Wish())


def test_a_link_to_a_camera_is_followed(tmp_path: Path) -> None:
    device = tmp_path / "video0"
    device.touch()
    (tmp_path / "by-id").symlink_to(device)
    camera = CameraInfo(0, "Webcam", str(device), cv2.CAP_V4L2)
    assert find_camera(str(tmp_path / "by-id"), [camera]) is camera


def test_a_file_is_no_camera(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").touch()
    with pytest.raises(CameraError, match="--video"):
        find_camera(str(tmp_path / "clip.mp4"), [])


@pytest.mark.parametrize(("system", "value"), [("win32", "0"), ("linux", None)])
def test_media_foundation_is_kept_from_opening_slowly(system: str, value: str | None) -> None:
    variable = "OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS"
    code = f"import os, sys; sys.platform = {system!r}; import tracker; print(os.environ.get({variable!r}))"
    kept = {name: text for name, text in environment().items() if name != variable}
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, env=kept, capture_output=True, text=True, check=True, timeout=60)
    assert result.stdout.strip() == str(value)


class Fraction(ctypes.Structure):
    _fields_ = (("numerator", ctypes.c_uint32), ("denominator", ctypes.c_uint32))


class Format(ctypes.Structure):
    _fields_ = (
        ("index", ctypes.c_uint32),
        ("type", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("description", ctypes.c_char * 32),
        ("pixelformat", ctypes.c_uint32),
        ("mbus_code", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32 * 3),
    )


class Size(ctypes.Structure):
    _fields_ = (
        ("index", ctypes.c_uint32),
        ("pixel_format", ctypes.c_uint32),
        ("type", ctypes.c_uint32),
        ("numbers", ctypes.c_uint32 * 6),
        ("reserved", ctypes.c_uint32 * 2),
    )


class Interval(ctypes.Structure):
    _fields_ = (
        ("index", ctypes.c_uint32),
        ("pixel_format", ctypes.c_uint32),
        ("width", ctypes.c_uint32),
        ("height", ctypes.c_uint32),
        ("type", ctypes.c_uint32),
        ("fractions", Fraction * 3),
        ("reserved", ctypes.c_uint32 * 2),
    )


MJPG, YUYV = 0x47504A4D, 0x56595559
DISCRETE, STEPWISE = 1, 3
SIZES = {MJPG: [(640, 480), (1920, 1080)], YUYV: [(640, 480)]}
RATES = {(MJPG, 640, 480): [(1, 30), (1, 60)], (MJPG, 1920, 1080): [(1001, 30000)], (YUYV, 640, 480): [(1, 30)]}


def driver(_: int, request: int, question: bytes) -> bytes:
    """A camera's driver, with the structures as the kernel declares them and the numbers of its header."""

    def item(found: list, index: int) -> object:  # type: ignore[type-arg]
        if index >= len(found):
            raise OSError(errno.EINVAL, "no more")
        return found[index]

    if request == 0xC0405602:
        answer: ctypes.Structure = Format.from_buffer_copy(question)
        assert answer.type == 1
        answer.pixelformat = item([MJPG, YUYV], answer.index)
    elif request == 0xC02C564A:
        answer = Size.from_buffer_copy(question)
        answer.type = DISCRETE
        answer.numbers[:2] = item(SIZES[answer.pixel_format], answer.index)
    elif request == 0xC034564B:
        answer = Interval.from_buffer_copy(question)
        rates = RATES[answer.pixel_format, answer.width, answer.height]
        answer.type = DISCRETE
        answer.fractions[0] = Fraction(*item(rates, answer.index))
    else:
        raise AssertionError(hex(request))
    return bytes(answer)


needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="Only Linux has Video for Linux.")


@needs_linux
def test_sizes_come_with_their_highest_rates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fcntl.ioctl", driver)
    device = tmp_path / "video0"
    device.touch()
    open_files = len(list(Path("/proc/self/fd").iterdir()))
    modes = CameraInfo(0, "Webcam", str(device), cv2.CAP_V4L2).modes()
    assert modes == [Mode(640, 480, 60.0), Mode(1920, 1080, pytest.approx(29.97, abs=0.001))]
    assert len(list(Path("/proc/self/fd").iterdir())) == open_files


@needs_linux
def test_a_range_of_sizes_is_told_by_its_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def any_size(device: int, request: int, question: bytes) -> bytes:
        if request != 0xC02C564A:
            if request == 0xC034564B:
                raise OSError(errno.ENOTTY, "not told")
            return driver(device, request, question)
        answer = Size.from_buffer_copy(question)
        if answer.index:
            raise OSError(errno.EINVAL, "no more")
        answer.type, answer.numbers[:] = STEPWISE, (2, 8192, 2, 1, 4096, 1)
        return bytes(answer)

    monkeypatch.setattr("fcntl.ioctl", any_size)
    (tmp_path / "video0").touch()
    assert read_modes(str(tmp_path / "video0")) == [Mode(2, 1, None), Mode(8192, 4096, None)]


def test_what_is_no_camera_has_no_sizes(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert read_modes(str(tmp_path / "file")) == read_modes(str(tmp_path / "missing")) == []
