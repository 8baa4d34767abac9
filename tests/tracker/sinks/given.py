"""Frames and faces for the tests of sinks."""

import numpy as np

from tests.fakes import upright_points
from tracker import Faces, Frame
from tracker.crop import anchors_of, crop_boxes, crop_transforms


def frame(index: int, name: str | None = None, size: tuple[int, int] = (120, 160)) -> Frame:
    return Frame(np.full((*size, 3), 90, np.uint8), index, index / 29.97, name)


def faces(*ids: int) -> Faces:
    points = np.stack([upright_points() + 0.123456 * face for face in ids]) if ids else np.empty((0, 15, 2))
    boxes = crop_boxes(crop_transforms(anchors_of(points)))
    sure = np.full((len(ids), 15), 0.87654, np.float32)
    return Faces(points, sure, boxes, np.full(len(ids), 0.5), np.array(ids))


GIVEN = [(frame(0), faces(3, 7)), (frame(1), faces()), (frame(2, 'ärger, "x".jpg'), faces(3))]
