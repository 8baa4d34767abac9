"""Follows faces through a file with a detector and an engine that see one everywhere, as `fkd video` does."""

from contextlib import ExitStack
from pathlib import Path

from tests.fakes import FakeDetector, FakeEngine
from tracker import InputError, Tracker, open_source
from tracker.sinks import open_points, open_video


def follow(path: Path, points: Path, drawn: Path | None = None) -> int | str:
    """Writes points and an annotated video; returns how many frames there were, or the sentence of a refusal."""
    frames = 0
    with ExitStack() as stack:
        try:
            source = stack.enter_context(open_source(path))
            tracker = stack.enter_context(Tracker(detector=FakeDetector((80, 50)), engine=FakeEngine()))
            sinks = [stack.enter_context(open_points(points))]
            if drawn is not None:
                sinks.append(stack.enter_context(open_video(drawn, rate=source.rate)))
            for frame, faces in tracker.track(source):
                for sink in sinks:
                    sink.append(frame, faces)
                frames += 1
        except InputError as error:
            return str(error)
    return frames
