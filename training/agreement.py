"""Labels that another network set, improved by agreement with a network of our own.

Points on which both agree are moved half-way towards ours, which averages the errors of the two; a face on which they
disagree is left out. What both get wrong in the same way stays wrong, so people's labels are never touched.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tracker.crop import anchors_of, crop_transforms, cut_crops, to_frame
from tracker.engines.base import Engine
from tracker.keypoints import LEFT_OUTER_CORNER, MIRROR, RIGHT_OUTER_CORNER
from training.augment import mirror
from training.data.face_set import LabelledFace

DISAGREE = 8.0
"""Faces on whose points the two are apart by more than this on average are left out, % of the outer-eye distance."""


def agreed(faces: list[LabelledFace], engine: Engine) -> list[LabelledFace]:
    """Replaces the labels of faces that no person labelled.

    Args:
        faces: all faces; those that people labelled are passed through.
        engine: runs our network.

    Returns:
        The faces, without those on which the labels and our network disagree.
    """
    kept = []
    for face in faces:
        if face.human:
            kept.append(face)
            continue
        ours = _points(face, engine)
        eyes = np.linalg.norm(face.points[LEFT_OUTER_CORNER] - face.points[RIGHT_OUTER_CORNER])
        apart = np.linalg.norm(ours - face.points, axis=1).mean()
        if 100 * apart <= DISAGREE * eyes:
            kept.append(replace(face, points=np.asarray((ours + face.points) / 2, np.float32)))
    return kept


def _points(face: LabelledFace, engine: Engine) -> NDArray[np.float32]:
    """The network's points (15, 2): the mean of its answers for the picture and for its mirror image."""
    transforms = crop_transforms(anchors_of(face.points[None]))
    crop = cut_crops(face.gray(), transforms)[0]
    mirrored, _ = mirror(crop, face.points)
    plain, turned = engine.predict(np.stack([crop, mirrored]))[:, :, :2]
    turned = turned[list(MIRROR)]
    turned[:, 0] = crop.shape[1] - 1 - turned[:, 0]
    return np.asarray(to_frame(transforms, ((plain + turned) / 2)[None])[0], np.float32)
