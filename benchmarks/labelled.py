"""Peers on pictures with labels: their landmarks of the labelled faces, and the best map from those to 15 points."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from environment import ENVIRONMENTS, Peer
from keypoint_map import IBUG_COUNT, KeypointMap, cross_fit, direct, fit, folds_of, mean_errors
from numpy.typing import NDArray

from tracker.keypoints import LEFT_OUTER_CORNER, RIGHT_OUTER_CORNER
from training.data.face_set import TEST_SUBSET, LabelledFace, read_face_set
from training.evaluate import SAME_FACE

FIT_ON: dict[str, tuple[str, ...]] = {"facemesh": ("lfpw", "helen"), "dlib": ()}
"""Collections beside the test faces on which a peer's map may be fitted; dlib was trained on all three itself."""
FACES = 8
"""A peer may find so many faces in a picture; the labelled one is among them or is not."""
STILL: dict[str, dict[str, Any]] = {
    "facemesh": {"static_image_mode": True, "min_detection_confidence": 0.1},
    "dlib": {"upsample": 1},
}
"""Options with which each peer takes every picture by itself and misses the fewest faces."""
ALSO: dict[str, dict[str, Any]] = {"facemesh": {"static_image_mode": True}}
"""Options of a peer's own choice, where they are others: fewer faces are found, and fewer of them badly."""

Array = NDArray[np.floating]


def nearest(found: Array, points: Array) -> NDArray[np.int64]:
    """Says which face is the labelled one, as `training.evaluate` does.

    Args:
        found: (N, F, P, 2), the F faces found in each of N pictures, NaN where there is none.
        points: (N, 15, 2), the labels.

    Returns:
        (N,), the face of each picture whose mean is nearest; -1 if it is not near enough.
    """
    eyes = np.linalg.norm(points[:, LEFT_OUTER_CORNER] - points[:, RIGHT_OUTER_CORNER], axis=1)
    away = np.linalg.norm(found.mean(axis=2) - points.mean(axis=1)[:, None], axis=2)
    away = np.where(np.isnan(away), np.inf, away)
    return np.where(away.min(axis=1) <= SAME_FACE * eyes, away.argmin(axis=1), -1)


def pick(values: Array, which: NDArray[np.int64]) -> Array:
    """Picks one face of each picture: (N, …) of (N, F, …), NaN where `which` (N,) is -1."""
    chosen = values[np.arange(len(values)), which]
    chosen[which < 0] = np.nan
    return chosen


def labels_of(faces: Sequence[LabelledFace]) -> NDArray[np.float32]:
    """Labels (N, 15, 2) of faces."""
    return np.stack([face.points for face in faces])


@dataclass(frozen=True, slots=True)
class PeerMap:
    """How a peer's landmarks of the test faces are read as 15 points.

    Attributes:
        name: which way it is.
        error: mean error on the test faces that the peer found, % of the outer-eye distance.
        maps: one, or one for each fold of faces, which was fitted on the other folds.
        folds: (N,) int64, the fold of each test face in the order of the face set; 0 if there is one map.
    """

    name: str
    error: float
    maps: Sequence[Callable[[Array], Array]]
    folds: NDArray[np.int64]

    def read(self, landmarks: Array, which: NDArray[np.int64] | None = None) -> Array:
        """Returns points (M, …, 15, 2) from landmarks (M, …, P, 2) of the test faces `which` (M,), of all if None."""
        folds = self.folds if which is None else self.folds[which]
        choices = np.stack([each(landmarks) for each in self.maps])
        return np.asarray(choices[folds, np.arange(len(folds))])


