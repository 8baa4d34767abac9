"""Finds images that show the same picture: copies, and frames so near in time that one gives the other away."""

import cv2
import numpy as np
from numpy.typing import NDArray

SMALL = 24
"""Images are compared after shrinking to this side."""
ALIKE = 0.92
"""Images with at least this correlation show the same picture."""
_BLOCK = 1024


def duplicate_groups(images: NDArray[np.uint8], alike: float = ALIKE) -> NDArray[np.int64]:
    """Groups images that show the same picture; what is like a member of a group belongs to it.

    Args:
        images: (N, 96, 96) uint8.
        alike: the correlation of gray levels from which two images are the same, -1 to 1. Light and contrast do not
            matter to it.

    Returns:
        (N,) int64: the index of the first image of each image's group.
    """
    vectors = unit_vectors(images)
    parent = np.arange(len(images))
    for start in range(0, len(images), _BLOCK):
        likeness = vectors[start : start + _BLOCK] @ vectors[: start + _BLOCK].T
        for row, column in np.argwhere(likeness >= alike):
            if column < start + row:
                _unite(parent, start + int(row), int(column))
    return np.array([_root(parent, index) for index in range(len(parent))], np.int64)


def unit_vectors(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Images (N, 96, 96) as vectors (N, 576) of length 1, whose products are the images' correlations."""
    small = [cv2.resize(image, (SMALL, SMALL), interpolation=cv2.INTER_AREA).ravel() for image in images]
    vectors = np.array(small, np.float32).reshape(len(images), SMALL * SMALL)
    vectors -= vectors.mean(axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6), np.float32)


def _root(parent: NDArray[np.int64], index: int) -> int:
    while parent[index] != index:
        parent[index] = parent[parent[index]]
        index = int(parent[index])
    return index


def _unite(parent: NDArray[np.int64], a: int, b: int) -> None:
    """Joins two groups; the smaller index stands for both."""
    a, b = sorted((_root(parent, a), _root(parent, b)))
    parent[b] = a
