"""The numbers in the picture book of the data, each on data of which they are known."""

import numpy as np
import pytest

from tests.training.competition_files import SHAPE
from tests.training.reports.eda_files import BROW, LIP, NOSE, noise, write_data
from tracker.keypoints import INDEX, KEYPOINTS
from training.data.competition import read_dataset
from training.data.dataset import FIRST, SECOND, Dataset, Faces96
from training.reports.eda import counts, facts, missing, offsets, outliers, row_picture, samples, shape
from training.reports.eda import pixels as levels
from training.reports.eda.copies import copies_within, exact_copies, least_alike, matches_in_training
from training.reports.page import Page


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return read_dataset(write_data(tmp_path_factory.mktemp("data")), use_cache=False)


def faces_of(points: np.ndarray, count: int = 1) -> Faces96:
    return Faces96(np.zeros((count, 96, 96), np.uint8), np.asarray(points, np.float32).reshape(count, 15, 2))


def test_facts(dataset: Dataset) -> None:
    found = facts.measure(dataset)
    assert (found["rows"], found["complete_rows"], found["rows_without_label"]) == (110, 67, 0)
    assert (found["rows_of_first_kind"], found["rows_of_second_kind"]) == (70, 40)
    assert (found["test_images"], found["values_asked"]) == (6, 3 * 30 + 3 * 4)
    assert found["asked_of_second_kind_percent"] == pytest.approx(100 * 12 / 102)
    assert found["missing_percent"] == pytest.approx(100 * (40 * 11 + 5) / (110 * 15))
    assert found["pixel_mean"] == pytest.approx(dataset.training.images.mean())
    assert found["pixel_deviation"] == pytest.approx(dataset.training.images.std())


def test_labels_are_counted_per_keypoint_and_kind(dataset: Dataset) -> None:
    counted = counts.label_counts(dataset.training)
    assert counted[:, NOSE].tolist() == [70, 40]
    assert counted[:, LIP].tolist() == [68, 40]
    assert counted[:, BROW].tolist() == [67, 0]
    assert counted.sum() == 70 * 15 - 5 + 40 * 4


def test_half_a_label_is_none(dataset: Dataset) -> None:
    points = dataset.training.points[:1].copy()
    points[0, NOSE, 1] = np.nan
    assert counts.label_counts(Faces96(dataset.training.images[:1], points))[FIRST, NOSE] == 0
    assert shape.spread_of(points).rows[NOSE] == 0


def test_patterns_and_what_is_missing_together(dataset: Dataset) -> None:
    labelled = dataset.training.labelled
    found = missing.patterns(labelled)
    assert [pattern.rows for pattern in found] == [67, 40, 2, 1]
    assert found[0].missing == ()
    assert len(found[1].missing) == 11
    assert found[2].missing == (BROW, LIP)
    assert found[3].missing == (BROW,)
    together = missing.missing_together(labelled[:70])
    assert together[BROW, LIP] == together[LIP, BROW] == pytest.approx(100 * 2 / 3)
    assert together[BROW, BROW] == 100
    assert together[BROW, NOSE] == 0
    assert np.isnan(together[NOSE, NOSE])


def test_chance_alone_makes_no_pattern() -> None:
    labelled = np.ones((4, 15), np.bool_)
    labelled[:2, 0] = labelled[::2, 1] = False
    assert missing.share_by_chance(labelled, (0, 1)) == pytest.approx(0.25)
    assert missing.share_by_chance(labelled, (0,)) == pytest.approx(0.25)
    assert missing.share_by_chance(labelled, (2,)) == 0


def test_the_two_kinds_in_file_order(dataset: Dataset) -> None:
    assert row_picture.stretches(dataset.training.kinds) == [(FIRST, 0, 70), (SECOND, 70, 110)]
    asked = row_picture.asked_keypoints(dataset)
    assert asked.sum(axis=1).tolist() == [15, 2, 15, 2, 15, 2]
    assert asked[1, :2].all()


