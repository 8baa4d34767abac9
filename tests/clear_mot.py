"""Counts how well faces were followed in a scene with known truth.

The definition is that of the CLEAR MOT metrics (Bernardin and Stiefelhagen, "Evaluating Multiple Object Tracking
Performance: The CLEAR MOT Metrics", EURASIP Journal on Image and Video Processing, 2008): in each frame a true face
stays with the track that it had, if that is still close enough; the others are paired by distance; a switch is a true
face that is paired with another id than the one it had last.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.composites import Scene
from tracker.detection import Detections, Detector
from tracker.faces import Faces
from tracker.pipeline import Tracker

CLOSE = 0.5
"""A track is on a face if the means of their points are closer than this, in eye distances."""
SEEN = 0.5
"""Faces of whose points less than this share can be seen need not be found, and may be."""


@dataclass(frozen=True, slots=True)
class Count:
    """What was counted in a scene.

    Attributes:
        switches: how often a true face was given another id than before.
        found: in how many frames each of the faces was found, summed over the faces.
        wanted: in how many it could be seen.
        ghosts: how often a track was on no face, or a second one on the same.
        last: the last id of each true face, -1 if it was never found.
    """

    switches: int
    found: int
    wanted: int
    ghosts: int
    last: tuple[int, ...]


def count(scene: Scene, answers: Iterable[Faces]) -> Count:
    """Counts id switches and what else went wrong; `answers` has the faces of each frame of the scene."""
    last = np.full(scene.points.shape[1], -1)
    middles = scene.points.mean(axis=2)
    switches = found = ghosts = 0
    for middle, size, visible, faces in zip(middles, scene.size, scene.visible, answers, strict=True):
        distance = np.linalg.norm(middle[:, None] - faces.points.mean(axis=1)[None], axis=2) / size[:, None]
        partner = _pair(np.where(visible[:, None] >= SEEN, distance, np.inf), last, faces.ids)
        paired = partner >= 0
        ids = np.where(paired, np.append(faces.ids, -1)[partner], last)
        switches += int(((ids != last) & (last >= 0)).sum())
        last = ids
        found += int(paired.sum())
        covered = (distance[visible < SEEN] < 2 * CLOSE).any(axis=0)
        covered[partner[paired]] = True
        ghosts += int((~covered).sum())
    return Count(switches, found, int((scene.visible >= SEEN).sum()), ghosts, tuple(last.tolist()))


def follow(scene: Scene, tracker: Tracker) -> Count:
    """Tracks a scene from its beginning and counts."""
    tracker.reset()
    return count(scene, (tracker.update(frame) for frame in scene))


class Forgetful:
    """A detector that overlooks faces by chance.

    Args:
        detector: that it asks.
        share: of the faces that are overlooked, 0 to 1.
        seed: of the choice.
    """

    def __init__(self, detector: Detector, share: float, seed: int = 0) -> None:
        self._detector, self._share, self._rng = detector, share, np.random.default_rng(seed)

    def detect(self, image: NDArray[np.uint8]) -> Detections:
        """Finds some of the faces of an image."""
        found = self._detector.detect(image)
        kept = self._rng.random(len(found)) >= self._share
        return Detections(found.anchors[kept], found.scores[kept])

    def close(self) -> None:
        """Closes the other."""
        self._detector.close()


def _pair(distance: NDArray[np.float64], last: NDArray[np.int64], ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Pairs true faces (N,) with tracks: first those that were together, then the closest; -1 where there is none."""
    partner = np.full(len(last), -1)
    together = np.where(last[:, None] == ids[None, :], distance - 1000.0, distance)
    for index in together.argsort(axis=None):
        row, column = np.unravel_index(index, together.shape)
        if distance[row, column] < CLOSE and partner[row] < 0 and column not in partner:
            partner[row] = column
    return partner
