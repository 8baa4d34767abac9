"""The conditions and their levels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from covering import fist_on_eye, hand_on_mouth, microphone_on_mouth
from spoiling import STANDARD_WIDTH, Scene, Spoiling, blurred, compressed, darkened, moved, noisy, place, rolled

from training.data.face_set import LabelledFace

SIZE = "size"


@dataclass(frozen=True, slots=True)
class Condition:
    """One way in which faces are spoiled.

    Attributes:
        name: a word.
        axis: what the levels are, with their unit, for people.
        levels: how much, from least to worst.
        spoil: makes a scene worse; None if there is nothing to do.
        plain: the level that changes nothing.
    """

    name: str
    axis: str
    levels: tuple[float, ...]
    spoil: Spoiling | None = None
    plain: float | None = None


CONDITIONS = (
    Condition(SIZE, "width, pixels", (200, 120, 80, 60, 40, 30, 20), plain=STANDARD_WIDTH),
    Condition("roll", "degrees", (-90, -60, -45, -30, -15, 0, 15, 30, 45, 60, 90), rolled),
    Condition("darkness", "gray levels ×", (1, 0.5, 0.3, 0.2, 0.1, 0.05), darkened, plain=1),
    Condition("blur", "σ, % of the eye distance", (0, 2, 4, 6, 9, 12), blurred, plain=0),
    Condition("motion", "length, % of the eye distance", (0, 10, 20, 30, 45, 60), moved, plain=0),
    Condition("JPEG", "quality", (90, 50, 30, 20, 10, 5), compressed),
    Condition("noise", "σ, gray levels", (0, 5, 10, 20, 30, 40), noisy, plain=0),
    Condition("hand", "height, % of the eye distance", (0, 20, 40, 60, 80), hand_on_mouth, plain=0),
    Condition("microphone", "width, % of the eye distance", (0, 20, 40, 60, 80), microphone_on_mouth, plain=0),
    Condition("eye", "width, % of the eye distance", (0, 20, 40, 60, 80), fist_on_eye, plain=0),
)
COVERING: dict[str, Spoiling] = {"hand": hand_on_mouth, "microphone": microphone_on_mouth, "eye": fist_on_eye}
PLAIN = Condition("plain", "", (STANDARD_WIDTH,))


def scenes_of(condition: Condition, level: float, faces: Sequence[LabelledFace]) -> list[Scene]:
    """Makes the scenes of a level; a face has the same hand, noise and direction of motion at all levels."""
    scenes = []
    for number, face in enumerate(faces):
        scene = place(face.colour(), face.points, level if condition.name == SIZE else STANDARD_WIDTH)
        rng = np.random.default_rng(number)
        scenes.append(condition.spoil(scene, level, rng) if condition.spoil else scene)
    return scenes
