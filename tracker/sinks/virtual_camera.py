"""A virtual camera: the annotated picture as a camera that video calls and OBS can choose."""

from typing import Any

import cv2

from tracker.drawing import draw_faces
from tracker.errors import OutputError
from tracker.extras import need
from tracker.faces import Faces
from tracker.frame import Frame
from tracker.sinks.base import BaseSink

RATE = 30.0
"""Frames per second that the device is told where the source does not say."""


class VirtualCameraSink(BaseSink):
    """Shows each frame with its faces drawn on a virtual camera, which is opened with the first.

    Args:
        device: name of the device (`/dev/video2`, `OBS Virtual Camera`), or None for the first that there is.
        rate: about how many frames per second will come; nothing is timed by it.

    Raises:
        OutputError: pyvirtualcam is not installed.
    """

    def __init__(self, device: str | None = None, rate: float | None = None) -> None:
        self._library = need("pyvirtualcam", extra="virtual-camera", purpose="A virtual camera")
        self._device, self._rate = device, rate or RATE
        self._camera: Any = None

    def append(self, frame: Frame, faces: Faces) -> None:
        """Shows the frame, in the size of the first.

        Raises:
            OutputError: there is no such device.
        """
        if self._camera is None:
            self._camera = self._open(*frame.size)
        picture = draw_faces(frame.image, faces)
        size = (self._camera.width, self._camera.height)
        self._camera.send(picture if frame.size == size else cv2.resize(picture, size, interpolation=cv2.INTER_AREA))

    def close(self) -> None:
        """Frees the device; may be called twice."""
        if self._camera is not None:
            self._camera.close()

    def _open(self, width: int, height: int) -> Any:
        library = self._library
        try:
            return library.Camera(width, height, self._rate, fmt=library.PixelFormat.BGR, device=self._device)
        except RuntimeError as error:
            device = f"The virtual camera {self._device}" if self._device else "A virtual camera"
            reason = " ".join(str(error).split()).rstrip(".")
            raise OutputError(f"{device} cannot be opened ({reason}); docs/obs.md says how to make one.") from None
