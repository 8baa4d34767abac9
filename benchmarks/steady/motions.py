"""How a face moves in a clip, as functions of time, so that the truth is known at any moment."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Moments = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Motion:
    """A motion of a face around the place where it starts.

    Attributes:
        name: what a table calls it.
        shift: takes moments (T,) in seconds and returns how far the face is off (T, 2), in face widths.
        angle: takes moments (T,) and returns by how much it is turned (T,), radians.
        seconds: how long the clip lasts.
        turns: moments after which an even motion is not even for a while.
    """

    name: str
    shift: Callable[[Moments], NDArray[np.float64]]
    angle: Callable[[Moments], Moments]
    seconds: float
    turns: tuple[float, ...] = ()


def _nowhere(time: Moments) -> NDArray[np.float64]:
    return np.zeros((len(time), 2))


def _upright(time: Moments) -> Moments:
    return np.zeros(len(time))


def _direction(degrees: float) -> NDArray[np.float64]:
    return np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])


def _there_and_back(time: Moments, leg: float) -> Moments:
    """Seconds of travel from the start: a triangle that rises for one leg and falls for the next."""
    return leg - np.abs(np.mod(time, 2 * leg) - leg)


def still(seconds: float) -> Motion:
    """A face that does not move."""
    return Motion("still", _nowhere, _upright, seconds)


def even(speed: float, degrees: float, leg: float = 1.5, legs: int = 4) -> Motion:
    """There and back at one speed, in face widths per second, in one direction."""
    along = _direction(degrees)

    def shift(time: Moments) -> NDArray[np.float64]:
        return (speed * (_there_and_back(time, leg) - leg / 2))[:, None] * along

    turns = tuple(leg * index for index in range(legs))
    return Motion(f"even {speed:g}", shift, _upright, leg * legs, turns)


def swing(speed: float, hertz: float, degrees: float, seconds: float = 6.0) -> Motion:
    """A sine in one direction, whose largest speed is given in face widths per second."""
    along = _direction(degrees)

    def shift(time: Moments) -> NDArray[np.float64]:
        return (speed / (2 * np.pi * hertz) * np.sin(2 * np.pi * hertz * time))[:, None] * along

    return Motion(f"sine {hertz:g} Hz, {speed:g}", shift, _upright, seconds)


def nod(degrees: float, hertz: float, seconds: float = 6.0) -> Motion:
    """A turn in the plane of the picture, to and fro as a sine, by so many degrees either way."""

    def angle(time: Moments) -> Moments:
        return np.asarray(np.radians(degrees) * np.sin(2 * np.pi * hertz * time))

    return Motion(f"turn {hertz:g} Hz, {degrees:g}°", _nowhere, angle, seconds)


def stops(speed: float, degrees: float, go: float = 1.0, rest: float = 1.0, count: int = 4) -> Motion:
    """There, a sudden stop, back, a sudden stop, and so on; the turns are the stops."""
    along = _direction(degrees)

    def shift(time: Moments) -> NDArray[np.float64]:
        lap = np.floor(time / (go + rest))
        gone = np.minimum(time - lap * (go + rest), go)
        travel = np.where(lap % 2 == 0, gone, go - gone)
        return (speed * (travel - go / 2))[:, None] * along

    turns = tuple(go + index * (go + rest) for index in range(count))
    return Motion(f"stops {speed:g}", shift, _upright, (go + rest) * count, turns)
