import cv2
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.fakes import anchors_at
from tracker.crop import (
    CROP_SIZE,
    GRID,
    crop_scales,
    crop_transforms,
    cut_crops,
    on_grid,
    similarity,
    to_crop,
    to_frame,
)

coordinates = st.floats(-500, 2500, allow_nan=False, width=32)


@settings(deadline=None)
@given(arrays(np.float32, (2, 3, 2), elements=coordinates), arrays(np.float32, (2, 15, 2), elements=coordinates))
def test_to_the_crop_and_back_is_the_identity(anchors: np.ndarray, points: np.ndarray) -> None:
    transforms = crop_transforms(anchors)
    assume((crop_scales(transforms) > 0.2).all())
    assert to_frame(transforms, to_crop(transforms, points)) == pytest.approx(points, abs=0.05)


@settings(deadline=None)
@given(st.floats(-3.1, 3.1), st.floats(0.2, 8.0))
def test_a_face_arrives_upright_and_of_one_size(angle: float, factor: float) -> None:
    turn = factor * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    anchors = anchors_at((0, 0)) @ turn.T + [300, 200]
    left, right, mouth = to_crop(crop_transforms(anchors), anchors)[0]
    assert left[1] == pytest.approx(right[1], abs=0.01)
    assert left[0] - right[0] == pytest.approx(CROP_SIZE / 2.53, abs=0.1)
    assert mouth[0] == pytest.approx((CROP_SIZE - 1) / 2, abs=0.01)
    assert left[1] < mouth[1] < CROP_SIZE


def test_the_mouth_keeps_a_profile_upright() -> None:
    profile = np.array([[[101.0, 103.0], [100.0, 100.0], [100.0, 150.0]]])  # eyes nearly on one spot
    (transform,) = crop_transforms(profile)
    assert abs(np.degrees(np.arctan2(transform[1, 0], transform[0, 0]))) < 8


@pytest.mark.parametrize("scale", [0.3, 0.8, 1.0, 1.39, 1.41, 2.9, 5.0, 8.0])
@pytest.mark.parametrize("angle", [0.0, 0.4, -2.5])
@pytest.mark.parametrize("size", [(1001, 1203), (900, 1100)])
def test_image_and_points_move_together(scale: float, angle: float, size: tuple[int, int]) -> None:
    dot = np.array([611.3, 433.7])
    y, x = np.mgrid[: size[0], : size[1]]
    radius = 4 * max(scale, 0.6)
    image = (255 * np.exp(-((x - dot[0]) ** 2 + (y - dot[1]) ** 2) / (2 * radius**2))).astype(np.uint8)
    transform = similarity(dot[None] + [9 * scale, -13 * scale], np.array([angle]), np.array([scale]))
    (crop,) = cut_crops(image, transform).astype(float)
    found = [(crop * axis).sum() / crop.sum() for axis in np.mgrid[:CROP_SIZE, :CROP_SIZE][::-1]]
    assert found == pytest.approx(to_crop(transform, dot[None, None])[0, 0], abs=0.25)


def test_at_scale_one_a_crop_is_the_pixels_themselves() -> None:
    image = np.random.default_rng(0).integers(0, 256, (200, 300), np.uint8)
    middle = np.array([[100 + 47.5, 50 + 47.5]])
    (crop,) = cut_crops(image, similarity(middle, np.zeros(1), np.ones(1)))
    assert (crop == image[50:146, 100:196]).all()


def test_colour_is_turned_to_gray() -> None:
    image = np.random.default_rng(0).integers(0, 256, (300, 300, 3), np.uint8)
    transforms = crop_transforms(anchors_at((100, 100), (180, 150)))
    assert (cut_crops(image, transforms) == cut_crops(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), transforms)).all()


def test_a_shrunk_checkerboard_is_flat() -> None:
    board = ((np.indices((800, 800)).sum(axis=0) % 2) * 255).astype(np.uint8)
    (crop,) = cut_crops(board, similarity(np.array([[400.0, 400.0]]), np.array([0.3]), np.array([4.0])))
    assert np.ptp(crop) <= 4


@pytest.mark.parametrize("centre", [(-500, -500), (5000, 20), (0, 0), (319, 239)])
@pytest.mark.parametrize("scale", [0.01, 1.0, 20.0])
def test_a_face_at_or_beyond_the_edge_is_cut(centre: tuple[int, int], scale: float) -> None:
    image = np.full((240, 320, 3), 77, np.uint8)
    crops = cut_crops(image, similarity(np.array([centre], float), np.array([0.2]), np.array([scale])))
    assert (crops == 77).all()


def test_many_faces_are_cut_as_each_alone() -> None:
    image = np.random.default_rng(1).integers(0, 256, (700, 900, 3), np.uint8)
    transforms = similarity(
        np.array([[100.0, 100.0], [500.0, 300.0], [700.0, 600.0]]), np.array([0, 1, 2.0]), np.array([0.7, 2.0, 5.5])
    )
    together = cut_crops(image, transforms)
    for index in range(3):
        # where the pyramid starts differs by whole cells of its coarsest level, so that pixels are the same
        assert (cut_crops(image, transforms[index : index + 1])[0] == together[index]).mean() > 0.99


def test_crops_go_into_the_batch_given() -> None:
    batch = np.zeros((1, CROP_SIZE, CROP_SIZE), np.uint8)
    image = np.full((100, 100), 9, np.uint8)
    assert cut_crops(image, crop_transforms(anchors_at((50, 40))), batch) is batch
    assert (batch == 9).all()


def test_no_faces_give_no_crops() -> None:
    assert cut_crops(np.zeros((9, 9, 3), np.uint8), np.empty((0, 2, 3))).shape == (0, CROP_SIZE, CROP_SIZE)


def test_a_grid_moves_crops_little_and_lets_small_differences_vanish() -> None:
    rng = np.random.default_rng(3)
    count = 500
    centre, angle, scale = rng.uniform(0, 1000, (count, 2)), rng.uniform(-3, 3, count), rng.uniform(0.2, 8, count)
    crops = similarity(centre, angle, scale)
    placed = on_grid(crops)
    corners = np.array([[0, 95, 0, 95], [0, 0, 95, 95], [1, 1, 1, 1]], float)
    moved = np.linalg.norm((placed - crops) @ corners, axis=1) / scale[:, None]
    assert 0.05 < moved.max() < 2.2 * GRID
    assert np.allclose(on_grid(placed), placed, atol=1e-9)
    nearly = on_grid(similarity(centre + 1e-6 * scale[:, None], angle + 1e-8, scale * (1 + 1e-8)))
    assert (nearly == placed).all(axis=(1, 2)).mean() > 0.99
