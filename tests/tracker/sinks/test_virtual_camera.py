import numpy as np
import pytest
import pyvirtualcam.camera

from tests.tracker.sinks.given import GIVEN, faces, frame
from tests.tracker.sinks.test_streams import hide
from tracker import OutputError
from tracker.drawing import draw_faces
from tracker.sinks.virtual_camera import VirtualCameraSink


class Device:
    """A backend as pyvirtualcam asks for one, which keeps the pictures."""

    opened: list["Device"]

    def __init__(self, *, width: int, height: int, fps: float, fourcc: int, device: str | None) -> None:
        if device == "/dev/nothing":
            raise RuntimeError("'/dev/nothing' is no device.")
        self.size, self.rate, self.fourcc, self.name = (width, height), fps, fourcc, device or "first"
        self.pictures: list[np.ndarray] = []
        self.closed = False
        self.opened.append(self)

    def send(self, picture: np.ndarray) -> None:
        width, height = self.size
        self.pictures.append(picture.reshape(height, width, 3).copy())

    def close(self) -> None:
        assert not self.closed
        self.closed = True

    def device(self) -> str:
        return self.name

    def native_fourcc(self) -> int | None:
        return None


@pytest.fixture
def devices(monkeypatch: pytest.MonkeyPatch) -> list[Device]:
    """The devices that are opened; pyvirtualcam has no other backend meanwhile."""
    Device.opened = []
    monkeypatch.setattr(pyvirtualcam.camera, "BACKENDS", {})
    pyvirtualcam.register_backend("fake", Device)
    return Device.opened


def test_the_annotated_pictures_are_shown_as_they_are(devices: list[Device]) -> None:
    with VirtualCameraSink("/dev/video7", rate=25) as sink:
        for one in GIVEN:
            sink.append(*one)
        (device,) = devices
        assert not device.closed
    assert device.closed
    assert (device.name, device.size, device.rate) == ("/dev/video7", (160, 120), 25)
    assert device.fourcc == pyvirtualcam.util.encode_fourcc(pyvirtualcam.PixelFormat.BGR.value)
    for picture, (given, found) in zip(device.pictures, GIVEN, strict=True):
        assert (picture == draw_faces(given.image, found)).all()
    assert (device.pictures[0] != GIVEN[0][0].image).any()


def test_a_picture_of_another_size_is_scaled(devices: list[Device]) -> None:
    with VirtualCameraSink() as sink:
        sink.append(frame(0), faces())
        sink.append(frame(1, size=(240, 320)), faces())
    assert [picture.shape for picture in devices[0].pictures] == [(120, 160, 3)] * 2


def test_a_device_that_is_not_there_is_said(devices: list[Device]) -> None:
    with VirtualCameraSink("/dev/nothing") as sink, pytest.raises(OutputError, match="/dev/nothing cannot be opened"):
        sink.append(*GIVEN[0])
    assert devices == []


def test_a_missing_package_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch, "pyvirtualcam")
    with pytest.raises(OutputError, match=r'pip install "fkd\[virtual-camera\]"'):
        VirtualCameraSink()


def test_closing_without_a_picture_is_harmless(devices: list[Device]) -> None:
    sink = VirtualCameraSink()
    sink.close()
    sink.close()
    assert devices == []
