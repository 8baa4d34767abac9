"""Labels of another network, improved by agreement with ours."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.fakes import FakeEngine, upright_points
from tracker.crop import anchors_of, crop_transforms, to_frame
from tracker.keypoints import LEFT_OUTER_CORNER, RIGHT_OUTER_CORNER
from training.agreement import agreed
from training.data.face_set import LabelledFace

POINTS = upright_points() * 1.5 + [60, 40]
POINTS[[LEFT_OUTER_CORNER, RIGHT_OUTER_CORNER], 0] += [15, -15]  # where the fake engine does not see them
WHERE_OURS_ARE = to_frame(crop_transforms(anchors_of(POINTS[None])), upright_points()[None])[0]


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "face.png"
    cv2.imwrite(str(path), np.random.default_rng(0).integers(0, 255, (240, 320), np.uint8))
    return path


def labelled(path: Path, points: np.ndarray, *, human: bool = False) -> LabelledFace:
    return LabelledFace(path, "ytf", "someone", human, points.astype(np.float32))


def test_labels_go_half_way_to_ours(picture: Path) -> None:
    (face,) = agreed([labelled(picture, POINTS)], FakeEngine())
    assert face.points == pytest.approx((WHERE_OURS_ARE + POINTS) / 2, abs=0.01)


def test_a_face_on_which_both_disagree_is_left_out_unless_a_person_labelled_it(picture: Path) -> None:
    wrong = POINTS.copy()
    wrong[6:10] += [9, -9]  # the brows, which do not move the crop
    assert agreed([labelled(picture, wrong)], FakeEngine()) == []
    (kept,) = agreed([labelled(picture, wrong, human=True)], FakeEngine())
    assert (kept.points == wrong.astype(np.float32)).all()
