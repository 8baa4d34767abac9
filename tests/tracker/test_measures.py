from itertools import product
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tracker import Faces, Frame, InputError, Tracker, open_source
from tracker.keypoints import INDEX, MIRROR
from tracker.measures import MEASURES, Camera, measure, names_of, with_measures
from tracker.measures.mean_shape import MEAN_SHAPE, RIGID
from tracker.sources.demo import PORTRAIT
from training.data.face_set import data_folder, read_face_set
from training.mean_shape import SUBSETS, fit_mean_shape

CAMERA = Camera.of_frame((640, 480))
FACES = data_folder() / "faces"
CLIP = data_folder() / "clips" / "intel_head-pose-face-detection-female.mp4"
needs_clip = pytest.mark.skipif(not CLIP.is_file(), reason=f"There is no {CLIP}; FKD_DATA can name a folder.")
needs_faces = pytest.mark.skipif(not FACES.is_dir(), reason=f"No face set in {FACES}; FKD_DATA can name a folder.")


def rotation(yaw: float, pitch: float, roll: float) -> NDArray[np.float64]:
    """By its definition: the head looks up, then turns to its left, then tilts to its left shoulder."""
    look_up, turn_left, tilt = (np.eye(3) for _ in range(3))
    yaw, pitch, roll = np.deg2rad([yaw, pitch, roll])
    look_up[1:, 1:] = [[np.cos(pitch), np.sin(pitch)], [-np.sin(pitch), np.cos(pitch)]]
    turn_left[::2, ::2] = [[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]]
    tilt[:2, :2] = [[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]]
    return tilt @ turn_left @ look_up


def seen(
    turn: NDArray[np.float64],
    place: tuple[float, float, float] = (0, 0, 10),
    shape: NDArray[np.float64] = MEAN_SHAPE,
    camera: Camera = CAMERA,
) -> NDArray[np.float64]:
    """The points (15, 2) of a head in a picture."""
    placed = shape @ turn.T + place
    return np.asarray(camera.focal * placed[:, :2] / placed[:, 2:] + camera.centre)


TURNS = [*product((-60, -25, 0, 40, 60), (-30, 0, 25), (-100, -20, 0, 45))]


@pytest.mark.parametrize("focal", [None, 1500.0])
@pytest.mark.parametrize("place", [(0.0, 0.0, 10.0), (3.0, -2.0, 9.0), (-1.0, 1.5, 200.0)])
def test_pose_and_distance_of_a_projected_head_are_recovered(
    place: tuple[float, float, float], focal: float | None
) -> None:
    camera = Camera.of_frame((640, 480), focal)
    found = measure(np.stack([seen(rotation(*turn), place, camera=camera) for turn in TURNS]), camera)
    for name, true in zip(("yaw", "pitch", "roll"), np.transpose(TURNS), strict=True):
        assert found[name] == pytest.approx(true, abs=0.02)
    assert found["distance"] == pytest.approx(np.linalg.norm(place), rel=1e-4)


@pytest.mark.parametrize(
    ("turn", "point", "axis"), [((30, 0, 0), "nose_tip", 0), ((0, -30, 0), "nose_tip", 1), ((0, 0, 20), "nose_tip", 0)]
)
def test_left_and_up_are_positive(turn: tuple[float, float, float], point: str, axis: int) -> None:
    moved = seen(rotation(*turn))[INDEX[point]] - seen(np.eye(3))[INDEX[point]]
    sign = -1 if turn[2] else 1  # the chin of a head tilted to its left goes to the left of the picture
    assert sign * moved[axis] > 5


def test_lengths_do_not_depend_on_the_pose() -> None:
    face = MEAN_SHAPE.copy()
    face[INDEX["mouth_center_bottom_lip"], 1] += 0.4
    face[INDEX["mouth_left_corner"], 0] += 0.1
    found = measure(np.stack([seen(rotation(*turn), shape=face) for turn in TURNS]), CAMERA)
    assert found["mouth_opening"] == pytest.approx(np.full(len(TURNS), 0.699), abs=1e-3)
    assert found["mouth_width"] == pytest.approx(np.full(len(TURNS), 0.97), abs=1e-3)
    assert found["right_eyebrow_raise"] == pytest.approx(np.full(len(TURNS), 0.2305), abs=1e-3)


