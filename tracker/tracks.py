"""Tracks: which face of this frame is which face of the last one.

A track is a face with an id. It is seen, or it is lost: covered, turned away, out of the frame. A lost track is looked
for where it should be by now, for a while, so that a face that comes back keeps its id; then it is forgotten. After an
outage of the camera nobody is where motion takes them; then tracks are asleep (see `tracker.asleep`). The state is
arrays with a row per track, so that nothing loops over faces.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tracker.asleep import Asleep
from tracker.crop import (
    CROP_SIZE,
    DEFAULT_FRAMING,
    Framing,
    anchors_of,
    crop_boxes,
    crop_scales,
    crop_transforms,
    on_grid,
)
from tracker.faces import Faces, middles_of, overlaps, scores_of
from tracker.keypoints import COUNT
from tracker.motion import Motion
from tracker.smoothing import PointFilter, Smoothing

SAME_FACE = 0.55
"""Two tracks of one frame that overlap at least this much are on the same face."""
NEAR = 0.1
"""A track that overlaps another this much learns nothing: what is seen of it may be the other's face."""
COMING_BACK = 0.3
"""How much better a lost track must fit a face than the one that holds it, to be given it (see misfit below)."""


class Ids:
    """Numbers faces, and never gives a number twice."""

    def __init__(self) -> None:
        self._next = 0

    def take(self, count: int) -> NDArray[np.int64]:
        """Returns so many ids that no face has had."""
        first = self._next
        self._next += count
        return np.arange(first, self._next)


