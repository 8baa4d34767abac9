"""The faces of one frame: the currency between the stages, a small dataclass of arrays."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from tracker.keypoints import COUNT

if TYPE_CHECKING:
    from supervision import KeyPoints

SAME_PLACE = 0.25
"""Boxes that overlap at least this much (intersection over union) can be the same face in two frames."""
_EVENLY = np.full((1, COUNT), 1 / COUNT, np.float32)
_SHAPES: dict[str, tuple[tuple[int, ...], type[np.generic]]] = {
    "points": ((COUNT, 2), np.float32),
    "confidence": ((COUNT,), np.float32),
    "boxes": ((4,), np.float32),
    "scores": ((), np.float32),
    "ids": ((), np.int64),
}


class Face(NamedTuple):
    """One face of a frame; see `Faces` for what the arrays hold."""

    points: NDArray[np.float32]
    confidence: NDArray[np.float32]
    box: NDArray[np.float32]
    score: float
    id: int


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """The faces of one frame.

    Attributes:
        points: (N, 15, 2) float32, x and y in pixels of the frame, (0, 0) at the centre of the top-left one; keypoints
            in the order of `tracker.KEYPOINTS`.
        confidence: (N, 15) float32, 0 to 1: how likely each point is close to where a person would set it.
        boxes: (N, 4) float32, left, top, right and bottom in pixels: the square around
            the face from which it was cropped, upright; may reach beyond the frame.
        scores: (N,) float32, 0 to 1: how likely this is a face; the mean confidence of its points.
        ids: (N,) int64, the same for the same face in all frames and never used again for another.
        measures: further numbers by name, each (N,) float32, NaN where there is none; empty unless asked for, see
            `tracker.measures`.

    Raises:
        ValueError: an array has a wrong shape; lists are turned to arrays.
    """

    points: NDArray[np.float32]
    confidence: NDArray[np.float32]
    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    ids: NDArray[np.int64]
    measures: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        count = len(self.points)
        for name, (shape, kind) in _SHAPES.items():
            array = np.asarray(getattr(self, name), kind)
            if array.shape != (count, *shape):
                raise ValueError(f"{name} must have the shape {(count, *shape)}, not {array.shape}.")
            object.__setattr__(self, name, array)
        measures = {name: np.asarray(values, np.float32) for name, values in self.measures.items()}
        for name, values in measures.items():
            if values.shape != (count,):
                raise ValueError(f"{name} must have the shape {(count,)}, not {values.shape}.")
        object.__setattr__(self, "measures", measures)

    @classmethod
    def empty(cls) -> Self:
        """Returns no faces."""
        return cls.joined([])

    @classmethod
    def joined(cls, parts: Sequence["Faces"]) -> Self:
        """Returns the faces of all parts, one after the other, with the measures that all of those with faces have."""
        full = [part for part in parts if len(part)]
        arrays = {
            name: np.concatenate([np.empty((0, *shape), kind), *(getattr(part, name) for part in parts)])
            for name, (shape, kind) in _SHAPES.items()
        }
        measures = {
            name: np.concatenate([part.measures[name] for part in full])
            for name in (full[0].measures if full else ())
            if all(name in part.measures for part in full)
        }
        return cls(**arrays, measures=measures)

    def to_supervision(self) -> "KeyPoints":
        """Returns the faces as key points of supervision, for its annotators and trackers.

        Returns:
            `supervision.KeyPoints`: `xy` are the points, `keypoint_confidence` their confidence,
            `detection_confidence` the scores, `class_id` is 0, and `data` holds `boxes` and `ids`.

        Raises:
            OutputError: supervision is not installed.
        """
        from tracker.extras import need

        library = need("supervision", extra="supervision", purpose="Faces.to_supervision()")
        points: KeyPoints = library.KeyPoints(
            xy=self.points.copy(),
            class_id=np.zeros(len(self), int),
            keypoint_confidence=self.confidence.copy(),
            detection_confidence=self.scores.copy(),
            data={"boxes": self.boxes.copy(), "ids": self.ids.copy()},
        )
        return points

    def __len__(self) -> int:
        return len(self.points)

    def __iter__(self) -> Iterator[Face]:
        for index in range(len(self)):
            yield Face(
                self.points[index],
                self.confidence[index],
                self.boxes[index],
                float(self.scores[index]),
                int(self.ids[index]),
            )

    def __getitem__(self, which: Any) -> Self:
        """Returns the faces at a slice, a mask (N,) or an array of indices."""
        if isinstance(which, (int, np.integer)):
            which = [which]
        measures = {name: values[which] for name, values in self.measures.items()}
        return type(self)(**{name: getattr(self, name)[which] for name in _SHAPES}, measures=measures)


def middles_of(points: NDArray[np.floating]) -> NDArray[np.floating]:
    """Returns the means (N, 2) of the points (N, 15, 2) of faces."""
    return np.asarray((_EVENLY @ points)[:, 0])  # for few faces a product is several times faster than np.mean


def scores_of(confidence: NDArray[np.float32]) -> NDArray[np.float32]:
    """Returns how likely these are faces (N,), 0 to 1: the mean confidence of their points, (N, 15)."""
    return np.asarray(confidence @ _EVENLY[0])


def overlaps(a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.float64]:
    """Returns the intersection over union (N, M), 0 to 1, of boxes (N, 4) with boxes (M, 4)."""
    these, those = a.astype(np.float64), b.astype(np.float64)
    extent = np.minimum(these[:, None, 2:], those[None, :, 2:]) - np.maximum(these[:, None, :2], those[None, :, :2])
    np.maximum(extent, 0, out=extent)
    shared = extent[:, :, 0] * extent[:, :, 1]  # many times faster than np.prod over an axis of two
    union = _areas(these)[:, None] + _areas(those)[None, :] - shared
    return np.asarray(shared / np.maximum(union, 1e-9))


def match(alike: NDArray[np.floating], least: float = SAME_PLACE) -> NDArray[np.int64]:
    """Pairs rows with columns, those that are most alike first.

    That need not be the best sum; but where pairs can be confused faces overlap, and there `Tracks.update` decides.

    Args:
        alike: (N, M), how alike each row and column are, such as their overlap.
        least: pairs that are less alike are none.

    Returns:
        (N,) int64, the column of each row, or -1; each column at most once.
    """
    partner = np.full(alike.shape[0], -1)
    left = np.where(alike >= least, alike, -np.inf)
    for _ in range(min(alike.shape)):
        row, column = np.unravel_index(left.argmax(), left.shape)
        if left[row, column] == -np.inf:
            break
        partner[row] = column
        left[row, :] = left[:, column] = -np.inf
    return partner


def _areas(boxes: NDArray[np.float64]) -> NDArray[np.float64]:
    extent = np.maximum(boxes[:, 2:] - boxes[:, :2], 0)
    return np.asarray(extent[:, 0] * extent[:, 1])
