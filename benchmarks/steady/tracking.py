"""Points of the face of a clip, by the tracker, by other filters on the tracker's unfiltered points, by FaceMesh."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from environment import Peer
from numpy.typing import NDArray

from tracker.crop import CROP_SIZE, anchors_of, crop_scales, crop_transforms
from tracker.frame import Frame
from tracker.judges import Settings
from tracker.keypoints import COUNT
from tracker.pipeline import Tracker
from tracker.smoothing import PointFilter, Smoothing

Points = NDArray[np.floating]


def track(frames: Sequence[Frame], level: str) -> Points:
    """Runs the tracker; returns the points (T, 15, 2) of the one face, NaN where it is not found."""
    points = np.full((len(frames), COUNT, 2), np.nan, np.float32)
    with Tracker(smooth=level, settings=Settings(max_faces=1)) as tracker:
        for index, frame in enumerate(frames):
            faces = tracker.update(frame)
            if len(faces):
                points[index] = faces.points[0]
    return points


def face_size(points: Points) -> float:
    """The size of a face in pixels as the tracker's filter is told it: the mean side of its crops."""
    return float(crop_scales(crop_transforms(anchors_of(points))).mean() * CROP_SIZE)


def filtered(points: Points, times: NDArray[np.float64], settings: Smoothing) -> Points:
    """Applies the tracker's filter to unfiltered points (T, 15, 2)."""
    one, size = np.array([True]), np.array([face_size(points)])
    smoothing = PointFilter(settings)
    smoothing.add(points[:1], times[0])
    rest = [smoothing.update(one, each[None], size, time) for each, time in zip(points[1:], times[1:], strict=True)]
    return np.concatenate([points[:1], *rest])


def landmarks(peer: Peer, frames: Path, folder: Path) -> Points:
    """Runs FaceMesh on a file of frames as on a stream; returns its landmarks (T, 468, 2), NaN where it finds none."""
    answer = folder / "points.npy"
    peer.ask({"frames": str(frames), "faces": 1, "points": str(answer)})
    return np.asarray(np.load(answer)[:, 0])
