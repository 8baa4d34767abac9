"""The mean face in three dimensions, and which of its points are rigid.

The numbers are fitted to 1,675 faces of photographs that people labelled (the collections LFPW and HELEN) by
`python -m training.mean_shape`, which also says how. The unit is the distance between the eye centres, some 63 mm in
adults (N. A. Dodgson, Variation and extrema of human interpupillary distance, 2004).
"""

import numpy as np

from tracker.keypoints import KEYPOINTS

_PLACES = {
    "left_eye_center": (0.500, 0.000, 0.000),
    "right_eye_center": (-0.500, 0.000, 0.000),
    "left_eye_inner_corner": (0.300, 0.026, -0.020),
    "left_eye_outer_corner": (0.690, 0.001, 0.059),
    "right_eye_inner_corner": (-0.300, 0.026, -0.020),
    "right_eye_outer_corner": (-0.690, 0.001, 0.059),
    "left_eyebrow_inner_end": (0.190, -0.258, -0.255),
    "left_eyebrow_outer_end": (0.920, -0.203, 0.161),
    "right_eyebrow_inner_end": (-0.190, -0.258, -0.255),
    "right_eyebrow_outer_end": (-0.920, -0.203, 0.161),
    "nose_tip": (0.000, 0.543, -0.588),
    "mouth_left_corner": (0.435, 1.024, -0.021),
    "mouth_right_corner": (-0.435, 1.024, -0.021),
    "mouth_center_top_lip": (0.000, 0.951, -0.330),
    "mouth_center_bottom_lip": (0.000, 1.250, -0.284),
}
MEAN_SHAPE = np.array([_PLACES[name] for name in KEYPOINTS])
"""(15, 3) float64, eye distances from the middle of the eyes: x to the subject's left, y down, z into the head."""

RIGID = tuple(index for index, name in enumerate(KEYPOINTS) if "mouth" not in name)
"""Indices of the 11 points by which the pose is found: eyes, nose tip and eyebrow ends.

- Eye corners and nose tip are held by bone and gristle. The eye centres, means of the lids, move a little in a blink.
- The mouth's points move by half an eye distance as it opens, so they are left out.
- Eyebrow ends move too, but without them eyes and nose are nearly in one plane, and a plane seen from afar has two
  poses that look alike. Raised by 0.15 eye distances, all four together turn the pitch by 1.2 degrees.
"""
