"""One picture of a source."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.errors import InputError


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of a source.

    Attributes:
        image: (H, W, 3) uint8, BGR.
        index: how many frames of the source came before, those that were dropped included.
        time: seconds on the source's own clock: a video's time stamp, or when a camera's picture was taken.
        name: the file name, for a source of pictures.
    """

    image: NDArray[np.uint8]
    index: int = 0
    time: float = 0.0
    name: str | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        height, width = self.image.shape[:2]
        return width, height


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
