"""Which cameras there are."""

from dataclasses import dataclass
from pathlib import Path

import cv2

from tracker.errors import CameraError
from tracker.sources.v4l2 import Mode, read_modes

_BACKENDS = (cv2.CAP_V4L2, cv2.CAP_MSMF, cv2.CAP_DSHOW, cv2.CAP_AVFOUNDATION)
"""What cameras are opened with, best first. On Windows, DirectShow is for those that Media Foundation does not list,
as some virtual cameras: it takes pictures uncompressed, and then large ones come at a low rate."""


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """A camera of this machine.

    Attributes:
        index: the number that opens it with its backend.
        name: what the system calls it.
        path: the system's path to it, where there is one.
        backend: OpenCV's number of the library that it is opened with.
    """

    index: int
    name: str
    path: str
    backend: int

    @property
    def backend_name(self) -> str:
        """What OpenCV calls the backend."""
        return cv2.videoio_registry.getBackendName(self.backend) if self.backend else "any"

    def modes(self) -> list[Mode]:
        """The sizes and rates that it offers, smallest first; empty where the system does not tell, as outside Linux.

        No picture is taken from the camera.
        """
        return read_modes(self.path) if self.backend == cv2.CAP_V4L2 else []


def list_cameras() -> list[CameraInfo]:
    """Lists the cameras of this machine without opening any; a camera that several backends list comes once."""
    import cv2_enumerate_cameras as system

    cameras: dict[str, CameraInfo] = {}
    for backend in _BACKENDS:
        if backend not in system.supported_backends:
            continue
        try:
            found = system.enumerate_cameras(backend)
        except (OSError, RuntimeError):
            continue
        for camera in found:
            info = CameraInfo(camera.index, camera.name or f"camera {camera.index}", camera.path or "", backend)
            cameras.setdefault(_device(info), info)
    return sorted(cameras.values(), key=lambda info: (_BACKENDS.index(info.backend), info.index))


def _device(info: CameraInfo) -> str:
    """What is the same for one camera in all backends: those of Windows end its path each with an identifier."""
    return info.path.casefold().split("#{")[0] or f"{info.backend}:{info.index}"


def find_camera(name: str, cameras: list[CameraInfo]) -> CameraInfo:
    """Returns the camera whose name or path is or contains the words given, in any case.

    Raises:
        CameraError: no camera or more than one fits.
    """
    wanted = name.casefold()
    paths = {wanted, str(Path(name).resolve()).casefold()} if name.startswith("/") else {wanted}  # may be a link
    exact = [camera for camera in cameras if camera.name.casefold() == wanted or camera.path.casefold() in paths]
    fitting = exact or [camera for camera in cameras if wanted in camera.name.casefold()]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting and Path(name).is_file():
        raise CameraError(f"{name} is a file and no camera; play it with --video.")
    problem = "No camera is called" if not fitting else "More than one camera is called"
    raise CameraError(f"{problem} {name!r}; {say_cameras(cameras)}.")


def say_cameras(cameras: list[CameraInfo]) -> str:
    """Puts the cameras there are into words, for a message."""
    if not cameras:
        return "this machine has no camera; try --demo"
    names = ", ".join(f"{camera.index} ({camera.name})" for camera in cameras)
    return f"there are: {names}; or try --demo"