def maps_of(landmarks: Array, faces: Sequence[LabelledFace], more: Array, labels: Array) -> list[PeerMap]:
    """Makes maps in several ways, the best for the peer first.

    Ways are: fitted on other faces; fitted on the test faces themselves, in folds by photograph; on both. The penalty
    is always the one that is best on the test faces, which flatters the peer a little. Landmarks that follow iBUG's
    68 points may also be taken as they are.

    Args:
        landmarks: (N, P, 2), the peer's landmarks of the test faces, NaN where it found none.
        faces: the N test faces.
        more: (M, P, 2), its landmarks of further faces, none of them NaN; M may be 0.
        labels: (M, 15, 2), their labels.
    """
    seen = np.isfinite(landmarks[:, 0, 0])
    points = labels_of(faces)
    folds = folds_of([face.group for face in faces])
    alone = np.zeros(len(faces), np.int64)
    made: list[PeerMap] = []

    def add(name: str, maps: Sequence[Callable[[Array], Array]], of_face: NDArray[np.int64]) -> None:
        read = PeerMap(name, 0.0, maps, of_face).read(landmarks)
        made.append(PeerMap(name, float(mean_errors(read[seen], points[seen]).mean()), maps, of_face))

    if landmarks.shape[1] == IBUG_COUNT:
        add("as they are", [direct], alone)
    add(f"fitted on {TEST_SUBSET} in folds", cross_fit(landmarks[seen], points[seen], folds[seen])[0], folds)
    if len(more):
        for fitted in fit(more, labels):
            add("fitted on other faces", [fitted], alone)
        both = cross_fit(landmarks[seen], points[seen], folds[seen], (more, labels))[0]
        add(f"fitted on other faces and {TEST_SUBSET} in folds", both, folds)
    return sorted(made, key=lambda each: each.error)


def best_map(peer: Peer, folder: Path) -> tuple[PeerMap, dict[str, float], Array]:
    """Runs a peer on labelled faces and finds the map that is best for it.

    Args:
        peer: who.
        folder: of the data.

    Returns:
        The best map, the errors of all ways, and its landmarks (N, P, 2) of the test faces, NaN where it found none.
    """
    faces, landmarks = _labelled(peer, folder)
    test = np.array([face.subset == TEST_SUBSET for face in faces])
    others = ~test & np.isfinite(landmarks[:, 0, 0])
    chosen = [face for face in faces if face.subset == TEST_SUBSET]
    maps = maps_of(landmarks[test], chosen, landmarks[others], labels_of(faces)[others])
    errors = {each.name: each.error for each in reversed(maps)}
    return maps[0], errors, landmarks[test]


def stream_map(peer: Peer, folder: Path) -> KeypointMap:
    """Returns a map for clips, whose faces have no labels: fitted on all faces that people labelled.

    It is kept beside the peer's environment, so that it is fitted once.
    """
    path = ENVIRONMENTS / f"{peer.name}_map.npz"
    if not path.exists():
        faces, landmarks = _labelled(peer, folder)
        seen = np.isfinite(landmarks[:, 0, 0])
        landmarks, labels = landmarks[seen], labels_of(faces)[seen]
        _, penalty = cross_fit(landmarks, labels, folds_of([f"{face.subset} {face.group}" for face in faces])[seen])
        fit(landmarks, labels, [penalty])[0].save(path)
    return KeypointMap.load(path)


def _labelled(peer: Peer, folder: Path) -> tuple[list[LabelledFace], Array]:
    """Returns faces that people labelled and a peer's landmarks (N, P, 2), which are kept beside its environment."""
    faces = read_face_set(folder, [TEST_SUBSET, *FIT_ON[peer.name]])
    path = ENVIRONMENTS / f"{peer.name}_landmarks.npz"
    key = repr((STILL[peer.name], [str(face.path.relative_to(folder)) for face in faces]))
    if path.exists():
        with np.load(path) as file:
            if str(file["key"]) == key:
                return faces, np.asarray(file["landmarks"])
    found = peer.find([face.colour() for face in faces], FACES, **STILL[peer.name])
    landmarks = pick(found, nearest(found, labels_of(faces)))
    np.savez(path, key=key, landmarks=landmarks)
    return faces, landmarks
