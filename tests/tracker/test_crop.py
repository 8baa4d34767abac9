import math

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
    Framing,
    _half,
    _part_with_faces,
    anchors_of,
    crop_boxes,
    crop_scales,
    crop_transforms,
    cut_crops,
    on_grid,
    similarity,
    to_crop,
    to_frame,
)
from tracker.keypoints import COUNT, LEFT_EYE, LIPS, MOUTH_CORNERS, RIGHT_EYE

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


def test_a_crop_turns_clockwise_by_its_angle_around_its_centre() -> None:
    (transform,) = similarity(np.array([[200.0, 100.0]]), np.array([np.pi / 6]), np.array([2.0]))
    middle = (CROP_SIZE - 1) / 2
    assert transform @ [middle, middle, 1] == pytest.approx([200, 100])
    assert transform @ [middle + 10, middle, 1] == pytest.approx([200 + 10 * np.sqrt(3), 100 + 10])
    assert transform @ [middle, middle + 10, 1] == pytest.approx([200 - 10, 100 + 10 * np.sqrt(3)])


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


@pytest.mark.parametrize(
    ("centre", "scale", "level", "part"),
    [
        ((300.5, 200.5), 1.0, 0, (251, 151, 350, 250)),  # 47.5 pixels to each side, and two more
        ((300.5, 200.5), 2.0, 1, (200, 100, 400, 300)),  # twice as far, and on a pixel of the halved frame
        ((300.5, 200.5), 4.0, 2, (100, 0, 499, 399)),
        ((0, 0), 1.0, 0, (0, 0, 50, 50)),
        ((639, 479), 1.0, 0, (589, 429, 640, 480)),
        ((5000, 20), 1.0, 0, (639, 0, 640, 70)),  # beyond the frame: its last column
        ((20, 5000), 1.0, 0, (0, 479, 70, 480)),
        ((-5000, -5000), 1.0, 0, (0, 0, 1, 1)),
        ((5000, 5000), 4.0, 2, (636, 476, 640, 480)),
    ],
)
def test_the_part_that_crops_need_is_no_larger_than_they_are(
    centre: tuple[float, float], scale: float, level: int, part: tuple[int, int, int, int]
) -> None:
    transforms = similarity(np.array([centre], float), np.zeros(1), np.array([scale]))
    assert _part_with_faces((480, 640, 3), transforms, level) == part


def test_the_part_holds_all_faces_and_what_turns_out_of_the_upright() -> None:
    centres, angles = np.array([[200.5, 300.5], [400.5, 150.5]]), np.array([0.0, np.pi / 4])
    reach = 47.5 * np.sqrt(2)
    expected = (151, math.floor(150.5 - reach - 2), math.ceil(400.5 + reach + 2), 350)
    assert _part_with_faces((480, 640), similarity(centres, angles, np.ones(2)), 0) == expected


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


def test_a_crop_shows_as_much_of_a_face_as_its_framing_says() -> None:
    """Number for number: eyes 40 apart around (100, 50), the mouth 30 below or 60."""
    framing = Framing(eyes_in_side=3.0, mouth_in_side=2.0, eyes_weight=0.25)
    anchors = np.array([[[120, 50], [80, 50], [100, 80]], [[120, 50], [80, 50], [100, 120]]], float)
    wide, tall = crop_transforms(anchors, framing)
    assert wide[:, :2] == pytest.approx(np.eye(2) * 3.0 * 40 / CROP_SIZE)
    assert tall[:, :2] == pytest.approx(np.eye(2) * 2.0 * 70 / CROP_SIZE)
    middle = np.full((1, 1, 2), (CROP_SIZE - 1) / 2)
    assert to_frame(wide[None], middle)[0, 0] == pytest.approx([100, 0.25 * 50 + 0.75 * 80])
    assert to_frame(tall[None], middle)[0, 0] == pytest.approx([100, 0.25 * 50 + 0.75 * 120])