def test_a_raised_eyebrow_is_measured_and_hardly_turns_the_head() -> None:
    face = MEAN_SHAPE.copy()
    for side in ("left", "right"):
        face[[INDEX[f"{side}_eyebrow_inner_end"], INDEX[f"{side}_eyebrow_outer_end"]], 1] -= 0.15
    found, calm = (measure(seen(np.eye(3), shape=shape)[None], CAMERA) for shape in (face, MEAN_SHAPE))
    assert abs(found["pitch"][0]) < 1.5
    assert found["left_eyebrow_raise"][0] - calm["left_eyebrow_raise"][0] == pytest.approx(0.15, abs=0.01)


def test_noise_does_not_flip_the_pose() -> None:
    rng = np.random.default_rng(0)
    points = np.stack([seen(rotation(*turn)) for turn in TURNS])
    found = measure(points + rng.normal(0, 0.02 * 64, points.shape), CAMERA)
    assert np.abs(found["yaw"] - np.transpose(TURNS)[0]).max() < 12
    assert np.abs(found["pitch"] - np.transpose(TURNS)[1]).max() < 12


def test_mirrored_points_change_sides() -> None:
    face = MEAN_SHAPE + np.random.default_rng(1).normal(0, 0.02, MEAN_SHAPE.shape)
    points = seen(rotation(25, 10, -15), shape=face)[None]
    mirrored = points[:, MIRROR] * [-1, 1] + [639, 0]
    one, other = measure(points, CAMERA), measure(mirrored, CAMERA)
    for name in ("yaw", "roll"):
        assert one[name] == pytest.approx(-other[name], abs=0.05)
    for name in ("pitch", "distance", "mouth_opening", "mouth_width"):
        assert one[name] == pytest.approx(other[name], abs=0.01)
    assert one["left_eyebrow_raise"] == pytest.approx(other["right_eyebrow_raise"], abs=1e-3)


@pytest.fixture(scope="module")
def portrait() -> NDArray[np.uint8]:
    """The portrait in the middle of a square, so that it can be turned."""
    picture = cv2.imread(str(PORTRAIT))[:256, 96:352]
    return np.asarray(cv2.copyMakeBorder(picture, 128, 128, 128, 128, cv2.BORDER_REPLICATE), np.uint8)


def measured(tracker: Tracker, image: NDArray[np.uint8]) -> dict[str, float]:
    faces = tracker.detect(image)
    assert len(faces) == 1
    return {name: float(values[0]) for name, values in with_measures(Frame(image), faces).measures.items()}


def test_a_rotated_picture_changes_the_roll_alone(portrait: NDArray[np.uint8]) -> None:
    with Tracker() as tracker:
        upright = measured(tracker, portrait)
        for degrees in (-30, -15, 15, 30):
            matrix = cv2.getRotationMatrix2D((255.5, 255.5), -degrees, 1)  # OpenCV's are counter-clockwise
            turned = measured(tracker, np.asarray(cv2.warpAffine(portrait, matrix, (512, 512)), np.uint8))
            assert turned["roll"] - upright["roll"] == pytest.approx(degrees, abs=2)
            assert turned["yaw"] == pytest.approx(upright["yaw"], abs=4)


@needs_clip
def test_a_mirrored_picture_changes_the_sign_of_the_yaw() -> None:
    """Means over some frames: in the first, of a face turned far aside, yaws differ by 6 degrees (docs/caveats.md)."""
    with open_source(CLIP) as source:
        images = [frame.image for frame in source][::6]
    with Tracker() as tracker:
        pairs = [(measured(tracker, each), measured(tracker, np.ascontiguousarray(each[:, ::-1]))) for each in images]
    assert len(pairs) >= 4
    assert pairs[0][0]["yaw"] < -25
    assert all(abs(upright["yaw"]) < 5 or upright["yaw"] * mirrored["yaw"] < 0 for upright, mirrored in pairs)
    for name, sign, least in (("yaw", -1, 4), ("roll", -1, 2), ("pitch", 1, 4)):
        apart = [abs(mirrored[name] - sign * upright[name]) for upright, mirrored in pairs]
        assert np.mean(apart) < least, name


