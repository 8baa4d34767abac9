"""Faces from before an outage of the camera, so that they keep their ids where they are there again after it.

Motion says nothing after seconds without a picture; what is left is where a face was and what it looked like.
"""

import numpy as np
from numpy.typing import NDArray

from tracker.faces import SAME_PLACE, match, overlaps

LONGEST = 60.0
"""Seconds after which a face that comes is another one, whatever it looks like."""
AWAKENING = 2.0
"""Seconds after the outage in which faces are known again: the detector need not find all of them at once."""
HERE, ELSEWHERE = 0.6, 0.8
"""From which likeness on a face is the same, where it was and anywhere else: there it must be surer of it, for more
people are elsewhere than in one place."""


class Asleep:
    """Ids, looks and boxes of faces that were seen before the last outage and not yet after it."""

    def __init__(self) -> None:
        self._until = -np.inf
        self.forget()

    def forget(self) -> None:
        """Forgets all."""
        self._ids, self._seen = np.empty(0, np.int64), np.empty(0)
        self._looks, self._boxes = np.empty((0, 0), np.float32), np.empty((0, 4), np.float32)

    def put(
        self,
        ids: NDArray[np.int64],
        looks: NDArray[np.float32],
        boxes: NDArray[np.float32],
        seen: NDArray[np.float64],
        time: float,
    ) -> None:
        """Takes faces when the outage is over.

        Args:
            ids: (N,).
            looks: (N, 144), as `motion.looks_of` gives them.
            boxes: (N, 4).
            seen: (N,) when each was last seen, seconds.
            time: of the first frame after the outage.
        """
        if len(self._ids):  # another outage soon after one
            ids, seen = np.concatenate([self._ids, ids]), np.concatenate([self._seen, seen])
            looks, boxes = np.concatenate([self._looks, looks]), np.concatenate([self._boxes, boxes])
        self._ids, self._looks, self._boxes, self._seen = ids, looks, boxes, seen
        self._keep(time - seen <= LONGEST)
        self._until = time + AWAKENING

    def wake(self, looks: NDArray[np.float32], boxes: NDArray[np.float32], time: float) -> NDArray[np.int64]:
        """Returns which faces these are, the likest first.

        Args:
            looks: (M, 144) of faces that belong to no track.
            boxes: (M, 4) of them.
            time: of their frame.

        Returns:
            (M,) their ids, each at most once, and -1 for those that are none of the faces asleep.
        """
        if time > self._until:
            self.forget()
        if len(self._ids) == 0:
            return np.full(len(looks), -1, np.int64)
        here = overlaps(boxes, self._boxes) >= SAME_PLACE
        partner = match(looks @ self._looks.T - np.where(here, HERE, ELSEWHERE), least=0.0)
        found = np.where(partner >= 0, self._ids[partner], -1)
        self._keep(~np.isin(self._ids, found))
        return found

    def _keep(self, which: NDArray[np.bool_]) -> None:
        self._ids, self._seen = self._ids[which], self._seen[which]
        self._looks, self._boxes = self._looks[which], self._boxes[which]
