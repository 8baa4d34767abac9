"""Lengths on faces: mouth and eyebrows, freed from the pose and in eye distances."""

import numpy as np
from numpy.typing import NDArray

from tracker.keypoints import INDEX, LEFT_EYE, LIPS, MOUTH_CORNERS, RIGHT_EYE
from tracker.measures.mean_shape import MEAN_SHAPE
from tracker.measures.pose import Camera, Poses

EDGE_ON = 0.2
"""Sine of the angle between a ray and a plane (12 degrees) below which they are not intersected."""

_EYEBROWS = {
    LEFT_EYE: [INDEX["left_eyebrow_inner_end"], INDEX["left_eyebrow_outer_end"]],
    RIGHT_EYE: [INDEX["right_eyebrow_inner_end"], INDEX["right_eyebrow_outer_end"]],
}


def points_on_heads(points: NDArray[np.floating], poses: Poses, camera: Camera) -> NDArray[np.float64]:
    """Places points on their heads.

    A picture does not say how deep a point lies; it is taken to lie as deep as in the mean face. So a point is put
    where the ray through it meets the plane of that depth, parallel to the face.

    Args:
        points: (N, 15, 2) in pixels.
        poses: of the N heads.
        camera: that saw them.

    Returns:
        (N, 15, 2) float64, x and y in head coordinates (see `MEAN_SHAPE`); NaN for points whose plane is seen edge-on,
        and without a pose.
    """
    rays = camera.rays(points) @ poses.rotations
    rays /= np.linalg.norm(rays, axis=2, keepdims=True)
    eye = -(poses.places[:, None] @ poses.rotations)
    toward = np.where(np.abs(rays[:, :, 2]) < EDGE_ON, np.nan, rays[:, :, 2])
    along = (MEAN_SHAPE[:, 2] - eye[:, :, 2]) / toward
    return np.asarray(eye[:, :, :2] + along[:, :, None] * rays[:, :, :2])


def face_lengths(heads: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Measures faces whose points (N, 15, 2) are in head coordinates.

    Returns:
        Lengths (N,) in distances of the face's own eye centres, by name:
        `mouth_opening`: from the outer edge of the upper lip down to that of the lower one, so the lips count in;
        `mouth_width`: between the corners;
        `left_eyebrow_raise`, `right_eyebrow_raise`: from the eye's centre up to the mean of the eyebrow's ends.
    """
    across = heads[:, LEFT_EYE] - heads[:, RIGHT_EYE]
    eyes = np.linalg.norm(across, axis=1)
    down = np.stack([-across[:, 1], across[:, 0]], axis=1) / eyes[:, None] ** 2
    left, right = MOUTH_CORNERS
    top, bottom = LIPS
    raised = [((heads[:, eye] - heads[:, ends].mean(axis=1)) * down).sum(axis=1) for eye, ends in _EYEBROWS.items()]
    return {
        "mouth_opening": ((heads[:, bottom] - heads[:, top]) * down).sum(axis=1),
        "mouth_width": np.linalg.norm(heads[:, left] - heads[:, right], axis=1) / eyes,
        "left_eyebrow_raise": raised[0],
        "right_eyebrow_raise": raised[1],
    }
