"""The 15 keypoints: names, order, regions, left-right pairs and skeleton.

The order is the one of Kaggle's "Facial Keypoints Detection" competition. Left and right are the subject's, so the
left eye of a face that looks into the camera is on the right of the picture.
"""

KEYPOINTS: tuple[str, ...] = (
    "left_eye_center",
    "right_eye_center",
    "left_eye_inner_corner",
    "left_eye_outer_corner",
    "right_eye_inner_corner",
    "right_eye_outer_corner",
    "left_eyebrow_inner_end",
    "left_eyebrow_outer_end",
    "right_eyebrow_inner_end",
    "right_eyebrow_outer_end",
    "nose_tip",
    "mouth_left_corner",
    "mouth_right_corner",
    "mouth_center_top_lip",
    "mouth_center_bottom_lip",
)
"""Names of the keypoints, in the order in which every array of points holds them."""

COUNT = len(KEYPOINTS)
"""How many keypoints a face has: 15."""

INDEX: dict[str, int] = {name: index for index, name in enumerate(KEYPOINTS)}
"""Row of a keypoint in an array of points, by name."""


def _indices(*names: str) -> tuple[int, ...]:
    return tuple(INDEX[name] for name in names)


LEFT_EYE = INDEX["left_eye_center"]
RIGHT_EYE = INDEX["right_eye_center"]
LEFT_OUTER_CORNER = INDEX["left_eye_outer_corner"]
RIGHT_OUTER_CORNER = INDEX["right_eye_outer_corner"]
MOUTH_CORNERS = _indices("mouth_left_corner", "mouth_right_corner")
LIPS = _indices("mouth_center_top_lip", "mouth_center_bottom_lip")

REGIONS: dict[str, tuple[int, ...]] = {
    "eyes_nose": tuple(i for i, name in enumerate(KEYPOINTS) if "_eye_" in name or name == "nose_tip"),
    "mouth_brows": tuple(i for i, name in enumerate(KEYPOINTS) if "mouth" in name or "eyebrow" in name),
}
"""The network's branches: keypoints of the eyes and the nose (7), of the mouth and the eyebrows (8)."""


def _mirrored(name: str) -> str:
    swap = {"left": "right", "right": "left"}
    return "_".join(swap.get(word, word) for word in name.split("_"))


MIRROR: tuple[int, ...] = tuple(INDEX[_mirrored(name)] for name in KEYPOINTS)
"""Index of the keypoint that each one becomes when the picture is mirrored."""

SKELETON: tuple[tuple[int, int], ...] = tuple(
    (INDEX[a], INDEX[b])
    for a, b in (
        ("left_eye_inner_corner", "left_eye_center"),
        ("left_eye_center", "left_eye_outer_corner"),
        ("right_eye_inner_corner", "right_eye_center"),
        ("right_eye_center", "right_eye_outer_corner"),
        ("left_eyebrow_inner_end", "left_eyebrow_outer_end"),
        ("right_eyebrow_inner_end", "right_eyebrow_outer_end"),
        ("mouth_left_corner", "mouth_center_top_lip"),
        ("mouth_center_top_lip", "mouth_right_corner"),
        ("mouth_right_corner", "mouth_center_bottom_lip"),
        ("mouth_center_bottom_lip", "mouth_left_corner"),
    )
)
"""Pairs of keypoints that a drawing joins by a line."""
