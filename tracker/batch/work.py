"""What a worker does with a task, wherever it runs."""

import errno
import tempfile
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter

import cv2

from tracker.batch.addresses import LOCAL, fetch, is_remote
from tracker.batch.jobs import Options, Outcome, Task, Tell
from tracker.blazeface import BlazeFace
from tracker.engines import open_engine
from tracker.errors import InputError, OutputError
from tracker.judges import Settings
from tracker.measures import names_of, with_measures
from tracker.pipeline import Tracker
from tracker.sinks import open_points
from tracker.sources import Source
from tracker.sources.images import Images, is_image
from tracker.sources.video import VideoFile

TELL_EVERY = 0.5
"""Seconds between two words about a task."""
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


class Worker:
    """Does tasks one after the other, with a detector and an engine that are loaded once.

    Args:
        options: how points are found and written.
        threads: how many threads it may use.
        folder: where it writes; one of its own is made in it.

    Raises:
        InputError: an option has a value that does not exist.
        EngineError: the engine cannot run here, or a model is missing or wrong.
    """

    def __init__(self, options: Options, threads: int, folder: Path) -> None:
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
        made = self._folder / f"made.{self._options.format}"
        try:
            return self._follow(self._here(task.input.address), made, tell, started)
        except OutputError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever an input does to its worker, the others must be done
            if isinstance(error, OSError) and error.errno in _DISK:
                raise OutputError(f"{self._folder} cannot be written: {error.strerror}.") from None
            reason = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
            return Outcome("broken", reason, seconds=perf_counter() - started)

    def close(self) -> None:
        """Frees detector and engine."""
        self._detector.close()
        self._engine.close()

    def _here(self, address: str) -> Path:
        """The file of an address, copied if it is not one of this machine."""
        if not is_remote(address):
            return Path(address.removeprefix(LOCAL))
        place = self._folder / "input"
        place.mkdir(exist_ok=True)
        for left in place.iterdir():
            left.unlink()
        return fetch(address, place)

    def _follow(self, path: Path, made: Path, tell: Tell, started: float) -> Outcome:
        told, frames, faces_seen, ids = started, 0, 0, set[int]()
        first = last = 0.0
        with ExitStack() as stack:
            source = stack.enter_context(self._open(path))
            sink = stack.enter_context(open_points(made, overwrite=True, measures=self._measures))
            tracker = Tracker(  # its detector and engine are this worker's, and stay open
                engine=self._engine, detector=self._detector, smooth=self._options.smooth, settings=self._settings
            )
            for frame, faces in tracker.track(source):
                if self._measures:
                    faces = with_measures(frame, faces, self._options.focal)
                sink.append(frame, faces)
                first, last = frame.time if frames == 0 else first, frame.time
                frames, faces_seen = frames + 1, faces_seen + len(faces)
                ids.update(faces.ids.tolist())
                if perf_counter() - told > TELL_EVERY:
                    told = perf_counter()
                    tell(min(frames / (source.count or max(frames, 1)), 1.0), frames)
        return Outcome(
            "done",
            source.warning or "",
            frames,
            faces_seen,
            len(ids),
            duration=0.0 if isinstance(source, Images) else last - first + 1 / (source.rate or 30),
            seconds=perf_counter() - started,
            file=made,
        )

    def _open(self, path: Path) -> Source:
        return Images(path) if path.is_dir() or is_image(path) else VideoFile(path, self._threads)
