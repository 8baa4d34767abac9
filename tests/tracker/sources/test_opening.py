import pytest

from tracker.errors import CameraError
from tracker.sources.camera import Camera
from tracker.sources.opening import Wish, name_of, open_camera


@pytest.mark.parametrize(
    "address",
    [
        "rtsp://me:secret@camera.example/live",
        "rtsp://me:secret@word@camera.example/live",
        "rtsp://me:secret/word@camera.example/live",
        "rtsp://secret@camera.example/live?token=secret",
        "RTSP://me:secret@camera.example/live?url=http://secret",
    ],
)
def test_the_password_of_an_address_is_not_said(address: str) -> None:
    name = name_of(address)
    assert "secret" not in name
    assert name.lower() == "the stream rtsp://camera.example/live"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://camera.example:8080/live?user=me&password=sec@secret", "http://camera.example:8080/live"),
        ("http://[::1]:80/live?password=sec@secret", "http://[::1]:80/live"),
        ("http://camera.example?password=sec@secret", "http://…"),
        ("rtsp://me:secret?secret@camera.example/live", "rtsp://…"),
        ("rtsp://me:secret@camera.example/live?password=sec@secret", "rtsp://camera.example/live"),
    ],
)
def test_a_password_is_not_said_wherever_its_signs_stand(address: str, shown: str) -> None:
    assert name_of(address) == f"The stream {shown}"


def test_the_password_is_not_in_errors() -> None:
    address = "rtsp://me:secret@127.0.0.1:1/live?token=secret"
    with pytest.raises(CameraError, match=r"127\.0\.0\.1:1/live does not open") as caught:
        Camera(address)
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("address", ["rtsp://", "rtsp://[", "http://127.0.0.1:99999999/"])
def test_an_address_that_is_none_is_said(address: str) -> None:
    with pytest.raises(CameraError, match="does not open"):
        open_camera(address, Wish())
