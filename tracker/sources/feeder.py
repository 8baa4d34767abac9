"""A source whose frames are taken in a thread of its own, so that several can be waited for at once."""

import threading
from collections.abc import Sequence

from tracker.frame import Frame
from tracker.sources.base import Source
from tracker.sources.playback import TICK, Playback


class Feeder:
    """Takes the frames of a source.

    Of a live source the newest frame is kept. Any other waits until its frame was taken, and comes in its own time if
    it is `paced`.

    Args:
        source: the frames; it is the feeder's from now on, but for `stop`.
        number: which source it is, for the frames.
        changed: is notified when there is a frame, and when the source ends.
        paced: whether a file is played in its own time.

    Attributes:
        ended: whether no more frames will come.
        error: what the source has raised.
        dropped: how many frames of a live source were replaced by newer ones here.
    """

    def __init__(self, source: Source, number: int, changed: threading.Condition, *, paced: bool) -> None:
        self.source, self.number = source, number
        self.ended, self.dropped = False, 0
        self.error: Exception | None = None
        self._changed, self.paced = changed, paced and not source.live
        self._frame: Frame | None = None
        self._thread = threading.Thread(target=self._work, name=f"source {number}", daemon=True)
        self._thread.start()

    @property
    def ready(self) -> bool:
        """Whether there is a frame; to be asked while `changed` is held."""
        return self._frame is not None

    def take(self) -> Frame | None:
        """Returns the frame, if there is one; to be called while `changed` is held."""
        frame, self._frame = self._frame, None
        if frame is not None:
            self._changed.notify_all()
        return frame

    def close(self) -> None:
        """Ends the source; may be called twice."""
        self.source.stop()
        self._thread.join()
        self.source.close()

    def _work(self) -> None:
        try:
            playback = Playback()
            for frame in self.source:
                if self.paced:
                    playback.wait(frame.time, lambda: self.source.stopped)
                with self._changed:
                    self._put(frame.of_camera(self.number))
                if self.source.stopped:
                    break
        except Exception as error:  # noqa: BLE001 - the loop says it, and the other sources go on
            self.error = error
        with self._changed:
            self.ended = True
            self._changed.notify_all()

    def _put(self, frame: Frame) -> None:
        if self.source.live:
            self.dropped += self._frame is not None
        else:
            while self._frame is not None:
                if self.source.stopped:
                    return  # the frame that waits is the last; no gap is left before a later one
                self._changed.wait(TICK)
        self._frame = frame
        self._changed.notify_all()


def take_together(feeders: Sequence[Feeder], changed: threading.Condition, timeout: float) -> dict[int, Frame]:
    """Waits for frames; returns those that there are, by the number of their source.

    Files that are not played in their own time are waited for, so that their frames come together; cameras are not.
    """

    def enough() -> bool:
        going = [feeder for feeder in feeders if not feeder.ended or feeder.ready]
        files = [feeder for feeder in going if not feeder.source.live and not feeder.paced]
        return all(feeder.ready for feeder in files) and (not going or any(feeder.ready for feeder in going))

    with changed:
        changed.wait_for(enough, timeout)
        taken = {feeder.number: feeder.take() for feeder in feeders}
    return {number: frame for number, frame in taken.items() if frame is not None}
