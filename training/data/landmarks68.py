"""The 68 landmarks behind the labels that people set (`landmarks68.csv`): denser supervision, during training only.

They follow the numbering of iBUG (Sagonas et al., "300 Faces in-the-Wild Challenge", ICCV workshops 2013). Those 13
that are keypoints themselves are left out here, so that a network that learns both has 15 + 55 outputs.
"""

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from tracker.errors import InputError
from tracker.keypoints import COUNT, MIRROR, REGIONS
from training.data.face_set import LabelledFace

LANDMARKS = 68
_KEYPOINTS = (17, 21, 22, 26, 30, 36, 39, 42, 45, 48, 51, 54, 57)
FURTHER: tuple[int, ...] = tuple(index for index in range(LANDMARKS) if index not in _KEYPOINTS)
"""The landmarks that are no keypoints, by iBUG's numbers: 55 of them. They come after the keypoints."""

_PAIRS_ADD_UP_TO = (
    (range(17), 16),  # jaw
    (range(17, 27), 43),  # eyebrows
    (range(31, 36), 66),  # nostrils
    (range(48, 55), 102),  # upper lip, outside
    (range(55, 60), 114),  # lower lip, outside
    (range(60, 65), 124),  # upper lip, inside
    (range(65, 68), 132),  # lower lip, inside
)
_EYES = {36: 45, 37: 44, 38: 43, 39: 42, 40: 47, 41: 46}


def _mirror68() -> list[int]:
    mirror = list(range(LANDMARKS))
    for members, total in _PAIRS_ADD_UP_TO:
        for index in members:
            mirror[index] = total - index
    for one, other in _EYES.items():
        mirror[one], mirror[other] = other, one
    return mirror


MIRROR_ALL: tuple[int, ...] = (*MIRROR, *(COUNT + FURTHER.index(_mirror68()[index]) for index in FURTHER))
"""Index of the point, of all 70, that each one becomes when the picture is mirrored."""

REGIONS_ALL: dict[str, tuple[int, ...]] = {
    region: (
        *members,
        *(COUNT + place for place, index in enumerate(FURTHER) if (27 <= index < 48) == (region == "eyes_nose")),
    )
    for region, members in REGIONS.items()
}
"""All 70 points by branch: eyes and nose, and the rest. The keypoints come first in each."""


def with_landmarks(faces: Sequence[LabelledFace], folder: Path) -> list[LabelledFace]:
    """Adds the 55 further landmarks to the points of faces; they are NaN where a face has none.

    Args:
        faces: with 15 points each.
        folder: the folder that holds `faces/landmarks68.csv`.

    Returns:
        The same faces with points (70, 2).

    Raises:
        InputError: the table is not there, or a row of it does not hold 68 points.
    """
    table = folder / "faces" / "landmarks68.csv"
    if not table.is_file():
        raise InputError(f"There is no table of 68 landmarks at {table}.")
    found = {}
    with table.open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        next(rows, None)
        for number, row in enumerate(rows, 2):
            try:
                points = np.array(row[1:], np.float32).reshape(LANDMARKS, 2)
            except ValueError:
                raise InputError(f"{table}: row {number} does not hold {2 * LANDMARKS} numbers.") from None
            found[row[0]] = points[list(FURTHER)]
    unknown = np.full((len(FURTHER), 2), np.nan, np.float32)
    root = table.parent
    return [
        replace(
            face,
            points=np.concatenate([face.points, found.get(face.path.relative_to(root).as_posix(), unknown)]),
        )
        for face in faces
    ]
