"""Who decides what is a face: the network by its confidence, or the detector if the network has none to go by."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tracker.detection import Detections
from tracker.faces import SAME_PLACE, overlaps

Mask = NDArray[np.bool_]
Scores = NDArray[np.float32]
Boxes = NDArray[np.float32]

DRIFTED = 0.5
"""If a track's crop and the detector's overlap less than this (intersection over union), the track has drifted off."""
INSIDE = 0.5
"""If so much of the smaller of the two is inside the other, they are on the same face all the same."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How the tracker decides. Times are in seconds, scores are mean confidences of a face's points, 0 to 1.

    Attributes:
        max_faces: more faces than this are not followed.
        detect_every: how often the detector looks for newcomers while faces are being followed.
        search_every: how often it looks while a face is doubtful or lost, or after a newcomer, who may not be alone.
        accept: the score from which something new is a face.
        keep: the score below which a face that is being followed is lost.
        doubt: the score below which the detector is asked about it.
        memory: how long a lost face is remembered.
        misses: how often in a row the detector must fail to find a face before it is lost, if the network cannot tell.
    """

    max_faces: int = 64
    detect_every: float = 0.5
    search_every: float = 0.1
    accept: float = 0.5
    keep: float = 0.3
    doubt: float = 0.55
    memory: float = 1.5
    misses: int = 2


class Judge(Protocol):
    """Decides what is a face. N tracks or faces, M detections; scores are the network's."""

    def shown(self, found: Detections) -> Mask:
        """Which detections (M,) are shown to the network as perhaps new faces."""
        ...

    def new(self, scores: Scores) -> Mask:
        """Which of the faces (N,) that the network was shown are faces."""
        ...

    def kept(self, scores: Scores, missed: NDArray[np.int64]) -> Mask:
        """Which tracks (N,) are still on a face; `missed`: how often in a row the detector did not find each."""
        ...

    def doubtful(self, scores: Scores) -> Mask:
        """About which tracks (N,) the detector should be asked."""
        ...

    def alike(self, tracks: Boxes, found: Boxes) -> NDArray[np.float64]:
        """How much boxes of tracks (N, 4) are like those of detections (M, 4): (N, M), 0 to 1; see `faces.match`."""
        ...

    def misplaced(self, scores: Scores, alike: NDArray[np.float64]) -> Mask:
        """Which tracks (N,) are better placed where the detector sees them; `alike` (N,): their boxes and its."""
        ...


class NetworkJudges:
    """A network with confidence: the detector only proposes, and is asked when confidence falls."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def shown(self, found: Detections) -> Mask:
        """All."""
        return np.ones(len(found), bool)

    def new(self, scores: Scores) -> Mask:
        """Those of whose points the network is sure."""
        return np.asarray(scores >= self._settings.accept)

    def kept(self, scores: Scores, missed: NDArray[np.int64]) -> Mask:  # noqa: ARG002 - the detector's word is not needed
        """Those of whose points it is still fairly sure."""
        return np.asarray(scores >= self._settings.keep)

    def doubtful(self, scores: Scores) -> Mask:
        """Those of whose points it is not sure any more."""
        return np.asarray(scores < self._settings.doubt)

    def alike(self, tracks: Boxes, found: Boxes) -> NDArray[np.float64]:
        """By intersection over union."""
        return overlaps(tracks, found)

    def misplaced(self, scores: Scores, alike: NDArray[np.float64]) -> Mask:  # noqa: ARG002 - a sure network knows
        """The doubtful."""
        return self.doubtful(scores)


class DetectorJudges:
    """A network without confidence: it sees a face in everything, so that the detector decides.

    - A detection starts a face from the score `accept` on; a weaker one only confirms a face that is followed already.
    - All faces are doubtful: the detector looks every `search_every` seconds.
    - A face that it does not find is lost when that has happened `misses` times in a row. A single miss, which happens
      with faces that are plainly there, thus makes no gap. Lost faces are remembered like all others, but it takes the
      detector to find them again.
    - A network that was only shown faces in the middle of crops goes astray step by step and does not notice: its crop
      shrinks on a part of a face. So a crop that lies inside the detector's is on the same face, and one that overlaps
      little with it is put where the detector sees the face.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def shown(self, found: Detections) -> Mask:
        """Those of which the detector is sure."""
        return np.asarray(found.scores >= self._settings.accept)

    def new(self, scores: Scores) -> Mask:
        """All."""
        return np.ones(len(scores), bool)

    def kept(self, scores: Scores, missed: NDArray[np.int64]) -> Mask:  # noqa: ARG002 - the scores say nothing
        """Those that the detector has not missed too often."""
        return np.asarray(missed < self._settings.misses)

    def doubtful(self, scores: Scores) -> Mask:
        """All."""
        return np.ones(len(scores), bool)

    def alike(self, tracks: Boxes, found: Boxes) -> NDArray[np.float64]:
        """By intersection over union; enough if one is inside the other."""
        union = overlaps(tracks, found)
        area, other = (np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (tracks, found))
        shared = union / (1 + union) * (area[:, None] + other[None, :])
        inside = shared >= INSIDE * np.minimum(area[:, None], other[None, :])
        return np.where(inside, np.maximum(union, SAME_PLACE), union)

    def misplaced(self, scores: Scores, alike: NDArray[np.float64]) -> Mask:  # noqa: ARG002 - the scores say nothing
        """Those that have drifted off."""
        return np.asarray(alike < DRIFTED)


def judge_of(settings: Settings, *, confidence: bool) -> Judge:
    """Returns who decides, by whether the network's confidence says anything."""
    return NetworkJudges(settings) if confidence else DetectorJudges(settings)
