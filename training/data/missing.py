"""What to do about missing cells: mask them (the default everywhere), fill them, or drop their rows."""

import numpy as np
from numpy.typing import NDArray

from tracker.errors import InputError
from training.data.dataset import Faces96

WAYS = ("mask", "fill", "drop")


def handle_missing(faces: Faces96, way: str) -> Faces96:
    """Treats missing cells.

    Args:
        faces: with NaN where a cell is missing.
        way: `mask` leaves them missing, for losses that leave them out; `fill` puts in the mean of the column, as many
            published solutions do; `drop` keeps only complete rows.

    Raises:
        InputError: there is no such way, or no complete row to keep.
    """
    if way == "mask":
        return faces
    if way == "drop":
        kept = faces[np.asarray(faces.labelled.all(axis=1))]
        if len(kept) < 2:
            raise InputError(f"{len(kept)} of {len(faces)} rows are complete: too few to drop the others.")
        return kept
    if way == "fill":
        return Faces96(faces.images, np.where(np.isnan(faces.points), mean_points(faces), faces.points))
    raise InputError(f"Missing cells cannot be treated by {way!r}; there are {', '.join(WAYS)}.")


def mean_points(faces: Faces96) -> NDArray[np.float32]:
    """The mean of each point (15, 2) float32 over the rows that have it; the image's centre where no row has."""
    known = ~np.isnan(faces.points)
    total = np.where(known, faces.points, 0).sum(axis=0, dtype=np.float64)
    count = known.sum(axis=0)
    centre = (faces.images.shape[-1] - 1) / 2
    mean = np.where(count > 0, total / np.maximum(count, 1), centre)
    return np.asarray(mean, np.float32)
