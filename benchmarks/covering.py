"""Things before a face, drawn over it: a hand or a microphone over the mouth, something over one eye."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from spoiling import HEIGHT, WIDTH, Scene, pixels

from tracker.keypoints import LEFT_EYE, LEFT_OUTER_CORNER, LIPS, MOUTH_CORNERS, RIGHT_EYE, RIGHT_OUTER_CORNER


def hand_on_mouth(scene: Scene, percent: float, rng: np.random.Generator) -> Scene:
    """Lays a hand of the face's own colour over the mouth: four fingers, so many % of the eye distance high in all."""
    if percent == 0:
        return scene
    mouth, across, down = _mouth(scene)
    height = percent / 100 * scene.eyes
    thick = height / 4
    lean = rng.uniform(-0.2, 0.2)
    direction = across * np.cos(lean) + down * np.sin(lean)
    beside = down * np.cos(lean) - across * np.sin(lean)
    side = rng.choice([-1.0, 1.0])
    mask, shade = _canvas(), _canvas()
    for finger, reach in enumerate((0.55, 0.68, 0.72, 0.6)):
        middle = mouth + beside * (finger - 1.5) * thick
        tip, root = middle + side * direction * reach * height, middle - side * direction * 2 * height
        _line(mask, root, tip, thick * 1.04)
        _line(shade, root + beside * thick / 2, tip + beside * thick / 2, max(thick / 8, 1))
    return _covered(scene, mask, _skin(scene) * (1 - 0.35 * shade[:, :, None]))


def microphone_on_mouth(scene: Scene, percent: float, rng: np.random.Generator) -> Scene:
    """Holds a microphone before the mouth: a dark ball, so many % of the eye distance wide, on a stick."""
    if percent == 0:
        return scene
    mouth, across, down = _mouth(scene)
    width = percent / 100 * scene.eyes
    lean = rng.uniform(-0.5, 0.5)
    handle = down * np.cos(lean) + across * np.sin(lean)
    ball, stick = _canvas(), _canvas()
    _line(ball, mouth, mouth, width)
    _line(stick, mouth, mouth + handle * 4 * width, 0.45 * width)
    mesh = 12 * rng.standard_normal((HEIGHT, WIDTH, 1), np.float32)
    colour = np.where(ball[:, :, None] > 0.5, 60 + mesh, 30)
    return _covered(scene, np.maximum(ball, stick), colour)


def fist_on_eye(scene: Scene, percent: float, rng: np.random.Generator) -> Scene:
    """Lays an ellipse of the face's own colour over one eye, so many % of the eye distance wide."""
    if percent == 0:
        return scene
    _, across, _ = _mouth(scene)
    eye = scene.points[rng.choice([LEFT_EYE, RIGHT_EYE])]
    width = percent / 100 * scene.eyes
    mask = _canvas()
    _line(mask, eye - across * 0.1 * width, eye + across * 0.1 * width, 0.8 * width)
    return _covered(scene, mask, _skin(scene))


def _mouth(scene: Scene) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """The mouth's middle, and unit vectors along the line of the eyes and at right angles to it, to the chin."""
    middle = scene.points[[*MOUTH_CORNERS, *LIPS]].mean(axis=0)
    across = scene.points[LEFT_OUTER_CORNER] - scene.points[RIGHT_OUTER_CORNER]
    across = across / np.linalg.norm(across)
    return middle, across, np.array([-across[1], across[0]], np.float32)


def _canvas() -> NDArray[np.float32]:
    return np.zeros((HEIGHT, WIDTH), np.float32)


def _line(canvas: NDArray[np.float32], start: NDArray[np.floating], end: NDArray[np.floating], thick: float) -> None:
    """Draws a line with round ends and soft edges, of value 1."""
    low = np.clip(np.minimum(start, end) - thick / 2 - 1, 0, [WIDTH, HEIGHT]).astype(int)
    high = np.clip(np.maximum(start, end) + thick / 2 + 2, 0, [WIDTH, HEIGHT]).astype(int)
    columns, rows = np.arange(low[0], high[0])[None], np.arange(low[1], high[1])[:, None]
    along = end - start
    share = ((columns - start[0]) * along[0] + (rows - start[1]) * along[1]) / max(float(along @ along), 1e-9)
    share = np.clip(share, 0, 1)
    away = np.hypot(columns - start[0] - share * along[0], rows - start[1] - share * along[1])
    part = canvas[low[1] : high[1], low[0] : high[0]]
    np.maximum(part, np.clip(thick / 2 - away + 0.5, 0, 1), out=part)


def _skin(scene: Scene) -> NDArray[np.float32]:
    """The colour of the cheeks (3,): the median around the middle between each eye and its corner of the mouth."""
    cheeks = (scene.points[[LEFT_EYE, RIGHT_EYE]] + scene.points[list(MOUTH_CORNERS)]) / 2
    half = max(1, round(scene.eyes / 20))
    patches = []
    for x, y in np.clip(cheeks.round().astype(int), half, [WIDTH - half - 1, HEIGHT - half - 1]):
        patches.append(scene.image[y - half : y + half + 1, x - half : x + half + 1].reshape(-1, 3))
    return np.asarray(np.median(np.concatenate(patches), axis=0), np.float32)


def _covered(scene: Scene, mask: NDArray[np.float32], colour: NDArray[np.floating]) -> Scene:
    soft = mask[:, :, None]
    image = pixels(scene.image * (1 - soft) + colour * soft)
    columns, rows = np.clip(scene.points.round().astype(int), 0, [WIDTH - 1, HEIGHT - 1]).T
    return replace(scene, image=image, covered=scene.covered | (mask[rows, columns] > 0.5))
