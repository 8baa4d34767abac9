"""Peers on pictures with labels: their landmarks of the labelled faces, and the best map from those to 15 points."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from environment import ENVIRONMENTS, Peer
from keypoint_map import KeypointMap, cross_fit, direct, fit, folds_of, mean_errors
from numpy.typing import NDArray

from tracker.keypoints import LEFT_OUTER_CORNER, RIGHT_OUTER_CORNER
from training.data.face_set import TEST_SUBSET, LabelledFace, read_face_set
from training.evaluate import SAME_FACE

FIT_ON = ("lfpw", "helen")
FACES = 8
"""A peer may find so many faces in a picture; the labelled one is among them or is not."""
STILL: dict[str, dict[str, Any]] = {
    "facemesh": {"static_image_mode": True, "min_detection_confidence": 0.1},
    "dlib": {"upsample": 1},
}
"""Options with which each peer takes every picture by itself and misses the fewest faces."""


def nearest(found: NDArray[np.floating], points: NDArray[np.floating]) -> NDArray[np.floating]:
    """Picks the face that is the labelled one, as `training.evaluate` does.

    Args:
        found: (N, F, P, 2), the F faces found in each of N pictures, NaN where there is none.
        points: (N, 15, 2), the labels.

    Returns:
        (N, P, 2), NaN where no face is near enough.
    """
    eyes = np.linalg.norm(points[:, LEFT_OUTER_CORNER] - points[:, RIGHT_OUTER_CORNER], axis=1)
    away = np.linalg.norm(found.mean(axis=2) - points.mean(axis=1)[:, None], axis=2)
    away = np.where(np.isnan(away), np.inf, away)
    rows = np.arange(len(found))
    best = away.argmin(axis=1)
    return np.where((away[rows, best] <= SAME_FACE * eyes)[:, None, None], found[rows, best], np.nan)


def landmarks_of(peer: Peer, faces: Sequence[LabelledFace]) -> NDArray[np.floating]:
    """Runs a peer on the pictures as they are; returns its landmarks (N, P, 2) of the labelled faces."""
    found = peer.find([face.colour() for face in faces], FACES, **STILL[peer.name])
    return nearest(found, labels_of(faces))


def labels_of(faces: Sequence[LabelledFace]) -> NDArray[np.float32]:
    """Labels (N, 15, 2) of faces."""
    return np.stack([face.points for face in faces])


@dataclass(frozen=True, slots=True)
class PeerMap:
    """How a peer's landmarks of the test faces are read as 15 points.

    Attributes:
        name: which way it is.
        error: mean error on the test faces that the peer found, % of the outer-eye distance.
        read: takes landmarks (N, P, 2) of all N test faces, in their order, and returns points (N, 15, 2).
    """

    name: str
    error: float
    read: Callable[[NDArray[np.floating]], NDArray[np.floating]]


def maps_of(
    landmarks: NDArray[np.floating],
    faces: Sequence[LabelledFace],
    more: NDArray[np.floating],
    also: Sequence[LabelledFace],
) -> list[PeerMap]:
    """Makes maps in several ways, the best for the peer first.

    Ways are: fitted on other faces; fitted on the test faces themselves, in folds by photograph; on both. The penalty
    is always the one that is best on the test faces, which flatters the peer a little. Landmarks that follow iBUG's
    68 points may also be taken as they are.

    Args:
        landmarks: (N, P, 2), the peer's landmarks of the test faces, NaN where it found none.
        faces: the N test faces.
        more: (M, P, 2), its landmarks of the faces to fit on.
        also: those M faces.
    """
    seen, seen_more = np.isfinite(landmarks[:, 0, 0]), np.isfinite(more[:, 0, 0])
    points = labels_of(faces)
    training = more[seen_more], labels_of(also)[seen_more]
    folds = folds_of([face.group for face in faces])
    ways: dict[str, Callable[[NDArray[np.floating]], NDArray[np.floating]]] = {}
    if landmarks.shape[1] == 68:
        ways["as they are"] = direct
    fitted = fit(*training)
    ways[f"fitted on {' and '.join(FIT_ON)}"] = min(
        fitted, key=lambda each: mean_errors(each(landmarks[seen]), points[seen]).mean()
    )
    for name, added in ((f"fitted on {TEST_SUBSET} in folds", None), ("fitted on all of them in folds", training)):
        maps, _ = cross_fit(landmarks[seen], points[seen], folds[seen], added)
        ways[name] = _by_fold(maps, folds)
    made = [
        PeerMap(name, float(mean_errors(read(landmarks), points)[seen].mean()), read) for name, read in ways.items()
    ]
    return sorted(made, key=lambda each: each.error)


def _by_fold(
    maps: list[KeypointMap], folds: NDArray[np.int64]
) -> Callable[[NDArray[np.floating]], NDArray[np.floating]]:
    def read(landmarks: NDArray[np.floating]) -> NDArray[np.floating]:
        choices = np.stack([each(landmarks) for each in maps])
        return np.asarray(choices[folds, np.arange(len(folds))])

    return read


def best_map(peer: Peer, folder: Path) -> tuple[list[PeerMap], NDArray[np.floating]]:
    """Runs a peer on all faces that people labelled.

    Args:
        peer: who.
        folder: of the data.

    Returns:
        Its maps, the best first, and its landmarks (N, P, 2) of the test faces in the order of the face set.
    """
    faces, landmarks = _labelled(peer, folder)
    test = np.array([face.subset == TEST_SUBSET for face in faces])
    chosen, others = ([face for face, is_test in zip(faces, test, strict=True) if is_test == w] for w in (True, False))
    return maps_of(landmarks[test], chosen, landmarks[~test], others), landmarks[test]


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


def _labelled(peer: Peer, folder: Path) -> tuple[list[LabelledFace], NDArray[np.floating]]:
    """All faces that people labelled and a peer's landmarks (N, P, 2) of them, kept beside its environment."""
    faces = read_face_set(folder, [TEST_SUBSET, *FIT_ON])
    path = ENVIRONMENTS / f"{peer.name}_landmarks.npz"
    key = repr((STILL[peer.name], [str(face.path.relative_to(folder)) for face in faces]))
    if path.exists():
        with np.load(path) as file:
            if str(file["key"]) == key:
                return faces, np.asarray(file["landmarks"])
    landmarks = landmarks_of(peer, faces)
    np.savez(path, key=key, landmarks=landmarks)
    return faces, landmarks
