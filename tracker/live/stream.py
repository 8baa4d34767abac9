"""One source among several, at work."""

from dataclasses import dataclass, field
from time import monotonic

from tracker.faces import Faces
from tracker.frame import Frame
from tracker.live.options import LiveOptions
from tracker.live.sinks import Sinks
from tracker.measures import with_measures
from tracker.meter import Meter
from tracker.pipeline import Tracker
from tracker.privacy import Privacy
from tracker.sources.feeder import Feeder

STALE = 1.0
"""Seconds without a picture after which a live source is said to give none."""


@dataclass(slots=True)
class Stream:
    """A source at work: its frames, its files, and what is shown of it."""

    number: int
    name: str
    feeder: Feeder
    sinks: Sinks
    privacy: Privacy | None
    meter: Meter = field(default_factory=Meter)
    newest: tuple[Frame, Faces] | None = None
    came: float = 0.0
    said: bool = False

    def note(self) -> str | None:
        """What is to be written into its place."""
        if self.feeder.ended:
            return "ended"
        late = self.feeder.source.live and monotonic() - self.came > STALE
        return "no picture" if self.newest is None or late else None

    def take(self, frame: Frame, faces: Faces, tracker: Tracker, options: LiveOptions) -> None:
        """Takes the faces of its next frame, and gives both to its files."""
        source = self.feeder.source
        if options.measures:
            faces = with_measures(frame, faces, options.focal)
        if self.privacy:
            frame = self.privacy.hide(frame, faces, tracker.places)
        self.sinks.outputs.append(frame, faces)
        self.newest, self.came = (frame, faces), monotonic()
        self.meter.count(faces, monotonic() - source.opened - frame.time if source.live else 0.0)
