"""Head pose: how the mean face must be turned and placed so that a camera sees its rigid points where they were found.

The camera is taken to be a pinhole without distortion whose axis goes through the middle of the frame. Its focal length
is in pixels; where it is not known it is taken to be the width of the frame, which is a horizontal field of view of 53
degrees, common among webcams.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tracker.keypoints import LEFT_EYE, RIGHT_EYE
from tracker.measures.mean_shape import MEAN_SHAPE, RIGID

SMALLEST = 1e-3
"""Pixels: points within a square of this side are in one place."""
_RIGID = list(RIGID)
_SHAPE = np.ascontiguousarray(MEAN_SHAPE[_RIGID])


@dataclass(frozen=True, slots=True, eq=False)
class Camera:
    """A pinhole.

    Attributes:
        focal: focal length, pixels.
        centre: x and y of its axis in the frame, pixels, (0, 0) at the centre of the top-left one.
    """

    focal: float
    centre: tuple[float, float]

    @classmethod
    def of_frame(cls, size: tuple[int, int], focal: float | None = None) -> "Camera":
        """Returns the camera of frames of a width and height; its focal length is the width unless given."""
        width, height = size
        return cls(float(focal or width), ((width - 1) / 2, (height - 1) / 2))

    @property
    def matrix(self) -> NDArray[np.float64]:
        """(3, 3) float64, from camera coordinates to homogeneous pixels."""
        return np.array([[self.focal, 0, self.centre[0]], [0, self.focal, self.centre[1]], [0, 0, 1]])

    def rays(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Returns the directions (..., 3), z being 1, in which points (..., 2) of the frame are seen."""
        flat = (np.asarray(points, np.float64) - self.centre) / self.focal
        return np.concatenate([flat, np.ones((*flat.shape[:-1], 1))], axis=-1)


@dataclass(frozen=True, slots=True, eq=False)
class Poses:
    """Where heads are. Camera coordinates have x to the right, y down and z away from the camera.

    Attributes:
        rotations: (N, 3, 3) float64, from head to camera coordinates; the identity for a head that faces the camera.
            Head coordinates are those of `MEAN_SHAPE`. NaN where there is no pose.
        places: (N, 3) float64, the middle of the eyes in camera coordinates, in eye distances.
    """

    rotations: NDArray[np.float64]
    places: NDArray[np.float64]


def find_poses(points: NDArray[np.floating], camera: Camera) -> Poses:
    """Finds the poses of faces (N, 15, 2) in pixels.

    From a face that looks into the camera, as large and as tilted as in the picture, Levenberg and Marquardt's method
    goes to the pose with the least squared distances in the picture. A face has no pose whose points are not finite or
    all in one place, or from which the method goes astray.
    """
    rigid = np.ascontiguousarray(np.asarray(points, np.float64)[:, _RIGID])
    usable = np.isfinite(rigid).all(axis=(1, 2)) & (np.ptp(rigid, axis=1).max(axis=1, initial=0) > SMALLEST)
    poses = Poses(np.full((len(points), 3, 3), np.nan), np.full((len(points), 3), np.nan))
    matrix = camera.matrix
    turns, places = _starts(rigid[usable], camera)
    for row, seen, turn, place in zip(np.flatnonzero(usable), rigid[usable], turns, places, strict=True):
        _, turn, place = cv2.solvePnP(_SHAPE, seen, matrix, None, turn, place, True, flags=cv2.SOLVEPNP_ITERATIVE)
        if np.isfinite(turn).all() and place[2, 0] > 0:
            poses.rotations[row], poses.places[row] = cv2.Rodrigues(turn)[0], place[:, 0]
    return poses


def _starts(rigid: NDArray[np.float64], camera: Camera) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Returns rotation vectors and places (N, 3, 1) of faces that look into the camera, from points (N, 11, 2)."""
    across = rigid[:, _RIGID.index(LEFT_EYE)] - rigid[:, _RIGID.index(RIGHT_EYE)]
    middle = rigid.mean(axis=1)
    size = np.sqrt(((rigid - middle[:, None]) ** 2).sum(axis=(1, 2)))
    away = camera.focal * np.linalg.norm((_SHAPE - _SHAPE.mean(axis=0))[:, :2]) / size
    turns = np.zeros((len(rigid), 3, 1))
    turns[:, 2, 0] = np.arctan2(across[:, 1], across[:, 0])
    return turns, (camera.rays(middle) * away[:, None])[:, :, None]


def angles(rotations: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns yaw, pitch and roll (N, 3) in degrees of rotations (N, 3, 3); NaN stays NaN.

    The rotation is taken apart as roll · yaw · pitch: the head nods, then turns, then the picture is rotated, so that
    rotating the picture changes the roll and nothing else. Positive is up and to the subject's left: yaw when the head
    is turned to its left (the nose goes to the right of the picture), pitch when it looks up, roll when it tilts to its
    left shoulder (clockwise in the picture). Yaw is within 90 degrees, pitch and roll within 180.
    """
    yaw = np.arctan2(rotations[:, 2, 0], np.hypot(rotations[:, 2, 1], rotations[:, 2, 2]))
    pitch = -np.arctan2(rotations[:, 2, 1], rotations[:, 2, 2])
    roll = np.arctan2(rotations[:, 1, 0], rotations[:, 0, 0])
    return np.asarray(np.rad2deg(np.stack([yaw, pitch, roll], axis=1)))
