"""COCO keypoints: the JSON that annotation tools and pycocotools read."""

import tempfile
from pathlib import Path
from typing import Any

import orjson

from tracker.errors import OutputError
from tracker.faces import Faces
from tracker.frame import Frame
from tracker.keypoints import COUNT, KEYPOINTS, SKELETON
from tracker.sinks.base import Whole, write_whole, writing
from tracker.sinks.numbers import name_of, numbers, points_of, rounded

CATEGORY = {
    "id": 1,
    "name": "face",
    "supercategory": "person",
    "keypoints": KEYPOINTS,
    "skeleton": [[a + 1, b + 1] for a, b in SKELETON],
}
"""The one category; COCO counts keypoints from 1."""
VISIBLE = 2.0
"""COCO's third value of a keypoint: labelled and visible."""


def frame_file(index: int) -> str:
    """What a frame of a video is called, for COCO knows pictures only."""
    return f"frame_{index:06d}.png"


class CocoSink(Whole):
    """Writes a COCO file: an image per frame, also for those without a face, and an annotation per face.

    The layout is that of COCO's keypoint annotations (Lin et al., 2014, https://cocodataset.org/#format-data). Beyond
    it an annotation has `score`, as COCO's results have, `track_id` (the face's id) and `confidence` (15 numbers), and
    an image has `time` in seconds. Coordinates are those of the other files; the area is the box's. The file is
    complete once closed.

    Args:
        path: the file, which is replaced.
    """

    def __init__(self, path: Path) -> None:
        start = b'{"info":{"description":"Faces found by fkd"},"categories":[%b],"annotations":['
        super().__init__(path, start % orjson.dumps(CATEGORY))
        try:
            with writing(path):
                self._images = tempfile.TemporaryFile(buffering=0, dir=path.parent)  # noqa: SIM115 - closed with the sink
        except OutputError:
            super().close()
            raise
        self._images_length = 0
        self._annotations = 0

    def append(self, frame: Frame, faces: Faces) -> None:
        """Writes the annotations of a frame's faces."""
        width, height = frame.size
        name = name_of(frame) or frame_file(frame.index)
        image = {"id": frame.index, "file_name": name, "width": width, "height": height, "time": round(frame.time, 6)}
        self._note(orjson.dumps(image))
        if len(faces):
            found = self._found(frame.index, faces)
            self._write((b",\n" if self._annotations else b"\n") + b",\n".join(map(orjson.dumps, found)))
            self._annotations += len(found)

    def close(self) -> None:
        """Writes the list of images and closes the file; may be called twice."""
        if not self._file.closed:
            try:
                self._images.seek(0)
                self._write(b'\n],"images":[\n' + self._images.read() + b"\n]}\n")
            finally:
                self._images.close()
                super().close()

    def _note(self, image: bytes) -> None:
        """Keeps what goes to the end of the file: on the disk, for a long run has many frames.

        Raises:
            OutputError: the disk is full.
        """
        piece = (b",\n" if self._images_length else b"") + image
        with writing(self._path):
            self._images_length += write_whole(self._images, piece, self._images_length)

    def _found(self, image: int, faces: Faces) -> list[dict[str, Any]]:
        """The annotations of a frame's faces; ids count from 1, for pycocotools takes 0 for none."""
        table = rounded(numbers(faces))
        points = points_of(table)
        confidence = points[:, :, 2].tolist()
        points[:, :, 2] = VISIBLE
        boxes = table[:, :4].copy()
        boxes[:, 2:] -= boxes[:, :2]
        areas = boxes[:, 2] * boxes[:, 3]
        columns = (faces.ids, boxes.round(2), areas.round(2), table[:, 4], points.reshape(len(faces), 3 * COUNT))
        rows = zip(*(column.tolist() for column in columns), confidence, strict=True)
        return [
            {
                "id": self._annotations + number,
                "image_id": image,
                "category_id": CATEGORY["id"],
                "iscrowd": 0,
                "bbox": box,
                "area": area,
                "num_keypoints": COUNT,
                "keypoints": keypoints,
                "score": score,
                "track_id": face,
                "confidence": sure,
            }
            for number, (face, box, area, score, keypoints, sure) in enumerate(rows, 1)
        ]
