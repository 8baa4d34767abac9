"""The two conventions: measured, and kept apart by outputs of their own."""

import numpy as np
import pytest

from tests.training.competition_files import write_competition
from tracker.keypoints import INDEX
from training.data.competition import read_dataset
from training.data.conventions import Heads, heads_for, measure_offsets
from training.data.dataset import FIRST, SECOND, Faces96
from training.data.duplicates import duplicate_groups
from training.data.folds import assign_folds
from training.data.missing import handle_missing

NOSE, LIP = INDEX["nose_tip"], INDEX["mouth_center_bottom_lip"]


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Faces96:
    folder = write_competition(tmp_path_factory.mktemp("data"), first=60, second=60)
    return read_dataset(folder, use_cache=False).training


def test_offsets_are_measured_in_eye_distances(faces: Faces96) -> None:
    nose, lip = measure_offsets(faces)
    assert (nose.keypoint, lip.keypoint) == (NOSE, LIP)
    assert nose.down == pytest.approx(7 / 36, abs=0.03)
    assert lip.down == pytest.approx(-4 / 36, abs=0.03)
    assert nose.apart
    assert lip.apart
    assert heads_for(faces, apart=True).second == (NOSE, LIP)
    assert heads_for(faces, apart=False).second == ()


def test_one_kind_alone_or_few_rows_need_no_second_outputs(faces: Faces96) -> None:
    for part in (faces[faces.kinds == FIRST], faces[faces.kinds == SECOND], faces[:10]):
        assert len(heads_for(part, apart=True)) == 15


def test_rows_of_one_kind_with_the_same_labels_are_not_apart(faces: Faces96) -> None:
    points = faces.points[faces.kinds == FIRST].copy()
    hidden = np.setdiff1d(np.arange(15), (0, 1, NOSE, LIP))
    points[::2, hidden] = np.nan
    same = Faces96(faces.images[: len(points)], points)
    assert set(same.kinds) == {FIRST, SECOND}
    assert not any(offset.apart for offset in measure_offsets(same))


def test_labels_spread_over_the_outputs_come_back(faces: Faces96) -> None:
    heads = Heads((NOSE, LIP))
    wide = heads.spread(faces.points, faces.kinds)
    assert np.isnan(wide[faces.kinds == FIRST][:, 15:]).all()
    assert np.isnan(wide[faces.kinds == SECOND][:, [NOSE, LIP]]).all()
    assert np.array_equal(heads.select(wide, faces.kinds), faces.points, equal_nan=True)


def test_every_output_has_one_region_and_one_group() -> None:
    heads = Heads((NOSE, LIP))
    assert sorted(sum(heads.regions().values(), ())) == list(range(17))
    assert sorted(sum(heads.groups().values(), ())) == list(range(17))
    assert len(heads.groups()) == 6
    assert [heads.mirror[i] for i in heads.mirror] == list(range(17))


def test_folds_keep_copies_together_and_share_both_kinds(faces: Faces96) -> None:
    brighter = np.clip(faces.images[:20].astype(int) + 12, 0, 255).astype(np.uint8)
    images = np.concatenate([faces.images, brighter])
    groups = duplicate_groups(images)
    assert (groups[120:] == groups[:20]).all()
    kinds = np.concatenate([faces.kinds, faces.kinds[:20]])
    groups = np.concatenate([np.arange(120), np.arange(20)])
    folds = assign_folds(groups, kinds, 5, seed=3)
    assert (folds[120:] == folds[:20]).all()
    for kind in (FIRST, SECOND):
        assert np.ptp(np.bincount(folds[kinds == kind], minlength=5)) <= 2


def test_missing_cells_are_filled_dropped_or_left(faces: Faces96) -> None:
    assert handle_missing(faces, "mask") is faces
    assert len(handle_missing(faces, "drop")) == 60
    filled = handle_missing(faces, "fill")
    assert not np.isnan(filled.points).any()
    eyebrow = INDEX["left_eyebrow_inner_end"]
    assert filled.points[-1, eyebrow] == pytest.approx(faces.points[:60, eyebrow].mean(axis=0), abs=1e-3)
