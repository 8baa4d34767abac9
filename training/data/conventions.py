"""The two conventions of labelling, and the outputs that keep them apart.

In the competition's data the rows with few labels come from other annotators than the rows with all, who set the nose
tip lower and the bottom lip higher. A network that is asked for one number where there are two answers learns their
mean. So a keypoint that the conventions place differently gets two outputs ("heads"), each trained by its own rows.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.keypoints import COUNT, INDEX, LEFT_EYE, MIRROR, REGIONS, RIGHT_EYE
from training.data.dataset import FIRST, SECOND, SPARSE, Faces96

COMPARED = tuple(keypoint for keypoint in SPARSE if keypoint not in (LEFT_EYE, RIGHT_EYE))
"""Keypoints whose place can be compared: those of the second kind other than the eyes, which are the ruler."""
FEWEST_ROWS = 30
"""With fewer rows of a kind than this nothing is measured."""
SMALLEST_OFFSET = 0.04
"""An offset below this share of the eye distance is not worth two outputs."""
SURE = 5.0
"""An offset is believed from this many standard errors on."""


@dataclass(frozen=True, slots=True)
class Offset:
    """How far the second convention sets a keypoint from the first, on average, in the face's own frame.

    Attributes:
        keypoint: its index.
        across, down: mean difference in eye distances, to the face's left and towards its chin.
        error: standard error of `down`.
        rows: how many rows of the first and the second kind were compared.
    """

    keypoint: int
    across: float
    down: float
    error: float
    rows: tuple[int, int]

    @property
    def apart(self) -> bool:
        """Whether the keypoint means two different places."""
        size = float(np.hypot(self.across, self.down))
        return size > SMALLEST_OFFSET and size > SURE * self.error


def measure_offsets(faces: Faces96) -> list[Offset]:
    """Measures how the rows of the second kind differ from those of the first; empty where there are too few."""
    kinds, places = faces.kinds, in_face_frame(faces.points)
    offsets = []
    for keypoint in COMPARED:
        place = places[:, keypoint]
        known = ~np.isnan(place).any(axis=1)
        first, second = (place[known & (kinds == kind)] for kind in (FIRST, SECOND))
        if min(len(first), len(second)) < FEWEST_ROWS:
            continue
        across, down = second.mean(axis=0) - first.mean(axis=0)
        error = np.sqrt(first[:, 1].var() / len(first) + second[:, 1].var() / len(second))
        offsets.append(Offset(keypoint, float(across), float(down), float(error), (len(first), len(second))))
    return offsets


def in_face_frame(points: NDArray[np.floating]) -> NDArray[np.float64]:
    """Maps points (N, 15, 2) to a frame with its origin between the eye centres and the eye distance as its unit.

    The first axis points to the face's left eye, the second towards its chin. NaN where an eye has no label.
    """
    points = np.asarray(points, np.float64)
    left, right = points[:, LEFT_EYE], points[:, RIGHT_EYE]
    across = left - right
    size = np.linalg.norm(across, axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        across = np.where(size > 0, across / size, np.nan)
        moved = (points - (left + right)[:, None] / 2) / np.where(size > 0, size, np.nan)[:, :, None]
    down = np.stack([-across[:, 1], across[:, 0]], axis=1)
    return np.stack([(moved * across[:, None]).sum(2), (moved * down[:, None]).sum(2)], axis=2)


@dataclass(frozen=True, slots=True)
class Heads:
    """The outputs of a network: one per keypoint, and a second one for keypoints that the conventions place apart.

    Attributes:
        second: the keypoints with a second output; output 15 + i belongs to `second[i]`.
    """

    second: tuple[int, ...] = ()

    def __len__(self) -> int:
        return COUNT + len(self.second)

    @property
    def keypoints(self) -> tuple[int, ...]:
        """The keypoint of each output."""
        return (*range(COUNT), *self.second)

    @property
    def mirror(self) -> tuple[int, ...]:
        """Index of the output that each one becomes when the picture is mirrored."""
        return (*MIRROR, *(COUNT + self.second.index(MIRROR[keypoint]) for keypoint in self.second))

    def of_kind(self, kind: int) -> tuple[int, ...]:
        """The output that answers for each of the 15 keypoints in rows of a kind."""
        chosen = list(range(COUNT))
        if kind == SECOND:
            for index, keypoint in enumerate(self.second):
                chosen[keypoint] = COUNT + index
        return tuple(chosen)

    def spread(self, points: NDArray[np.float32], kinds: NDArray[np.int64]) -> NDArray[np.float32]:
        """Distributes labels (N, 15, 2) over the outputs: (N, K, 2), NaN where a row says nothing of an output."""
        wide = np.full((len(points), len(self), 2), np.nan, np.float32)
        for kind in (FIRST, SECOND):
            rows = np.flatnonzero(kinds == kind)
            wide[np.ix_(rows, np.array(self.of_kind(kind)))] = points[rows]
        return wide

    def select(self, outputs: NDArray[np.float32], kinds: NDArray[np.int64]) -> NDArray[np.float32]:
        """Chooses from outputs (N, K, 2) the 15 that answer in the convention of each row: (N, 15, 2)."""
        chosen = np.array([self.of_kind(FIRST), self.of_kind(SECOND)])[kinds]
        return np.asarray(np.take_along_axis(outputs, chosen[:, :, None], axis=1))

    def regions(self) -> dict[str, tuple[int, ...]]:
        """The outputs of each region of the face, first convention first."""
        return {
            name: (*members, *(COUNT + i for i, keypoint in enumerate(self.second) if keypoint in members))
            for name, members in REGIONS.items()
        }

    def groups(self) -> dict[str, tuple[int, ...]]:
        """The outputs of each of the six groups of keypoints that specialists learn."""
        groups: dict[str, list[int]] = {}
        for output, keypoint in enumerate(self.keypoints):
            groups.setdefault(GROUP_OF[keypoint], []).append(output)
        return {name: tuple(outputs) for name, outputs in groups.items()}


def heads_for(faces: Faces96, *, apart: bool) -> Heads:
    """Returns the outputs that a data set needs: with second ones where its conventions are measurably apart."""
    offsets = measure_offsets(faces) if apart else []
    return Heads(tuple(offset.keypoint for offset in offsets if offset.apart))


def _group(name: str) -> str:
    if "center" in name and "eye" in name:
        return "eye_centers"
    if "eyebrow" in name:
        return "eyebrows"
    if "eye" in name:
        return "eye_corners"
    return {"nose_tip": "nose_tip", "mouth_center_bottom_lip": "bottom_lip"}.get(name, "mouth")


GROUP_OF = tuple(_group(name) for name in INDEX)
"""The specialist's group of each keypoint."""