def test_a_face_of_no_size_has_a_crop_of_one_pixel_that_stands_upright() -> None:
    (transform,) = crop_transforms(np.full((1, 3, 2), 7.0))
    assert transform[:, :2] == pytest.approx(np.eye(2) / CROP_SIZE)
    assert to_frame(transform[None], np.full((1, 1, 2), (CROP_SIZE - 1) / 2))[0, 0] == pytest.approx([7, 7])


def test_boxes_are_squares_as_large_as_the_crops_around_their_centres() -> None:
    transforms = similarity(np.array([[50.0, 60.0], [0.0, 0.0]]), np.array([0.0, 1.0]), np.array([0.5, 2.0]))
    boxes = crop_boxes(transforms)
    assert boxes.dtype == np.float32
    sides = CROP_SIZE * np.array([0.5, 2.0])
    assert boxes[:, 2:] - boxes[:, :2] == pytest.approx(np.stack([sides, sides], axis=1))
    assert (boxes[:, 2:] + boxes[:, :2]) / 2 == pytest.approx(np.array([[50, 60], [0, 0]]), abs=1e-4)
    assert crop_scales(transforms) == pytest.approx([0.5, 2.0])


def test_the_anchors_are_the_eyes_and_the_mouth() -> None:
    points = np.random.default_rng(0).uniform(0, 100, (2, COUNT, 2))
    left, right, mouth = np.moveaxis(anchors_of(points), 1, 0)
    assert left == pytest.approx(points[:, LEFT_EYE])
    assert right == pytest.approx(points[:, RIGHT_EYE])
    assert mouth == pytest.approx(points[:, [*MOUTH_CORNERS, *LIPS]].mean(axis=1))


@pytest.mark.parametrize("shape", [(1, 5), (5, 1), (1, 1)])
def test_what_cannot_be_halved_stays(shape: tuple[int, int]) -> None:
    gray = np.full(shape, 9, np.uint8)
    assert (_half(gray) == gray).all()


def test_halving_averages_two_by_two_pixels() -> None:
    assert _half(np.array([[0, 10], [20, 30]], np.uint8)).tolist() == [[15]]
    gray = np.random.default_rng(0).integers(0, 256, (5, 7), np.uint8)
    means = gray[:4, :6].reshape(2, 2, 3, 2).mean(axis=(1, 3))
    halved = _half(gray)
    assert halved.dtype == np.uint8
    assert halved == pytest.approx(means, abs=0.51)


@pytest.mark.parametrize("colour", [False, True])
def test_a_crop_that_reaches_beyond_the_frame_repeats_its_border(colour: bool) -> None:
    image = np.random.default_rng(0).integers(0, 256, (40, 50, 3) if colour else (40, 50), np.uint8)
    gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) if colour else image
    for x, y in ((-20, -10), (60, 55), (25, -200), (400, 20)):
        (crop,) = cut_crops(image, similarity(np.array([[x + 0.5, y + 0.5]]), np.zeros(1), np.ones(1)))
        rows = np.clip(np.arange(CROP_SIZE) + y - 47, 0, 39)
        columns = np.clip(np.arange(CROP_SIZE) + x - 47, 0, 49)
        assert (crop == gray[rows][:, columns]).all()


def test_crops_are_written_where_they_are_asked_for() -> None:
    image = np.random.default_rng(0).integers(0, 256, (200, 300, 3), np.uint8)
    places = np.array([[100.0, 100.0], [150.0, 60.0]])
    transforms = similarity(places, np.array([0.0, 0.5]), np.array([1.0, 3.1]))
    out = np.zeros((2, CROP_SIZE, CROP_SIZE), np.uint8)
    before = transforms.copy()
    assert cut_crops(image, transforms, out) is out
    assert (transforms == before).all()
    for row in range(2):  # others in the frame do not change what a crop shows
        alone = cut_crops(image, transforms[row : row + 1])[0].astype(int)
        assert np.abs(out[row].astype(int) - alone).max() <= 2
