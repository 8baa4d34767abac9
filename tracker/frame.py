"""One picture of a source."""

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from tracker.errors import InputError

if TYPE_CHECKING:
    from tracker.planes import Planes

_TURNING = threading.Lock()
"""Held while a video's frame is turned to BGR."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of a source.

    Attributes:
        image: (H, W, 3) uint8, BGR.
        index: how many frames of the source came before, those that were dropped included.
        time: seconds on the source's own clock: a video's time stamp, or when a camera's picture was taken.
        name: the file name, for a source of pictures.
        camera: which of several sources it is of, from 0; None where there is one.
    """

    image: NDArray[np.uint8]
    index: int = 0
    time: float = 0.0
    name: str | None = None
    camera: int | None = None

    def of_camera(self, number: int) -> Self:
        """Says which of several sources the frame is of, before anybody else has it; returns the frame."""
        object.__setattr__(self, "camera", number)
        return self

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        height, width = self.image.shape[:2]
        return width, height

    @property
    def planes(self) -> "Planes | None":
        """The picture as it was decoded, where the source has it; see `VideoFrame`."""
        return None


class VideoFrame(Frame):
    """A frame of a video, which is turned to BGR when its `image` is first asked for.

    From then on `planes` is None, for the image is the caller's to change. May be asked by several threads.
    """

    __slots__ = ("_image", "_planes")
    _image: NDArray[np.uint8] | None
    _planes: "Planes | None"

    def __init__(
        self,
        image: NDArray[np.uint8] | None,
        index: int = 0,
        time: float = 0.0,
        name: str | None = None,
        camera: int | None = None,
    ) -> None:
        self._set(index=index, time=time, name=name, camera=camera, _image=image, _planes=None)

    @classmethod
    def of(cls, planes: "Planes", index: int, time: float) -> Self:
        """Makes the frame of a picture as it was decoded."""
        frame = cls(None, index, time)
        frame._set(_planes=planes)
        return frame

    @property
    def image(self) -> NDArray[np.uint8]:
        """(H, W, 3) uint8, BGR."""
        with _TURNING:
            if self._image is None:
                assert self._planes is not None
                self._set(_image=self._planes.bgr(), _planes=None)
            return self._image  # type: ignore[return-value] # it was just set

    @property
    def planes(self) -> "Planes | None":
        """The picture as it was decoded; None once `image` was asked for."""
        return self._planes

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        planes = self._planes
        height, width = (self.image if planes is None else planes).shape[:2]
        return width, height

    def _set(self, **values: object) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)


def pixels_of(frame: Frame) -> "NDArray[np.uint8] | Planes":
    """Returns a frame's picture as it was decoded where it has that, else as `as_bgr` does.

    Raises:
        InputError: it is no frame, or holds no image.
    """
    if not isinstance(frame, Frame):
        kind = type(frame).__name__
        raise InputError(f"A stream is made of frames, as Frame(image, index, time) or of open_source, not of {kind}.")
    planes = frame.planes
    return as_bgr(frame.image) if planes is None else planes


def as_bgr(image: object) -> NDArray[np.uint8]:
    """Returns an image as a contiguous (H, W, 3) uint8 BGR array, without a copy where it is one already.

    Args:
        image: (H, W, 3) BGR, (H, W, 4) BGRA, (H, W) or (H, W, 1) gray; uint8.

    Raises:
        InputError: it is not an image of these kinds.
    """
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8:
        kind = image.dtype if isinstance(image, np.ndarray) else type(image).__name__
        raise InputError(f"An image must be an array of uint8, not {kind}.")
    if image.ndim == 3 and image.shape[2] == 1:
        image = image[:, :, 0]
    if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[2] not in (3, 4)) or 0 in image.shape:
        raise InputError(f"An image must be (height, width, 3), not {image.shape}.")
    if image.ndim == 2:
        image = np.repeat(image[:, :, None], 3, axis=2)
    return np.ascontiguousarray(image[:, :, :3])
