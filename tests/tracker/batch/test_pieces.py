"""A long video in pieces gives what it gives in one run."""

import json
import threading
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tracker.batch.jobs import Finished, Input, Options, Outcome, Task
from tracker.batch.pieces import JoinError, cuts_of, join
from tracker.batch.recording import Recorder, Recording
from tracker.batch.results import Results
from tracker.batch.run import State, run
from tracker.batch.work import Worker
from tracker.faces import Faces
from tracker.frame import Frame
from tracker.sources.crowd import Crowd

SECONDS, RATE = 34, 10
PIECE = 12.0


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two faces that move, of which one is gone for a while around a cut and another after it; a key frame a second."""
    path = tmp_path_factory.mktemp("long") / "long.mp4"
    gone = {0: range(5, 100), 1: range(118, 124)}
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "veryfast", "g": str(RATE)})
        stream.width, stream.height, stream.pix_fmt = 480, 360, "yuv420p"
        for frame in Crowd(2, SECONDS * RATE, 480, 360, RATE):
            image = frame.image.copy()
            for side, frames in gone.items():
                if frame.index in frames:
                    image[:, 240 * side : 240 * (side + 1)] = 90
            picture = av.VideoFrame.from_ndarray(image, format="bgr24")
            picture.pts, picture.time_base = frame.index, Fraction(1, RATE)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


class Here:
    """Workers that work in this process, one task at a time; remember what they did."""

    def __init__(self, worker: Worker) -> None:
        self.done: list[Task] = []
        self._worker = worker
        self._task: Task | None = None

    @property
    def free(self) -> int:
        return int(self._task is None)

    @property
    def busy(self) -> bool:
        return self._task is not None

    def give(self, task: Task) -> None:
        self._task = task

    def wait(self, seconds: float) -> list[Finished]:  # noqa: ARG002 - nothing to wait for
        assert self._task is not None
        task, self._task = self._task, None
        self.done.append(task)
        return [Finished(task, self._worker(task, lambda share, frames: None))]  # noqa: ARG005

    def close(self, *, now: bool = False) -> None:
        pass


def batch(video: Path, out: Path, piece: float, stop_after: int | None = None) -> tuple[State, list[Task]]:
    input = Input(str(video), "long", video.stat().st_size, "mark")
    options = Options("jsonl", piece=piece)
    stop = threading.Event()
    with Results(out, options) as results:
        workers = Here(worker := Worker(options, 2, results.work))

        def watch(state: State) -> None:  # noqa: ARG001 - only the number of tasks counts
            if stop_after is not None and len(workers.done) >= stop_after:
                stop.set()

        state = run([input], results, lambda: workers, stop, watch)
        worker.close()
    return state, workers.done


def records(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "long.jsonl").read_text(encoding="utf-8").splitlines()]


def test_pieces_give_what_one_run_gives_also_when_interrupted(long: Path, tmp_path: Path) -> None:
    one, tasks = batch(long, tmp_path / "one", piece=0)
    assert [task.cuts for task in tasks] == [()]
    first, tasks = batch(long, tmp_path / "cut", PIECE, stop_after=2)
    assert [task.piece for task in tasks] == [None, 0]
    assert not first.outcomes
    cut, tasks = batch(long, tmp_path / "cut", PIECE)
    assert [task.piece for task in tasks] == [None, 1, 2, None]
    assert len(tasks[-1].parts) == 3
    assert not list((tmp_path / "cut" / ".fkd" / "pieces").glob("*"))

    (whole,), (joined,) = one.outcomes.values(), cut.outcomes.values()
    for name in ("status", "message", "frames", "faces", "ids"):
        assert getattr(joined, name) == getattr(whole, name), name
    assert whole.ids >= 3
    assert joined.duration == pytest.approx(whole.duration)
    for ours, theirs in zip(records(tmp_path / "cut"), records(tmp_path / "one"), strict=True):
        assert (ours["frame"], ours["time"]) == (theirs["frame"], theirs["time"])
        assert [face["id"] for face in ours["faces"]] == [face["id"] for face in theirs["faces"]]
        for face, other in zip(ours["faces"], theirs["faces"], strict=True):
            assert np.abs(np.array(face["points"]) - other["points"]).max() <= 0.1


def test_cuts_are_key_frames_and_only_where_a_video_is_long(long: Path) -> None:
    assert cuts_of(long, PIECE) == pytest.approx((12.0, 24.0), abs=1.0)
    with av.open(str(long)) as container:
        keys = {float(packet.pts * packet.time_base) for packet in container.demux(video=0) if packet.is_keyframe}
    assert set(cuts_of(long, PIECE)) <= keys
    assert cuts_of(long, SECONDS / 1.9) == cuts_of(long, 0) == ()


def recording(times: list[float], at: dict[float, list[tuple[int, float]]]) -> Recording:
    """A recording with faces, each an id and a place, at some times."""
    recorder = Recorder()
    for time in times:
        ids = [face for face, _ in at.get(time, [])]
        places = np.array([place for _, place in at.get(time, [])], np.float32).reshape(-1, 1)
        count = len(ids)
        faces = Faces(
            np.repeat(places[:, :, None], 15, axis=1).repeat(2, axis=2),
            np.ones((count, 15), np.float32),
            np.hstack([places - 20, places - 20, places + 20, places + 20]),
            np.ones(count, np.float32),
            np.array(ids, np.int64),
        )
        recorder.append(Frame(np.zeros((4, 6, 3), np.uint8), 0, time), faces)
    return recorder.recording(None, None)


def joined_ids(
    first: dict[float, list[tuple[int, float]]], second: dict[float, list[tuple[int, float]]]
) -> list[list[int]]:
    times = [0.0, 9.0, 9.5]
    parts = [recording(times, first), recording([*times, 10.0, 11.0], second)]
    frames = list(join(parts, (10.0,)))
    assert [(frame.index, frame.time) for frame, _ in frames] == [(0, 0.0), (1, 9.0), (2, 9.5), (3, 10.0), (4, 11.0)]
    assert frames[0][0].size == (6, 4)
    return [faces.ids.tolist() for _, faces in frames]


def test_ids_go_on_over_a_cut_and_new_ones_are_new() -> None:
    first = {0.0: [(0, 50)], 9.0: [(0, 50), (1, 200)], 9.5: [(0, 50), (1, 200)]}
    second = {9.0: [(4, 200), (5, 50)], 9.5: [(4, 200), (5, 50)], 10.0: [(4, 200), (5, 50), (6, 90)], 11.0: [(6, 90)]}
    assert joined_ids(first, second) == [[0], [0, 1], [0, 1], [0, 1, 2], [2]]


def test_a_face_that_is_lost_at_the_cut_keeps_its_id() -> None:
    first = {0.0: [(0, 50), (1, 200)], 9.0: [(1, 200)], 9.5: [(1, 200)]}
    second = {0.0: [(0, 200), (1, 50)], 9.0: [(0, 200)], 9.5: [(0, 200)], 10.0: [(0, 200)], 11.0: [(0, 200), (1, 50)]}
    assert joined_ids(first, second)[-2:] == [[1], [0, 1]]


@pytest.mark.parametrize(
    "second",
    [{9.0: [(0, 50)], 9.5: [(0, 50.2)]}, {9.0: [(0, 50)]}, {9.0: [(0, 50)], 9.5: [(0, 50), (1, 150)]}],
    ids=["elsewhere", "one less", "one more"],
)
def test_pieces_that_found_other_faces_are_not_joined(second: dict[float, list[tuple[int, float]]]) -> None:
    with pytest.raises(JoinError, match="different faces"):
        joined_ids({9.0: [(0, 50)], 9.5: [(0, 50)]}, second)


def test_pieces_with_other_frames_are_not_joined() -> None:
    parts = [recording([0.0, 9.0, 9.5], {}), recording([9.0, 9.6, 10.0], {})]
    with pytest.raises(JoinError, match="different frames"):
        list(join(parts, (10.0,)))


def test_a_recording_outlives_its_file(tmp_path: Path) -> None:
    whole = recording([0.0, 1.0], {1.0: [(3, 50), (7, 90)]})
    whole.save(tmp_path / "piece.npz")
    for (time, size, faces), (other, shape, others) in zip(Recording.load(tmp_path / "piece.npz"), whole, strict=True):
        assert (time, size) == (other, shape)
        assert np.array_equal(faces.points, others.points)
        assert faces.ids.tolist() == others.ids.tolist()


def test_a_video_whose_pieces_do_not_fit_is_done_in_one(tmp_path: Path) -> None:
    """What cannot be joined costs the work on the pieces, and nothing else; a piece still in hand counts no more."""
    given: list[Task] = []

    class Fake(Here):
        def __init__(self) -> None:
            self._tasks: list[Task] = []

        @property
        def free(self) -> int:
            return 2 - len(self._tasks)

        @property
        def busy(self) -> bool:
            return bool(self._tasks)

        def give(self, task: Task) -> None:
            given.append(task)
            self._tasks.append(task)

        def wait(self, seconds: float) -> list[Finished]:  # noqa: ARG002 - nothing to wait for
            task = self._tasks.pop(0)
            if not task.uncut and task.piece is None:
                return [Finished(task, Outcome("cut", cuts=(10.0, 20.0)))]
            if task.piece == 0:
                return [Finished(task, Outcome("broken", "no such frames"))]
            file = tmp_path / "made"
            file.write_bytes(b"made")
            return [Finished(task, Outcome("done", frames=7, file=file))]

    with Results(tmp_path / "out", Options()) as results:
        state = run([Input("/long", "long", 1, "m")], results, Fake, threading.Event())
        assert results.path_of(state.inputs[0]).read_bytes() == b"made"
    assert [(task.piece, task.uncut) for task in given] == [(None, False), (0, False), (1, False), (None, True)]
    assert state.frames == 7
    assert state.share == 1
