"""The face set: photographs of faces with context, and their 15 points (`faces.csv`)."""

import csv
import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tracker.crop import CROP_SIZE, anchors_of, crop_transforms, cut_crops, to_crop
from tracker.errors import InputError
from tracker.keypoints import COUNT, KEYPOINTS
from training.data.dataset import Dataset, Faces96

DATA_VARIABLE = "FKD_DATA"
DEFAULT_FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data"
TEST_SUBSET = "afw"
COLUMNS = (
    "file",
    "set",
    "group",
    "label",
    "width",
    "height",
    *(f"{name}_{axis}" for name in KEYPOINTS for axis in "xy"),
)


@dataclass(frozen=True, slots=True)
class LabelledFace:
    """One face of the set.

    Attributes:
        path: the picture.
        subset: which collection it comes from, `lfpw` for instance.
        group: what it shares with other pictures of the collection: the photograph or the person.
        human: whether a person set the points; otherwise another network did.
        points: (15, 2) float32 pixels of the picture, (0, 0) at the centre of the top-left one; (70, 2) once
            `training.data.landmarks68` has added further landmarks.
    """

    path: Path
    subset: str
    group: str
    human: bool
    points: NDArray[np.float32]

    def gray(self) -> NDArray[np.uint8]:
        """Reads the picture, (H, W) uint8."""
        return self._read(cv2.IMREAD_GRAYSCALE)

    def colour(self) -> NDArray[np.uint8]:
        """Reads the picture, (H, W, 3) uint8 BGR."""
        return self._read(cv2.IMREAD_COLOR)

    def _read(self, flag: int) -> NDArray[np.uint8]:
        image = cv2.imread(str(self.path), flag)
        if image is None:
            raise InputError(f"The picture {self.path} of the face set cannot be read.")
        return np.asarray(image, np.uint8)


def data_folder(given: Path | None = None) -> Path:
    """Where the data is: the folder given, else the one in `FKD_DATA`, else `../shared/data` beside the project."""
    return given or Path(os.environ.get(DATA_VARIABLE) or DEFAULT_FOLDER)


def read_face_set(folder: Path, subsets: Iterable[str] | None = None) -> list[LabelledFace]:
    """Reads the table of the face set; pictures are read when asked for.

    Args:
        folder: the folder that holds `faces/faces.csv`.
        subsets: the collections wanted; all if None.

    Raises:
        InputError: the table is not there, or a row of it is not as it should be.
    """
    table = folder / "faces" / "faces.csv"
    if not table.is_file() and (folder / "faces.csv").is_file():
        table = folder / "faces.csv"
    if not table.is_file():
        raise InputError(f"There is no face set at {table}; name its folder with --data or {DATA_VARIABLE}.")
    wanted = None if subsets is None else set(subsets)
    try:
        with table.open(newline="", encoding="utf-8") as file:
            rows = csv.reader(file)
            if tuple(next(rows, ())) != COLUMNS:
                raise InputError(f"{table}: the columns are not those of a face set.")
            faces = [_face(row, table, number) for number, row in enumerate(rows, 2)]
    except OSError as error:
        raise InputError(f"{table} cannot be read: {error.strerror}.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{table} is not a table: {error}.") from None
    return [face for face in faces if wanted is None or face.subset in wanted]


def _face(row: list[str], table: Path, number: int) -> LabelledFace:
    if len(row) != len(COLUMNS):
        raise InputError(f"{table}: row {number} has {len(row)} cells, not {len(COLUMNS)}.")
    try:
        points = np.array(row[6:], np.float32).reshape(COUNT, 2)
    except ValueError:
        raise InputError(f"{table}: row {number} does not hold {2 * COUNT} numbers.") from None
    if not np.isfinite(points).all():
        raise InputError(f"{table}: row {number} does not hold {2 * COUNT} numbers.")
    return LabelledFace(table.parent / row[0], row[1], row[2], row[3] == "human", points)


def read_as_dataset(table: Path) -> Dataset:
    """Reads a face set in the competition's form: each face cut to 96x96 as the tracker cuts it, all of one kind.

    `afw` becomes the test images: it is the development test set and never trained on.

    Args:
        table: the `faces.csv`.

    Raises:
        InputError: as `read_face_set`, or there is no face to train on.
    """
    faces = read_face_set(table.parent.parent if table.parent.name == "faces" else table.parent)
    kept = [face for face in faces if face.subset != TEST_SUBSET]
    if not kept:
        raise InputError(f"{table} holds no face to train on: none that is not of {TEST_SUBSET}, the test set.")
    names: dict[tuple[str, str], int] = {}
    groups = np.array([names.setdefault((face.subset, face.group), len(names)) for face in kept], np.int64)
    test = _cut([face for face in faces if face.subset == TEST_SUBSET])
    digest = hashlib.sha256(table.read_bytes()).hexdigest()
    ids = np.arange(1, len(test) + 1)
    return Dataset(table.resolve(), digest, _cut(kept), test.images, ids, groups=groups)


def _cut(faces: list[LabelledFace]) -> Faces96:
    images, points = (
        np.empty((len(faces), CROP_SIZE, CROP_SIZE), np.uint8),
        np.empty((len(faces), COUNT, 2), np.float32),
    )
    for row, face in enumerate(faces):
        transforms = crop_transforms(anchors_of(face.points[None]))
        (images[row],) = cut_crops(face.gray(), transforms)
        (points[row],) = to_crop(transforms, face.points[None])
    return Faces96(images, points)


def split_by_group(faces: list[LabelledFace], share: float, seed: int) -> tuple[list[LabelledFace], list[LabelledFace]]:
    """Splits faces in two so that no group is on both sides.

    Args:
        faces: what to split.
        share: the part of the groups, 0 to 1, whose faces go to the second list.
        seed: of the choice, which depends on nothing else but the groups' names.

    Returns:
        The faces that stay and the faces that were held out.
    """
    groups = sorted({(face.subset, face.group) for face in faces})
    order = np.random.default_rng(seed).permutation(len(groups))
    held = {groups[index] for index in order[: round(share * len(groups))]}
    kept = [face for face in faces if (face.subset, face.group) not in held]
    return kept, [face for face in faces if (face.subset, face.group) in held]
