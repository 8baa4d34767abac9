"""Augmentation moves image and points together."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.augment import mirror
from training.augment_crops import Augmentation, augmented


@given(seed=st.integers(0, 100_000))
@settings(max_examples=60, deadline=None)
def test_a_rendered_dot_is_found_where_its_point_went(seed: int) -> None:
    rng = np.random.default_rng(seed)
    place = rng.uniform(35, 60, 2)
    image = np.zeros((96, 96), np.uint8)
    cv2.circle(image, tuple(np.round(place * 16).astype(int).tolist()), 48, 255, -1, cv2.LINE_AA, 4)
    points = np.full((15, 2), np.nan, np.float32)
    points[10] = place
    how = Augmentation(mirrored=0.5, rotation=12, scale=0.1, shift=3)
    moved, labels = augmented(image, points, how, rng)
    weight = moved.astype(np.float64)
    y, x = np.mgrid[:96, :96]
    found = np.array([(x * weight).sum(), (y * weight).sum()]) / weight.sum()
    assert found == pytest.approx(labels[10], abs=0.5)
    assert np.isnan(np.delete(labels, 10, axis=0)).all()


@given(seed=st.integers(0, 100_000))
@settings(max_examples=30, deadline=None)
def test_mirrored_twice_is_the_same(seed: int) -> None:
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (96, 96)).astype(np.uint8)
    points = rng.integers(0, 96, (15, 2)).astype(np.float32)
    points[rng.random(15) < 0.3] = np.nan
    once = mirror(image, points)
    twice = mirror(*once)
    assert not np.array_equal(once[0], image)
    assert np.array_equal(twice[0], image)
    assert np.array_equal(twice[1], points, equal_nan=True)