def test_mean_and_spread_of_points() -> None:
    rng = np.random.default_rng(0)
    covariance = np.array([[4.0, 1.5], [1.5, 1.0]])
    points = SHAPE + rng.multivariate_normal((0, 0), covariance, (4000, 15))
    points[1000:, NOSE] = np.nan
    points[:, BROW] = np.nan
    points[0, BROW] = 7
    spread = shape.spread_of(points)
    assert spread.rows[[0, NOSE, BROW]].tolist() == [4000, 1000, 1]
    assert spread.mean[0] == pytest.approx(SHAPE[0], abs=0.15)
    assert spread.mean[NOSE] == pytest.approx(np.nanmean(points[:, NOSE], axis=0))
    assert spread.covariance[0] == pytest.approx(np.cov(points[:, 0].T))
    assert spread.covariance[NOSE] == pytest.approx(np.cov(points[:1000, NOSE].T))
    assert spread.deviation[0] == pytest.approx((2, 1), rel=0.1)
    assert spread.mean[BROW].tolist() == [7, 7]
    assert np.isnan(spread.covariance[BROW]).all()


def test_the_table_of_points_names_the_right_rows(dataset: Dataset) -> None:
    page = Page("", "")
    found = shape.add(page, dataset)
    first = found["points"]["first"]
    assert list(first) == list(KEYPOINTS)
    assert first["nose_tip"]["mean"] == pytest.approx(dataset.training.points[:70, NOSE].mean(axis=0), abs=1e-3)
    assert list(found["points"]["second"]) == [name for i, name in enumerate(KEYPOINTS) if i in (0, 1, NOSE, LIP)]
    mean = dataset.training.points[70:, [0, 1, NOSE, LIP]].astype(np.float64)
    assert found["rmse_of_mean_face"]["second"] == pytest.approx(np.sqrt((mean.std(axis=0) ** 2).mean()), abs=1e-3)


def test_gray_levels_before_and_after_normalisation(dataset: Dataset) -> None:
    found = levels.measure(dataset.training)
    values = dataset.training.normalised()
    assert found.normalised_mean == pytest.approx(values.mean(), abs=1e-4)
    assert found.normalised_deviation == pytest.approx(values.std(), abs=1e-4)
    assert found.raw.sum() == pytest.approx(1)
    assert found.normalised == pytest.approx(found.raw)
    assert found.means == pytest.approx(dataset.training.images.mean(axis=(1, 2)))
    both = Faces96(np.repeat(np.array([0, 255], np.uint8), 96 * 96).reshape(2, 96, 96), dataset.training.points[:2])
    ends = levels.measure(both)
    assert ends.normalised[[0, -1]].tolist() == ends.raw[[0, -1]].tolist() == [0.5, 0.5]


def test_pose_is_measured_by_the_eyes() -> None:
    points = np.full((3, 15, 2), np.nan)
    points[:2, 0], points[:2, 1] = (60, 30), (20, 0)
    ranges = samples.pose_ranges(faces_of(points, 3))
    assert ranges["eye_distance"] == pytest.approx([50, 50])
    assert ranges["turn"] == pytest.approx([np.degrees(np.arctan(0.75))] * 2)
    assert ranges["x"] == [40, 40]
    assert ranges["y"] == [15, 15]
    assert samples.pose_ranges(faces_of(np.full((1, 15, 2), np.nan))) == {}


def test_samples_are_of_every_sort_that_there_is(dataset: Dataset) -> None:
    chosen = samples.choose(dataset.training)
    assert chosen["with gaps"].tolist() == [4, 5, 6]
    assert (chosen["second kind"] >= 70).all()
    assert dataset.training.labelled[chosen["complete"]].all()
    assert list(samples.choose(dataset.training[:3])) == ["complete"]


