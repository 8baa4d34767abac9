"""Rerun: pictures, points and boxes over time, in a recording or in its viewer."""

from pathlib import Path
from typing import Any

import cv2

from tracker.errors import OutputError
from tracker.extras import need
from tracker.faces import Faces
from tracker.frame import Frame
from tracker.keypoints import COUNT, KEYPOINTS, SKELETON
from tracker.sinks.base import BaseSink

FACE_CLASS = 1
QUALITY = 80
"""Of the JPEG pictures, 0 to 100."""


class RerunSink(BaseSink):
    """Logs each frame: the picture, the points of each face with their skeleton, the boxes, the scores over time.

    Entities are `image` (JPEG), `image/face/<id>` (points), `image/boxes` and `score/<id>`, on the timelines `frame`
    (an index) and `time` (seconds).

    Args:
        path: the recording, which is replaced; or None for the viewer, which is started if it does not run.

    Raises:
        OutputError: rerun-sdk is not installed, the file cannot be written, or the viewer does not start.
    """

    def __init__(self, path: Path | None) -> None:
        library = self._library = need("rerun", extra="rerun", purpose="Rerun")
        self._recording: Any = library.RecordingStream("fkd")
        self._shown: set[int] = set()
        try:
            if path is None:
                self._recording.spawn()
            else:
                self._recording.save(path)
        except (OSError, RuntimeError) as error:
            reason = str(error).split("\n")[0].rstrip(".")
            where = "Rerun's viewer cannot be started" if path is None else f"{path} cannot be written"
            raise OutputError(f"{where}: {reason}.") from None
        self._recording.log("image", library.AnnotationContext(self._context()), static=True)

    def append(self, frame: Frame, faces: Faces) -> None:
        """Logs the frame."""
        library, recording = self._library, self._recording
        _, data = cv2.imencode(".jpg", frame.image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        recording.set_time("frame", sequence=frame.index)
        recording.set_time("time", duration=frame.time)
        recording.log("image", library.EncodedImage(contents=data.tobytes(), media_type="image/jpeg"))
        for face in faces:
            points = library.Points2D(face.points, class_ids=FACE_CLASS, keypoint_ids=list(range(COUNT)))
            recording.log(f"image/face/{face.id}", points)
            recording.log(f"score/{face.id}", library.Scalars(face.score))
        labels = [f"face {face}" for face in faces.ids.tolist()]
        boxes = library.Boxes2D(array=faces.boxes, array_format=library.Box2DFormat.XYXY, labels=labels)
        recording.log("image/boxes", boxes)
        shown = set(faces.ids.tolist())
        for gone in self._shown - shown:
            recording.log(f"image/face/{gone}", library.Clear(recursive=False))
        self._shown = shown

    def close(self) -> None:
        """Completes the recording; may be called twice."""
        if self._recording is not None:
            recording, self._recording = self._recording, None
            recording.flush()
            recording.disconnect()

    def _context(self) -> Any:
        """What the viewer shows of the points: their names, and lines between them."""
        library = self._library
        return library.ClassDescription(
            info=library.AnnotationInfo(id=FACE_CLASS, label="face"),
            keypoint_annotations=[library.AnnotationInfo(id=i, label=name) for i, name in enumerate(KEYPOINTS)],
            keypoint_connections=list(SKELETON),
        )
