"""Numbers derived from the points of faces: head pose, distance, mouth and eyebrows. See docs/measures.md."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tracker.errors import InputError
from tracker.faces import Faces
from tracker.frame import Frame
from tracker.measures.lengths import face_lengths, points_on_heads
from tracker.measures.pose import Camera, angles, find_poses

__all__ = ["MEASURES", "Camera", "measure", "names_of", "with_measures"]

MEASURES = (
    "yaw",
    "pitch",
    "roll",
    "distance",
    "mouth_opening",
    "mouth_width",
    "left_eyebrow_raise",
    "right_eyebrow_raise",
)
"""Names of the measures, in the order of their columns."""


def measure(points: NDArray[np.floating], camera: Camera) -> dict[str, NDArray[np.float32]]:
    """Measures faces.

    Args:
        points: (N, 15, 2) in pixels of the frame, keypoints in the order of `tracker.KEYPOINTS`.
        camera: that saw them.

    Returns:
        An array (N,) float32 for each of `MEASURES`; NaN where a measure cannot be taken.
        `yaw`, `pitch`, `roll`: degrees, see `pose.angles`.
        `distance`: from the camera to the middle of the eyes, in distances between the eye centres.
        The others: eye distances, see `lengths.face_lengths`.
    """
    poses = find_poses(points, camera)
    yaw, pitch, roll = angles(poses.rotations).T
    measures = {"yaw": yaw, "pitch": pitch, "roll": roll, "distance": np.linalg.norm(poses.places, axis=1)}
    measures |= face_lengths(points_on_heads(points, poses, camera))
    return {name: measures[name].astype(np.float32) for name in MEASURES}


def names_of(wanted: bool, focal: float | None = None) -> tuple[str, ...]:
    """Returns the names of the measures that faces will have.

    Raises:
        InputError: a focal length is given but no measures are wanted, or it is not above 0.
    """
    if focal is not None and not wanted:
        raise InputError("A focal length is for measures only; add --measures.")
    if focal is not None and not 0 < focal < math.inf:
        raise InputError(f"A focal length of {focal} pixels cannot be; it must be above 0.")
    return MEASURES if wanted else ()


def with_measures(frame: Frame, faces: Faces, focal: float | None = None) -> Faces:
    """Returns the faces of a frame with their measures.

    Args:
        frame: the frame, whose size says where the camera's axis is.
        faces: its faces.
        focal: the camera's focal length in pixels; the frame's width if None.
    """
    return replace(faces, measures=measure(faces.points, Camera.of_frame(frame.size, focal)))