@pytest.mark.parametrize(("row", "keypoint"), [(8, NOSE), (9, INDEX["right_eye_center"]), (5, 0), (90, LIP)])
def test_a_moved_label_is_found(dataset: Dataset, row: int, keypoint: int) -> None:
    points = dataset.training.points.copy()
    points[row, keypoint, 0] += 30
    found = outliers.expectations(Faces96(dataset.training.images, points))
    rows, keypoints = found.worst()
    assert (rows[0], keypoints[0]) == (row, keypoint)
    assert found.points[row, keypoint] == pytest.approx(dataset.training.points[row, keypoint], abs=5)
    assert found.deviations[row, keypoint] > 8
    assert found.deviations[rows[1], keypoints[1]] < 8
    assert np.isnan(found.deviations[4, BROW])


def test_deviations_are_in_standard_deviations() -> None:
    rng = np.random.default_rng(1)
    turn, _ = np.linalg.qr(rng.normal(0, 1, (30, 30)))
    mix = np.linspace(0.8, 5, 30)[:, None] * turn
    points = SHAPE.ravel() + rng.normal(0, 1, (3000, 30)) @ mix
    found = outliers.expectations(faces_of(points, 3000))
    assert np.median(found.deviations**2) == pytest.approx(2 * np.log(2), rel=0.1)  # of chi-squared with 2 degrees
    mean, covariance = outliers.robust_normal(np.concatenate([points[:900], np.full((60, 30), 500.0)]))
    assert mean == pytest.approx(SHAPE.ravel(), abs=0.5)
    assert np.diag(covariance) == pytest.approx(np.diag(mix.T @ mix), rel=0.35)


def test_a_face_elsewhere_in_the_picture_is_no_outlier() -> None:
    rng = np.random.default_rng(2)
    turn, size = rng.normal(0, 0.2, 500), rng.normal(1, 0.15, 500)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]).transpose(2, 0, 1)
    faces = (
        (SHAPE - 48) @ (rotation * size[:, None, None])
        + rng.normal(48, 4, (500, 1, 2))
        + rng.normal(0, 0.5, (500, 15, 2))
    )
    faces[0] = (SHAPE - 48) @ np.array([[0, -0.6], [0.6, 0]]) + 30 + rng.normal(0, 0.5, (15, 2))
    found = outliers.expectations(faces_of(faces, 500))
    assert np.nanmax(found.deviations[0]) < 6


def test_with_few_complete_rows_nothing_is_judged(dataset: Dataset) -> None:
    rows, _ = outliers.expectations(dataset.training[:50]).worst()
    assert len(rows) == 0


def test_offsets_in_pixels(dataset: Dataset) -> None:
    found = offsets.add(Page("", ""), dataset)["conventions"]
    nose, lip = found["offsets"]
    assert found["mean_eye_distance"] == pytest.approx(36, abs=1)
    assert (nose["keypoint"], lip["keypoint"]) == ("nose_tip", "mouth_center_bottom_lip")
    assert nose["down"] * found["mean_eye_distance"] == pytest.approx(7, abs=1)
    assert lip["down"] * found["mean_eye_distance"] == pytest.approx(-4, abs=1)
    assert nose["pixels"] == pytest.approx(7, abs=1)
    assert nose["apart"]
    assert tuple(lip["rows"]) == (68, 40)


def test_copies_within_training_and_of_it_among_the_test_images() -> None:
    images = noise(8)
    images[3] = images[7] = images[0]
    images[5] = images[1] // 2 + 20
    assert [group.tolist() for group in copies_within(images)] == [[0, 3, 7], [1, 5]]
    assert exact_copies(images) == 2
    pair = least_alike(images, np.array([0, 2, 3]))
    assert (pair.first, pair.second) in ((0, 2), (2, 3))
    assert pair.likeness < 0.5
    faces = Faces96(images, np.full((8, 15, 2), np.nan, np.float32))
    test = np.stack([255 - images[2], images[6] // 3, images[1]])
    assert [(match.first, match.second) for match in matches_in_training(faces, test)] == [(1, 2), (6, 1)]
    assert matches_in_training(faces, test[:0]) == []
