"""Several streams at once: a tracker for each, one detector and one network for all."""

from collections.abc import Mapping
from pathlib import Path

from tracker.batching import advance
from tracker.closing import Closing
from tracker.detection import Detector
from tracker.engines import Engine
from tracker.faces import Faces
from tracker.frame import Frame
from tracker.judges import Settings
from tracker.pipeline import Tracker
from tracker.tracks import Ids


class Trackers(Closing):
    """Follows the faces of several streams; the faces of frames that come together are one batch of the network.

    An id is that of one face of one stream: no other stream uses it.

    Args:
        count: how many streams.
        engine: as of `Tracker`, and so are the others.
        detector: of all streams.
        weights: of the network.
        smooth: how much.
        settings: how each decides.
    """

    def __init__(
        self,
        count: int,
        *,
        engine: str | Engine = "auto",
        detector: str | Detector = "full",
        weights: Path | str | None = None,
        smooth: str = "normal",
        settings: Settings | None = None,
    ) -> None:
        ids = Ids()
        first = Tracker(engine=engine, detector=detector, weights=weights, smooth=smooth, settings=settings, ids=ids)
        self._all = [first]
        for _ in range(count - 1):
            another = Tracker(engine=first.engine, detector=first.detector, smooth=smooth, settings=settings, ids=ids)
            another.stopwatch = first.stopwatch
            self._all.append(another)
        self.engine, self.stopwatch = first.engine, first.stopwatch

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, stream: int) -> Tracker:
        """The tracker of a stream."""
        return self._all[stream]

    def update(self, frames: Mapping[int, Frame]) -> dict[int, Faces]:
        """Finds the faces of the next frame of each of some streams.

        Args:
            frames: by the stream's number, from 0.

        Returns:
            The faces by stream, as `Tracker.update` gives them.

        Raises:
            InputError: a frame holds no image.
        """
        looks = [self._all[stream].looks_at(frame) for stream, frame in frames.items()]
        return dict(zip(frames, advance(self.engine, looks, self.stopwatch), strict=True))

    def close(self) -> None:
        """Frees detector and engine; may be called twice."""
        for tracker in self._all:
            tracker.close()
