"""What a worker does with a task, wherever it runs."""

import errno
import shutil
import tempfile
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np

from tracker.batch.addresses import LOCAL, fetch, is_remote
from tracker.batch.jobs import Options, Outcome, Task, Tell
from tracker.batch.pieces import cuts_of, join, open_piece
from tracker.batch.recording import Recorder, Recording
from tracker.blazeface import BlazeFace
from tracker.engines import open_engine
from tracker.errors import FkdError, OutputError
from tracker.faces import Faces
from tracker.frame import Frame
from tracker.judges import Settings
from tracker.measures import names_of, with_measures
from tracker.pipeline import Tracker
from tracker.sinks import Sink, open_points
from tracker.sources import Source
from tracker.sources.images import Images, is_image
from tracker.sources.video import VideoFile, broken_off

TELL_EVERY = 0.5
"""Seconds between two words about a task."""
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


@dataclass(slots=True)
class _Tally:
    """Counts what is in the frames that a sink is given."""

    frames: int = 0
    faces: int = 0
    ids: set[int] = field(default_factory=set)
    first: float = 0.0
    last: float = 0.0

    def count(self, frame: Frame, faces: Faces) -> None:
        self.first, self.last = frame.time if self.frames == 0 else self.first, frame.time
        self.frames, self.faces = self.frames + 1, self.faces + len(faces)
        self.ids.update(faces.ids.tolist())

    def outcome(self) -> Outcome:
        """What is said of them, as of a video."""
        duration = (self.last - self.first) * self.frames / max(self.frames - 1, 1)
        return Outcome("done", "", self.frames, self.faces, len(self.ids), duration)


class Worker:
    """Does tasks one after the other, with a detector and an engine that are loaded once.

    Args:
        options: how points are found and written.
        threads: how many threads it may use.
        folder: where it writes: one of its own is made in it; where temporary files go if None.

    Raises:
        InputError: an option has a value that does not exist.
        EngineError: the engine cannot run here, or a model is missing or wrong.
    """

    def __init__(self, options: Options, threads: int, folder: Path | None = None) -> None:
        cv2.setNumThreads(threads)
        self._options, self._threads = options, threads
        self._measures = names_of(options.measures, options.focal)
        self._settings = Settings(max_faces=options.max_faces)
        self._folder = Path(tempfile.mkdtemp(dir=folder))
        self._engine = open_engine(options.engine, options.weights, threads)
        self._detector = BlazeFace(options.detector)

    def __call__(self, task: Task, tell: Tell) -> Outcome:
        """Does a task.

        Raises:
            OutputError: what it makes cannot be written, which will be so for every task.
        """
        started = perf_counter()
        try:
            return replace(self._do(task, tell), seconds=perf_counter() - started)
        except OutputError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever an input does to its worker, the others must be done
            if isinstance(error, OSError) and error.errno in _DISK:
                raise OutputError(f"{self._folder} cannot be written: {error.strerror}.") from None
            reason = str(error) if isinstance(error, FkdError) else f"{type(error).__name__}: {error}"
            return Outcome("broken", reason, seconds=perf_counter() - started)

    def _do(self, task: Task, tell: Tell) -> Outcome:
        if task.parts:
            return self._join(task)
        path = self._here(task.input.address)
        if task.piece is not None:
            return self._record(path, task.cuts, task.piece, tell)
        if path.is_dir() or is_image(path):
            return self._whole(Images(path), tell)
        if not task.uncut and (cuts := cuts_of(path, self._options.piece)):
            return Outcome("cut", cuts=cuts)
        return self._whole(VideoFile(path, self._threads), tell)

    def close(self) -> None:
        """Frees detector and engine, and removes what it wrote and nobody took."""
        self._detector.close()
        self._engine.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _here(self, address: str) -> Path:
        """The file of an address, copied if it is not one of this machine."""
        if not is_remote(address):
            return Path(address.removeprefix(LOCAL))
        place = self._folder / "input"
        place.mkdir(exist_ok=True)
        for left in place.iterdir():
            left.unlink()
        return fetch(address, place)

    def _whole(self, source: Source, tell: Tell) -> Outcome:
        with source, self._sink() as sink:
            return replace(self._follow(source, sink, tell), message=source.warning or "", file=self._made)

    def _record(self, path: Path, cuts: tuple[float, ...], piece: int, tell: Tell) -> Outcome:
        recorder = Recorder()
        with open_piece(path, cuts, piece, self._threads) as source:
            outcome = self._follow(source, recorder, tell, pieces=len(cuts) + 1)
        made = self._folder / "made.npz"
        recorder.recording(source.end, source.count).save(made)
        return replace(outcome, file=made)

    def _join(self, task: Task) -> Outcome:
        recordings = [Recording.load(BytesIO(part) if isinstance(part, bytes) else part) for part in task.parts]
        tally = _Tally()
        with self._sink() as sink:
            for frame, faces in join(recordings, task.cuts):
                sink.append(frame, faces)
                tally.count(frame, faces)
        end, frames = (None if np.isnan(value) else float(value) for value in recordings[-1].end)
        whole = None if frames is None else round(frames)
        warning = broken_off(task.input.shown, tally.frames, tally.last, whole, end)
        return replace(tally.outcome(), message=warning or "", file=self._made)

    def _follow(self, source: Source, sink: Sink, tell: Tell, pieces: int = 1) -> Outcome:
        """Gives a source's frames with their faces to a sink; tells of it as one of so many pieces of a video."""
        told, tally = perf_counter(), _Tally()
        tracker = Tracker(  # its detector and engine are this worker's, and stay open
            engine=self._engine, detector=self._detector, smooth=self._options.smooth, settings=self._settings
        )
        for frame, faces in tracker.track(source):
            if self._measures:
                faces = with_measures(frame, faces, self._options.focal)
            sink.append(frame, faces)
            tally.count(frame, faces)
            if perf_counter() - told > TELL_EVERY:
                told = perf_counter()
                tell(min(tally.frames * pieces / (source.count or tally.frames * pieces), 1.0), tally.frames)
        outcome = tally.outcome()
        return replace(outcome, duration=0.0) if isinstance(source, Images) else outcome

    @property
    def _made(self) -> Path:
        return self._folder / f"made.{self._options.format}"

    def _sink(self) -> Sink:
        return open_points(self._made, overwrite=True, measures=self._measures)
