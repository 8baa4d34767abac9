"""How fast the tracker is here, in about ten seconds."""

from collections.abc import Iterable, Iterator
from time import monotonic

from tracker.doctor.findings import Finding, good, note
from tracker.frame import Frame

FACES = (1, 4)
FRAMES = 150
SECONDS = 2.5
"""So long each clip may take to draw; of one that takes longer, fewer frames are tracked."""
ENOUGH = 30.0
"""Frames per second of most cameras."""


def speed() -> Iterator[Finding]:
    """Tracks clips of moving faces, decoding and drawing left out."""
    from tracker.bench import WARM_UP, measure
    from tracker.pipeline import Tracker
    from tracker.sources.crowd import Crowd

    with Tracker() as tracker:
        for faces in FACES:
            result = measure(tracker, _in_time(Crowd(faces, FRAMES), WARM_UP), f"{faces} faces", FRAMES)
            tracker.reset()
            name = f"speed, {faces} face{'' if faces == 1 else 's'}"
            whole = result.stages["whole"]
            text = f"{result.frames_per_second:.0f} frames per second; p50 {whole.p50:.1f}, p99 {whole.p99:.1f} ms"
            if result.faces_per_frame < 0.9 * faces:
                text += f"; only {result.faces_per_frame:.1f} faces found"
            if result.frames_per_second >= ENOUGH and result.faces_per_frame >= 0.9 * faces:
                yield good(name, text, **result.as_dict())
            else:
                advice = (
                    "close other programs, plug the machine in, then: fkd bench; or a smaller picture (--width 640)"
                )
                yield note(name, text, advice, **result.as_dict())


def _in_time(frames: Iterable[Frame], least: int) -> Iterator[Frame]:
    """The frames until the time is up, but so many at least."""
    start = monotonic()
    for index, frame in enumerate(frames):
        if index > least and monotonic() - start > SECONDS:
            return
        yield frame
