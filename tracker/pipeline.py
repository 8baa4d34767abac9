"""The pipeline: the one place that knows the order detector → tracks → crops → network → tracks."""

from collections.abc import Generator, Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.batching import Answers, Looks, advance
from tracker.blazeface import BlazeFace
from tracker.clock import Clock
from tracker.closing import Closing
from tracker.crop import CROP_SIZE, anchors_of, crop_boxes, crop_transforms, cut_crops, to_frame
from tracker.detection import Detections, Detector
from tracker.engines import Engine, open_engine
from tracker.errors import InputError
from tracker.faces import SAME_PLACE, Faces, match, middles_of, overlaps, scores_of
from tracker.frame import Frame, as_bgr, pixels_of
from tracker.judges import Settings, judge_of
from tracker.motion import looks_of
from tracker.planes import Planes
from tracker.search import Finding, Search
from tracker.smoothing import LEVELS
from tracker.stopwatch import Stopwatch
from tracker.ticks import ticked
from tracker.tracks import SAME_FACE, Ids, Tracks

__all__ = ["Settings", "Tracker"]

OUTAGE = 1.0
"""Seconds between two frames from which on faces are known by their looks, not by where motion takes them."""

_Points = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Points (N, 15, 2) in pixels of the image, and confidence (N, 15)."""
_Look = Generator[NDArray[np.uint8], Answers, _Points]


class Tracker(Closing):
    """Finds faces and their 15 keypoints in images, and follows them through streams.

    Args:
        engine: `auto`, `litert` (CPU) or `keras` (GPU), or an engine.
        detector: `full` for faces up to some five metres away, `short` for close-ups, or a detector.
        weights: a model instead of the shipped one: a file, or a folder that `fkd train export` wrote.
        smooth: `off`, `low`, `normal` or `high`.
        settings: how it decides.
        ids: where its faces get their ids from, where several trackers must not give the same ones.
        detect_beside: while a face is seen, the detector looks beside the frames, in a thread, and what it finds counts
            from the next frame on. No frame waits for it, as live pictures need; but two runs are not quite the same.

    Raises:
        InputError: an option has a value that does not exist.
        EngineError: the engine cannot run here, or a model file is missing or wrong.

    A tracker follows one stream. It is not safe to call from several threads at once. Close it, or use it in a `with`.
    """

    def __init__(
        self,
        *,
        engine: str | Engine = "auto",
        detector: str | Detector = "full",
        weights: Path | str | None = None,
        smooth: str = "normal",
        settings: Settings | None = None,
        ids: Ids | None = None,
        detect_beside: bool = False,
    ) -> None:
        if smooth not in LEVELS:
            raise InputError(f"Smoothing cannot be {smooth!r}; it can be {', '.join(LEVELS)}.")
        self.settings = settings or Settings()
        if self.settings.max_faces < 1:
            raise InputError("The number of faces must be at least 1.")
        self.engine = open_engine(engine, weights) if isinstance(engine, str) else engine
        self.detector = BlazeFace(detector) if isinstance(detector, str) else detector
        self.stopwatch = Stopwatch()
        self._framing = self.engine.model.framing
        self._judge = judge_of(self.settings, confidence=self.engine.model.confidence)
        self._tracks = Tracks(LEVELS[smooth], self._framing, ids)
        self._crops = np.empty((0, CROP_SIZE, CROP_SIZE), np.uint8)
        self._search = Search(self.detector)
        self._beside = detect_beside
        self._asked_for = (self._tracks.ids, self._tracks.transforms)
        self._clock = Clock()
        self._newcomers = False
        self._closed = False

    def detect(self, image: NDArray[np.uint8]) -> Faces:
        """Finds the faces of one image, unrelated to any other.

        Args:
            image: (H, W, 3) uint8 BGR; gray and BGRA are taken too.

        Returns:
            Its faces, best first, each under an id of its own.

        Raises:
            InputError: it is not such an image, or the tracker is closed.
        """
        (faces,) = advance(self.engine, [self.looks_at_picture(image)], self.stopwatch)
        return faces

    def looks_at_picture(self, image: NDArray[np.uint8]) -> Looks:
        """Does what `detect` does, but has whoever advances it run the network."""
        self._check_open()
        image = as_bgr(image)
        with self.stopwatch.stage("detector"):
            found = self._search.at_once(image).found
        faces = yield from self._faces_at(image, found)
        if len(faces) == 0:
            with self.stopwatch.stage("detector"):
                close_up = self._search.close_up(image)
            faces = yield from self._faces_at(image, close_up)
        return faces

    def update(self, frame: Frame) -> Faces:
        """Finds the faces of the next frame of a stream; of a picture (a frame with a name) as `detect` does.

        Args:
            frame: the frame; where its time does not move on, it is taken to follow the last one as usual.

        Returns:
            Its faces in the order of their ids; a picture's, which have nothing to do with those of others, best first.

        Raises:
            InputError: it is no frame, or holds no image, or the tracker is closed.
        """
        (faces,) = advance(self.engine, [self.looks_at(frame)], self.stopwatch)
        return faces

    def looks_at(self, frame: Frame) -> Looks:
        """Does what `update` does, but has whoever advances it run the network."""
        self._check_open()
        image = pixels_of(frame)
        if frame.name is not None:
            return (yield from self.looks_at_picture(frame.image))
        tracks, last, time = self._tracks, self._clock.now, self._clock.at(frame.time)
        if time - last > OUTAGE and len(tracks):
            tracks.sleep(time)
        tracks.keep(time - tracks.seen <= self.settings.memory)
        transforms = tracks.expected(time)
        moved = np.zeros(len(tracks), bool)
        new = np.empty((0, 3, 2), np.float32)
        finding = self._finding(image, transforms, time)
        if finding is not None:
            before = transforms if finding.time == time else self._when_asked(transforms)
            transforms, moved, new = self._assign(finding.found, before, transforms)
            self._newcomers = False
        points, confidence = yield from self._look(image, transforms)
        with self.stopwatch.stage("tracks"):
            crops, scores = self._crops[: len(tracks)], scores_of(confidence)
            seen = self._judge.kept(scores, tracks.missed) & (scores > 0) & _centre_inside(points, image.shape)
            tracks.update(points, confidence, seen, moved, ~self._judge.doubtful(scores), lambda: looks_of(crops), time)
        if len(new):
            yield from self._welcome(image, new, time)
        with self.stopwatch.stage("tracks"):
            return tracks.faces()

    def track(self, source: Iterable[Frame]) -> Iterator[tuple[Frame, Faces]]:
        """Yields each frame of a source with its faces, as `update` finds them.

        Raises:
            InputError: what the source gives is no frame, or holds no image.
        """
        for frame in source:
            yield frame, self.update(frame)

    @property
    def places(self) -> NDArray[np.float32]:
        """(M, 4) float32 boxes as in `Faces.boxes`, where faces may be that are not among those returned.

        They are, for faces that were lost and are remembered, where they were last seen and where their motion should
        have taken them since; and all that the detector found when it was last asked, accepted as faces or not.
        """
        tracks = self._tracks
        expected, found = tracks.expected(self._clock.now), crop_transforms(self._search.found.anchors, self._framing)
        return crop_boxes(np.concatenate([tracks.transforms[tracks.lost], expected[tracks.lost], found]))

    def reset(self) -> None:
        """Forgets all faces, for another stream; ids go on."""
        self._tracks.forget()
        self._search.forget()
        self._clock = Clock()

    def close(self) -> None:
        """Frees detector and engine; may be called twice."""
        self._closed = True
        self._search.close()
        self.engine.close()

    def _check_open(self) -> None:
        if self._closed:  # a closed detector finds no faces, and says nothing
            raise InputError("The tracker is closed; open another one.")

    def _faces_at(self, image: NDArray[np.uint8], found: Detections) -> Looks:
        """Returns those faces of an image, best first, which the network takes for faces too, each one once."""
        anchors = found.anchors[self._judge.shown(found)]
        points, confidence = yield from self._look_twice(image, anchors)
        scores = scores_of(confidence)
        best = np.argsort(-scores, kind="stable")
        best = best[self._judge.new(scores[best]) & (scores[best] > 0)]
        boxes = self._boxes_around(points[best])
        first = _first_on_each(boxes)
        best, boxes = best[first][: self.settings.max_faces], boxes[first][: self.settings.max_faces]
        return Faces(points[best], confidence[best], boxes, scores[best], self._tracks.new_ids(len(best)))

    def _detector_is_due(self, time: float) -> bool:
        tracks, settings = self._tracks, self.settings
        if len(tracks) == 0 or tracks.lost.all():
            return True
        searching = self._newcomers or tracks.lost.any() or bool(self._judge.doubtful(tracks.scores).any())
        return ticked(self._search.asked, time, settings.search_every if searching else settings.detect_every)

    def _finding(self, image: NDArray[np.uint8] | Planes, expected: NDArray[np.float64], time: float) -> Finding | None:
        """Returns what the detector found, if it looked at this frame, or has finished with one before."""
        tracks, search = self._tracks, self._search
        due = self._detector_is_due(time)
        if self._beside and not tracks.lost.all():
            finding = search.finished()
            if finding is not None:
                self.stopwatch.add("detector", finding.elapsed)
            elif due and not search.busy:
                search.begin(image.bgr() if isinstance(image, Planes) else image, time)
                self._asked_for = (tracks.ids, expected)
            return finding
        if not due:
            return None
        with self.stopwatch.stage("detector"):
            return search.at_once(image.bgr() if isinstance(image, Planes) else image, time)

    def _when_asked(self, expected: NDArray[np.float64]) -> NDArray[np.float64]:
        """Returns where the tracks were expected (N, 2, 3) when the detector was asked; newer ones where they are."""
        ids, transforms = self._asked_for
        now, then = np.nonzero(self._tracks.ids[:, None] == ids)
        before = expected.copy()
        before[now] = transforms[then]
        return before

    def _assign(
        self, found: Detections, before: NDArray[np.float64], expected: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float32]]:
        """Matches detections with tracks.

        The tracks that are seen choose first: a lost one is often looked for where another face is.

        Args:
            found: the detections.
            before: (N, 2, 3) crops where the tracks should have been in the frame that the detector looked at.
            expected: (N, 2, 3) crops where they should be by now.

        Returns:
            The crops of the tracks (N, 2, 3), which of them (N,) the detector moved because they were lost or
            misplaced, and the anchors (M, 3, 2) of the faces that belong to no track.
        """
        tracks = self._tracks
        placed = crop_transforms(found.anchors, self._framing)
        alike = self._judge.alike(crop_boxes(before), crop_boxes(placed))
        partner = match(alike + ((alike >= SAME_PLACE) & ~tracks.lost[:, None]))
        tracks.looked_for(partner >= 0)
        pairs = np.pad(alike, ((0, 0), (0, 1)))[np.arange(len(tracks)), partner]  # 0 for those without a partner
        moved = (tracks.lost | self._judge.misplaced(tracks.scores, pairs)) & (partner >= 0)
        transforms = expected.copy()
        transforms[moved] = placed[partner[moved]]
        free = self._judge.shown(found)
        free[partner[partner >= 0]] = False
        return transforms, moved, found.anchors[free]

    def _look(self, image: NDArray[np.uint8] | Planes, transforms: NDArray[np.float64]) -> _Look:
        """Has the network look at crops (N, 2, 3)."""
        count = len(transforms)
        if count > len(self._crops):
            self._crops = np.empty((count, CROP_SIZE, CROP_SIZE), np.uint8)
        with self.stopwatch.stage("crops"):
            crops = cut_crops(image, transforms, self._crops[:count])
        answer = yield crops
        _mark_nonsense(answer)
        with self.stopwatch.stage("tracks"):
            return to_frame(transforms, answer[:, :, :2]), answer[:, :, 2]

    def _look_twice(self, image: NDArray[np.uint8] | Planes, anchors: NDArray[np.float32]) -> _Look:
        """Looks at new faces, and once more with crops around the points found: the detector's are often far off."""
        points, _ = yield from self._look(image, crop_transforms(anchors, self._framing))
        return (yield from self._look(image, crop_transforms(anchors_of(points), self._framing)))

    def _welcome(
        self, image: NDArray[np.uint8] | Planes, anchors: NDArray[np.float32], time: float
    ) -> Generator[NDArray[np.uint8], Answers, None]:
        """Starts tracks of those detections that the network takes for faces too and that no track holds already.

        Those where a lost face should be by now are that face: when it comes out from behind something, only a part of
        it is seen, and the detector's box is too small to be like that of the track; the network's is not. Where there
        are as many tracks as may be, those that were lost longest ago make room.
        """
        points, confidence = yield from self._look_twice(image, anchors)
        looks = looks_of(self._crops[: len(points)])
        tracks, scores = self._tracks, scores_of(confidence)
        best = np.argsort(-scores, kind="stable")
        best = best[self._judge.new(scores[best]) & (scores[best] > 0)]
        boxes = self._boxes_around(points[best])
        free = _first_on_each(boxes) & ~(overlaps(boxes, tracks.boxes[~tracks.lost]) > SAME_FACE).any(axis=1)
        best, boxes = best[free], boxes[free]
        (lost,) = np.nonzero(tracks.lost)
        partner = match(overlaps(boxes, crop_boxes(tracks.expected(time)[lost])))
        known, new = best[partner >= 0], best[partner < 0]
        tracks.bring_back(lost[partner[partner >= 0]], points[known], confidence[known], time)
        most = self.settings.max_faces
        new = np.sort(new[: max(most - np.count_nonzero(~tracks.lost), 0)])
        tracks.forget_lost(len(tracks) + len(new) - most)
        tracks.add(points[new], confidence[new], looks[new], time)
        self._newcomers = len(new) > 0

    def _boxes_around(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        return crop_boxes(crop_transforms(anchors_of(points), self._framing))


def _mark_nonsense(answer: NDArray[np.float32]) -> None:
    """Turns a network's answers (N, 15, 3) that are no points of a crop into the crop's middle, without confidence."""
    sense = np.abs(answer) < 10 * CROP_SIZE  # what is no number makes none either
    if not sense.all():
        nonsense = ~sense.all(axis=(1, 2))
        answer[nonsense] = ((CROP_SIZE - 1) / 2, (CROP_SIZE - 1) / 2, 0.0)


def _first_on_each(boxes: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which boxes (N, 4) are the first on their face."""
    return np.asarray(~np.tril(overlaps(boxes, boxes) > SAME_FACE, -1).any(axis=1))


def _centre_inside(points: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Which faces (N,) have the mean of their points inside the frame."""
    height, width = shape[:2]
    centre = middles_of(points)
    return np.asarray(((centre >= 0) & (centre < [width, height])).all(axis=1))
