"""Which cameras there are."""

from dataclasses import dataclass

import cv2

from tracker.errors import CameraError


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """A camera of this machine.

    Attributes:
        index: the number that opens it.
        name: what the system calls it.
        path: the system's path to it, where there is one.
        backend: OpenCV's number of the library that it is opened with.
    """

    index: int
    name: str
    path: str
    backend: int


def list_cameras() -> list[CameraInfo]:
    """Lists the cameras of this machine without opening any."""
    from cv2_enumerate_cameras import enumerate_cameras

    try:
        found = list(enumerate_cameras(cv2.CAP_ANY))
    except (OSError, RuntimeError):
        return []
    cameras: dict[str, CameraInfo] = {}
    for camera in found:
        index = camera.index - camera.backend if camera.index >= camera.backend else camera.index
        info = CameraInfo(index, camera.name or f"camera {index}", camera.path or "", camera.backend)
        cameras.setdefault(info.path or f"{info.backend}:{info.index}", info)
    return sorted(cameras.values(), key=lambda info: info.index)


def find_camera(name: str, cameras: list[CameraInfo]) -> CameraInfo:
    """Returns the camera whose name or path is or contains the words given, in any case.

    Raises:
        CameraError: no camera or more than one fits.
    """
    wanted = name.casefold()
    exact = [camera for camera in cameras if wanted in (camera.name.casefold(), camera.path.casefold())]
    fitting = exact or [camera for camera in cameras if wanted in camera.name.casefold()]
    if len(fitting) == 1:
        return fitting[0]
    problem = "No camera is called" if not fitting else "More than one camera is called"
    raise CameraError(f"{problem} {name!r}; {say_cameras(cameras)}.")


def say_cameras(cameras: list[CameraInfo]) -> str:
    """Puts the cameras there are into words, for a message."""
    if not cameras:
        return "this machine has no camera; try --demo"
    names = ", ".join(f"{camera.index} ({camera.name})" for camera in cameras)
    return f"there are: {names}; or try --demo"
