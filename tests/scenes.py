"""Scenes in which ids are easily lost: crowds, crossings, covered faces, faces that leave and come back.

Speeds are in face widths per second, times in seconds.
"""

import math

import numpy as np
from numpy.typing import NDArray

from tests.composites import EYES, FACE_WIDTH, SIDE, Actor, Cutout, Scene, thing

_ROUND = [(0, 0), (1, 0), (2, 0), (3, 0), (3, 1), (2, 1), (1, 1), (1, 2), (2, 2), (3, 2), (3, 3), (2, 3), (1, 3)]
_ROUND += [(0, 3), (0, 2), (0, 1)]
"""A closed path over the 16 cells of a grid."""
_LEAD = 1.0
"""Faces are alone for at least so long before something happens to them, and afterwards."""


def belt(cutouts: list[Cutout], frames: int, rate: float = 30.0, seed: int = 0, speed: float = 1.0) -> Scene:
    """16 faces that walk one behind the other through a grid, stop, and walk back, never overlapping.

    Args:
        cutouts: 16 faces.
        frames: how many.
        rate: frames per second.
        seed: of their tilts, sizes and wobbles.
        speed: at most.
    """
    width, height, eyes = 640, 480, 20.0
    rng = np.random.default_rng(seed)
    time = np.arange(frames) / rate
    cells = (np.array([*_ROUND, _ROUND[0]]) + 0.5) * [width / 4, height / 4]
    pace = speed * FACE_WIDTH * eyes * 7 / 2 / math.pi  # pixels, so that the walk of 7 seconds is fastest at `speed`
    walked = pace * np.sin(2 * math.pi * time / 7) + 0.3 * pace * time / 7
    lengths = np.linalg.norm(np.diff(cells, axis=0), axis=1)
    actors = []
    for index, cutout in enumerate(cutouts):
        way = (walked + lengths[:index].sum()) % lengths.sum()
        stations = np.concatenate([[0], lengths.cumsum()])
        place = np.stack([np.interp(way, stations, cells[:, axis]) for axis in (0, 1)], axis=1)
        phase, turn, swing = rng.uniform(0, 2 * math.pi, (3, 1)) + time * rng.uniform(0.5, 3, (3, 1))
        place += 4 * np.stack([np.sin(phase), np.cos(1.3 * phase)], axis=1)
        actors.append(Actor(cutout, place, eyes * (1 + 0.08 * np.sin(turn)), 0.25 * np.sin(swing)))
    return Scene(actors, width, height, rate, seed)


def crowd(cutouts: list[Cutout], frames: int, rate: float = 30.0, seed: int = 0, speed: float = 1.0) -> Scene:
    """16 faces that sway about places of their own, each at another pace of up to `speed`, never overlapping."""
    width, height, eyes = 640, 480, 22.0
    rng = np.random.default_rng(seed)
    time = np.arange(frames) / rate
    actors = []
    for index, cutout in enumerate(cutouts):
        reach = np.array([40.0, 8.0])
        rates = (
            rng.uniform(0.4, 1) * speed * FACE_WIDTH * eyes / np.hypot(*reach) * np.array([1.0, rng.uniform(0.5, 1)])
        )
        phase = rng.uniform(0, 2 * math.pi, 2) + time[:, None] * rates
        place = (np.array([index % 4, index // 4]) + 0.5) * [width / 4, height / 4] + reach * np.sin(phase)
        turn, swing = rng.uniform(0, 2 * math.pi, (2, 1)) + time * rng.uniform(0.5, 3, (2, 1))
        actors.append(Actor(cutout, place, eyes * (1 + 0.1 * np.sin(turn)), 0.2 * np.sin(swing)))
    return Scene(actors, width, height, rate, seed)


def crossing(
    rear: Cutout,
    front: Cutout,
    rear_velocity: tuple[float, float],
    front_velocity: tuple[float, float],
    *,
    sizes: tuple[float, float] = (30.0, 30.0),
    miss: float = 0.0,
    rate: float = 30.0,
    seed: int = 0,
) -> Scene:
    """Two faces of which one passes in front of the other, in the middle of the frame and of the time.

    Args:
        rear: the face that is covered.
        front: the one that covers it.
        rear_velocity: x and y.
        front_velocity: x and y; not the same.
        sizes: eye distances of the rear and the front face, pixels.
        miss: how far apart their middles are when they are closest, in face widths.
        rate: frames per second.
        seed: of the background.
    """
    width = FACE_WIDTH * max(sizes)
    velocities = np.array([rear_velocity, front_velocity]) * width
    relative = velocities[1] - velocities[0]
    pace = float(np.hypot(*relative))
    half = max(1.7 * width / pace + _LEAD, 1.5)
    time = np.arange(-half, half, 1 / rate)
    aside = np.array([-relative[1], relative[0]]) / pace * miss * width
    actors = []
    for cutout, velocity, size, sign in zip((rear, front), velocities, sizes, (-0.5, 0.5), strict=True):
        place = np.array([320.0, 240.0]) + sign * aside + time[:, None] * velocity
        actors.append(Actor(cutout, place, np.full(len(time), size), np.zeros(len(time))))
    return Scene(actors, rate=rate, seed=seed)


def covered(
    face: Cutout, speed: float, *, seconds: float = 0.5, passing: float = 4.0, rate: float = 30.0, seed: int = 0
) -> Scene:
    """A face that moves to the right and is hidden for a while by a thing that passes in front of it.

    Args:
        face: that is covered.
        speed: of the face.
        seconds: for which nothing of the face's points can be seen.
        passing: the thing's speed relative to the face.
        rate: frames per second.
        seed: of the background.
    """
    eyes = 30.0
    width = FACE_WIDTH * eyes
    half = (passing * seconds + 3) / passing / 2 + _LEAD
    time = np.arange(-half, half, 1 / rate)
    zeros = np.zeros(len(time))
    place = np.stack([320 + speed * width * time, 240 + zeros], axis=1)
    points = face.points / EYES * eyes
    wide = float(np.ptp(points[:, 0])) + passing * width * seconds
    share = 0.8
    size = wide / (share * SIDE) * EYES
    along = np.stack([320 + (speed - passing) * width * time, 240 + zeros], axis=1)
    actors = [Actor(face, place, eyes + zeros, zeros), Actor(thing(share, 1.0, seed), along, size + zeros, zeros)]
    return Scene(actors, rate=rate, seed=seed)


def leaving(first: Cutout, second: Cutout, away: float, *, rate: float = 30.0, seed: int = 0) -> Scene:
    """A face leaves the frame on the left and another one enters there; in between less than half of a
    face is in sight for `away` seconds."""
    eyes, speed = 30.0, 1.0
    width = FACE_WIDTH * eyes
    out = 0.0  # where half of it is out of sight
    walk = (120.0 - out) / (speed * width)
    time = np.arange(0, 2 * walk + away + 2 * _LEAD, 1 / rate)
    gone, back = _LEAD + walk, _LEAD + walk + away
    inside = np.interp(time, [_LEAD, gone], [120.0, out], right=-3 * width)
    again = np.interp(time, [back, back + walk], [out, 120.0], left=-3 * width)
    return Scene([_walker(first, inside, eyes), _walker(second, again, eyes)], rate=rate, seed=seed)


def _walker(cutout: Cutout, x: NDArray[np.float64], eyes: float) -> Actor:
    return Actor(cutout, np.stack([x, np.full(len(x), 240.0)], axis=1), np.full(len(x), eyes), np.zeros(len(x)))