def test_a_face_half_as_large_is_twice_as_far(portrait: NDArray[np.uint8]) -> None:
    small = np.asarray(cv2.resize(portrait, (256, 256), interpolation=cv2.INTER_AREA), np.uint8)
    small = np.asarray(cv2.copyMakeBorder(small, 128, 128, 128, 128, cv2.BORDER_REPLICATE), np.uint8)
    with Tracker() as tracker:
        near, far = measured(tracker, portrait), measured(tracker, small)
    assert far["distance"] / near["distance"] == pytest.approx(2, rel=0.06)


@needs_faces
def test_faces_in_the_wild_have_plausible_measures() -> None:
    faces = read_face_set(data_folder(), ["afw"])
    widths = [cv2.imread(str(face.path)).shape[1::-1] for face in faces]
    rows = [measure(face.points[None], Camera.of_frame(size)) for face, size in zip(faces, widths, strict=True)]
    found = {name: np.concatenate([row[name] for row in rows]) for name in MEASURES}
    assert all(np.isfinite(values).all() for values in found.values())
    assert np.abs(found["yaw"]).max() < 75
    assert np.abs(found["pitch"]).max() < 60
    points = np.stack([face.points for face in faces])
    eyes = points[:, 0] - points[:, 1]
    nose = points[:, INDEX["nose_tip"]] - points[:, :2].mean(axis=1)
    shift = (nose * eyes).sum(axis=1) / (eyes**2).sum(axis=1)
    turned = np.abs(found["yaw"]) > 15
    assert (np.sign(shift) == np.sign(found["yaw"]))[turned].all()
    assert turned.mean() > 0.2
    assert np.median(found["mouth_width"]) == pytest.approx(0.87, abs=0.1)
    assert (found["mouth_opening"] > 0).all()


def test_points_in_one_place_have_no_measures() -> None:
    points = np.stack([np.full((15, 2), 30.0), seen(np.eye(3)), np.full((15, 2), np.nan)])
    found = measure(points, CAMERA)
    for name in MEASURES:
        assert np.isfinite(found[name]).tolist() == [False, True, False]


def test_no_faces_have_no_measures() -> None:
    found = with_measures(Frame(np.zeros((48, 64, 3), np.uint8)), Faces.empty()).measures
    assert tuple(found) == MEASURES
    assert all(values.shape == (0,) for values in found.values())


def test_a_focal_length_is_for_measures_and_above_zero() -> None:
    assert names_of(False) == ()
    assert names_of(True, 500) == MEASURES
    with pytest.raises(InputError, match="--measures"):
        names_of(False, 500)
    for wrong in (0, -5, float("nan"), float("inf")):
        with pytest.raises(InputError, match="above 0"):
            names_of(True, wrong)


def test_the_mean_shape_is_symmetric_and_the_mouth_is_not_rigid() -> None:
    assert MEAN_SHAPE[list(MIRROR)] * [-1, 1, 1] == pytest.approx(MEAN_SHAPE)
    assert set(range(15)) - set(RIGID) == {index for name, index in INDEX.items() if "mouth" in name}


def test_the_fit_recovers_a_shape_from_turned_heads() -> None:
    rng = np.random.default_rng(3)
    turns = [rotation(*rng.normal(0, (20, 8, 10))) for _ in range(3000)]
    points = np.stack([(MEAN_SHAPE @ turn.T)[:, :2] * rng.uniform(30, 90) for turn in turns])
    points = np.concatenate([points, points[:, MIRROR] * [-1, 1]])
    assert fit_mean_shape(points) == pytest.approx(MEAN_SHAPE, abs=0.03)


@needs_faces
def test_the_mean_shape_is_the_one_fitted_to_the_face_set() -> None:
    points = np.stack([face.points for face in read_face_set(Path(data_folder()), SUBSETS)])
    assert fit_mean_shape(points) == pytest.approx(MEAN_SHAPE, abs=6e-4)