class Tracks:
    """All tracks of a stream.

    Attributes:
        ids: (N,) int64.
        points: (N, 15, 2) float64, the last points, smoothed, in pixels of the frame.
        confidence: (N, 15) float32, of the last points.
        transforms: (N, 2, 3) float64, the crops around the last points.
        seen: (N,) float64, when each was last seen, in seconds.
        lost: (N,) bool, whether it was not seen in the last frame.
        missed: (N,) int64, how often in a row the detector did not find it.

    Args:
        smoothing: of the points; none if None.
        framing: of the crops.
        ids: where ids come from.
    """

    def __init__(self, smoothing: Smoothing | None, framing: Framing = DEFAULT_FRAMING, ids: Ids | None = None) -> None:
        self.new_ids = (ids or Ids()).take
        self._framing = framing
        self._filter = PointFilter(smoothing) if smoothing is not None else None
        self._motion = Motion()
        self._asleep = Asleep()
        self.ids = np.empty(0, np.int64)
        self.points = np.empty((0, COUNT, 2))
        self.confidence = np.empty((0, COUNT), np.float32)
        self.transforms = np.empty((0, 2, 3))
        self.seen = np.empty(0)
        self.lost = np.empty(0, bool)
        self.missed = np.empty(0, np.int64)
        self._middles = np.empty((0, 2))  # of the points as measured: smoothed ones would falsify speeds

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def boxes(self) -> NDArray[np.float32]:
        """(N, 4) float32, the squares of the crops."""
        return crop_boxes(self.transforms)

    @property
    def scores(self) -> NDArray[np.float32]:
        """(N,) float32, 0 to 1, mean confidence of the last points."""
        return scores_of(self.confidence)

    def faces(self) -> Faces:
        """Returns the faces seen in the last frame, in the order of their ids."""
        (seen,) = np.nonzero(~self.lost)
        seen = seen[np.argsort(self.ids[seen], kind="stable")]  # a face that woke up has an old id
        points = self.points[seen].astype(np.float32)
        return Faces(points, self.confidence[seen], self.boxes[seen], self.scores[seen], self.ids[seen])

    def expected(self, time: float) -> NDArray[np.float64]:
        """Returns the crops (N, 2, 3) around where the faces should be at a time: where to look, on a grid."""
        transforms = self.transforms.copy()
        transforms[:, :, 2] += self._motion.shifts(time - self.seen)
        return on_grid(transforms)

    def add(
        self,
        points: NDArray[np.floating],
        confidence: NDArray[np.float32],
        looks: NDArray[np.float32],
        time: float,
    ) -> None:
        """Starts tracks of new faces with points (N, 15, 2), confidence (N, 15) and looks (N, 144).

        Those that are asleep get their ids again.
        """
        count = len(points)
        if count == 0:
            return
        transforms = self._crops_around(points)
        ids = self._asleep.wake(looks, crop_boxes(transforms), time)
        ids[ids < 0] = self.new_ids(int(np.count_nonzero(ids < 0)))
        self.ids = np.concatenate([self.ids, ids])
        self.points = np.concatenate([self.points, points])
        self.confidence = np.concatenate([self.confidence, confidence])
        self.transforms = np.concatenate([self.transforms, transforms])
        self.seen = np.concatenate([self.seen, np.full(count, time)])
        self.lost = np.concatenate([self.lost, np.zeros(count, bool)])
        self.missed = np.concatenate([self.missed, np.zeros(count, np.int64)])
        self._middles = np.concatenate([self._middles, middles_of(points)])
        self._motion.add(looks, time)
        if self._filter is not None:
            self._filter.add(points, time)

    def update(
        self,
        points: NDArray[np.floating],
        confidence: NDArray[np.float32],
        seen: NDArray[np.bool_],
        moved: NDArray[np.bool_],
        sure: NDArray[np.bool_],
        looks: Callable[[], NDArray[np.float32]],
        time: float,
    ) -> None:
        """Takes the network's answers in one frame.

        Of two tracks that are on one face now, only one is taken for seen.

        Args:
            points: (N, 15, 2) pixels of the frame.
            confidence: (N, 15).
            seen: (N,) which tracks were seen; of the others all but the loss is ignored.
            moved: (N,) which tracks were found elsewhere by the detector: they are not smoothed across the gap.
            sure: (N,) of which tracks motion and looks may be learned, if they are seen and no other is near.
            looks: gives those of the crops, (N, 144); called only when they are needed.
            time: of the frame, seconds.
        """
        middles = middles_of(points)
        elapsed = time - self.seen
        alone = np.ones(len(self), bool)
        if len(self) > 1:
            rivals, alone = self._meetings(points, middles, elapsed, seen, looks)
            seen = seen & ~rivals
        back = seen & (moved | self.lost)
        plain = seen & sure & alone & ~back
        self._motion.learn_speeds(plain, middles - self._middles, elapsed)
        if self._motion.looks_are_due(time):
            self._motion.learn_looks(plain, looks(), time)
        self._middles = np.where(seen[:, None], middles, self._middles)
        if self._filter is not None:
            size = crop_scales(self.transforms) * CROP_SIZE
            if back.any():
                self._filter.reset(back, points, time)
            points = self._filter.update(seen & ~back, points, size, time)
        self.lost = ~seen
        if seen.any():
            rows = slice(None) if seen.all() else seen  # the usual case without a copy
            self.points[rows], self.confidence[rows], self.seen[rows] = points[rows], confidence[rows], time
            self.transforms[rows] = self._crops_around(self.points[rows])

    def bring_back(
        self, rows: NDArray[np.int64], points: NDArray[np.floating], confidence: NDArray[np.float32], time: float
    ) -> None:
        """Takes where lost tracks at these rows (K,) were seen again: points (K, 15, 2) and confidence (K, 15)."""
        back = np.zeros(len(self), bool)
        back[rows] = True
        self.points[rows], self.confidence[rows], self.seen[rows] = points, confidence, time
        self.lost[rows], self._middles[rows] = False, middles_of(points)
        self.transforms[rows] = self._crops_around(points)
        if self._filter is not None:
            self._filter.reset(back, self.points, time)

    def sleep(self, time: float) -> None:
        """Puts all tracks to sleep: there was an outage, and at this time is the first frame after it."""
        self._asleep.put(self.ids, self._motion.looks, self.boxes, self.seen, time)
        self.keep(np.zeros(len(self), bool))

    def forget(self) -> None:
        """Forgets all tracks, those asleep too."""
        self._asleep.forget()
        self.keep(np.zeros(len(self), bool))

    def looked_for(self, found: NDArray[np.bool_]) -> None:
        """Takes which tracks (N,) the detector found when it was asked."""
        self.missed = np.where(found, 0, self.missed + 1)

    def forget_lost(self, count: int) -> None:
        """Forgets so many of the lost tracks, those first that were seen longest ago."""
        if count > 0:
            order = np.argsort(np.where(self.lost, self.seen, np.inf), kind="stable")
            kept = np.ones(len(self), bool)
            kept[order[:count]] = False
            self.keep(kept)

    def keep(self, which: NDArray[np.bool_]) -> None:
        """Forgets the tracks not in the mask (N,)."""
        if which.all():
            return
        self.ids, self.points, self.confidence = self.ids[which], self.points[which], self.confidence[which]
        self.transforms, self.seen, self.lost = self.transforms[which], self.seen[which], self.lost[which]
        self.missed, self._middles = self.missed[which], self._middles[which]
        self._motion.keep(which)
        if self._filter is not None:
            self._filter.keep(which)

    def _meetings(
        self,
        points: NDArray[np.floating],
        middles: NDArray[np.floating],
        elapsed: NDArray[np.float64],
        seen: NDArray[np.bool_],
        looks: Callable[[], NDArray[np.float32]],
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Returns which tracks (N,) are on a face that is another's, and near which (N,) no other one is."""
        if _far_apart(middles, crop_scales(self.transforms) * CROP_SIZE):
            alone = np.ones(len(self), bool)
            return ~alone, alone
        crops = self._crops_around(points)
        boxes = crop_boxes(crops)
        overlap = overlaps(boxes, boxes)
        alone = np.count_nonzero(overlap > NEAR, axis=1) < 2
        if alone.all():
            return ~alone, alone
        surprise = np.linalg.norm(middles - self._middles - self._motion.shifts(elapsed), axis=1)
        misfit = surprise / (crop_scales(crops) * CROP_SIZE) + self._motion.unlike(looks())
        return self._rivals(overlap, seen, misfit), alone

    def _rivals(
        self, overlap: NDArray[np.float64], seen: NDArray[np.bool_], misfit: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Says which tracks are on a face that is another's.

        When a face passes in front of another, both tracks end up on it, and the network is sure of both. It is the
        face of the track that expected it there and whose looks it has; the other one is behind it. A lost track is
        given such a face only if it fits much better: it is looked for where other faces are.

        Args:
            overlap: (N, N) of the tracks with each other, 0 to 1.
            seen: (N,) which tracks are seen.
            misfit: (N,) how far from where it was expected each is seen, in sides of the crop, and how little it
                looks as before, 0 to 2.

        Returns:
            (N,) bool, those of `seen`.
        """
        together = (overlap > SAME_FACE) & seen[:, None] & seen[None, :]
        rank = np.lexsort((self.ids, misfit + COMING_BACK * self.lost)).argsort()
        return np.asarray((together & (rank[:, None] > rank[None, :])).any(axis=1))

    def _crops_around(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        return crop_transforms(anchors_of(points), self._framing)


def _far_apart(middles: NDArray[np.floating], sides: NDArray[np.floating]) -> bool:
    """Whether faces (N, 2) with crops of sides (N,) are so far apart that no two crops can overlap much.

    The usual case, told without the crops themselves. It leaves room for crops that grew since the last frame and are
    not centred on the middles of the points: squares that overlap by `NEAR` are closer than 0.82 of their sides.
    """
    between = np.abs(middles[:, None] - middles).max(axis=2)
    near = between < (sides + sides[:, None]) / 2
    return int(np.count_nonzero(near)) <= len(middles)
