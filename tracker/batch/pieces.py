"""Long videos: where they are cut, and how what was found in the pieces becomes what one run would have found.

A piece begins at a key frame some seconds before its cut. In these the run forgets where it began: crops lie on a grid,
the detector looks at ticks of the stream's clock (`tracker.crop.on_grid`, `tracker.ticks`), filters fade. So at the cut
it finds what the run over the piece before found there, and faces that lie on each other are one face.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from tracker.batch.recording import Recording
from tracker.errors import FkdError
from tracker.faces import Faces, overlaps
from tracker.frame import Frame
from tracker.sources.container import open_container
from tracker.sources.video import VideoFile, seek
from tracker.tracks import SAME_FACE

WARM_UP = 10.0
"""A piece begins at least so many seconds before its cut."""
SETTLED = 1.0
"""So many seconds before the cut both runs must have found the same."""
TOLERANCE = 0.1
"""The same is what is nowhere further apart than this, pixels."""


class JoinError(FkdError):
    """The pieces do not fit each other; the video must be done in one."""


def cuts_of(path: Path, piece: float) -> tuple[float, ...]:
    """Says where to cut a video: at key frames.

    Args:
        path: of the video.
        piece: about how long the pieces are to be, seconds; 0 for no cuts.

    Returns:
        Times of key frames, rising; none if the video is short, or does not tell the times of its frames.

    Raises:
        InputError: it is no video.
    """
    with VideoFile(path) as source:
        end = source.end
    if not piece or end is None or end < 2 * piece:
        return ()
    cuts: list[float] = []
    try:
        with open_container(path) as container:
            stream = container.streams.video[0]
            start = float((stream.start_time or 0) * (stream.time_base or 0))
            for number in range(1, round((end - start) / piece)):
                seek(container, start + number * piece)
                packet = next(container.demux(stream))
                if not packet.is_keyframe or packet.pts is None or packet.time_base is None:
                    return ()
                time = float(packet.pts * packet.time_base)
                if time - (cuts[-1] if cuts else start) > piece / 2:
                    cuts.append(time)
    except (av.FFmpegError, StopIteration, OSError):
        return ()
    return tuple(cuts)


def open_piece(path: Path, cuts: Sequence[float], piece: int, threads: int) -> VideoFile:
    """Opens a piece, with the seconds before its cut.

    Raises:
        InputError: it is no video.
    """
    begin = cuts[piece - 1] - WARM_UP if piece else None
    until = cuts[piece] if piece < len(cuts) else None
    return VideoFile(path, threads, begin, until)


def join(recordings: Sequence[Recording], cuts: Sequence[float]) -> Iterator[tuple[Frame, Faces]]:
    """Yields all frames, without their pictures, and their faces as one run over the video would have.

    Args:
        recordings: of the pieces, in their order.
        cuts: where they were cut.

    Raises:
        JoinError: two of them do not show the same before a cut.
    """
    index, next_id = 0, 0
    before: Recording | None = None
    names: dict[int, int] = {}
    for recording, cut in zip(recordings, (-np.inf, *cuts), strict=True):
        if before is not None:
            known = _same(before, recording, cut)
            names = {theirs: names[ours] for theirs, ours in known.items() if ours in names}
        for time, (width, height), faces in recording:
            if time < cut:
                continue
            for local in faces.ids.tolist():
                if local not in names:
                    names[local] = next_id
                    next_id += 1
            ids = np.array([names[local] for local in faces.ids.tolist()], np.int64)
            order = np.argsort(ids, kind="stable")
            picture = np.broadcast_to(np.uint8(0), (height, width, 3))
            yield Frame(picture, index, time), replace(faces, ids=ids)[order]
            index += 1
        before = recording


def _same(before: Recording, after: Recording, cut: float) -> dict[int, int]:
    """Says which ids of a piece are which of the piece before, by the frames that both have."""
    ours = {time: faces for time, _, faces in before if time < cut}
    theirs = {time: faces for time, _, faces in after if time < cut}
    shared = sorted(ours.keys() & theirs.keys(), reverse=True)
    settled = {time for time in ours if time >= cut - SETTLED}
    if not settled or settled != {time for time in theirs if time >= cut - SETTLED}:
        raise JoinError(f"The pieces have different frames before {cut:.3f} s.")
    known: dict[int, int] = {}
    for time in shared:  # the latest count, for a run knows most about faces in the end
        mine, others = ours[time], theirs[time]
        lap = overlaps(others.boxes, mine.boxes)
        if time in settled and not _alike(mine, others, lap):
            raise JoinError(f"The pieces have different faces before {cut:.3f} s.")
        for row, column in zip(*np.nonzero(lap > SAME_FACE), strict=True):
            theirs_id, ours_id = int(others.ids[row]), int(mine.ids[column])
            if theirs_id not in known and ours_id not in known.values():
                known[theirs_id] = ours_id
    return known


def _alike(mine: Faces, others: Faces, lap: NDArray[np.float64]) -> bool:
    """Whether two runs found the same faces in a frame."""
    if len(mine) != len(others):
        return False
    if len(mine) == 0:
        return True
    partner = lap.argmax(axis=1)
    return bool(np.abs(mine.points[partner] - others.points).max() <= TOLERANCE)
