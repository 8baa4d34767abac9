"""Sinks: where frames and their faces go. Files are chosen by their names, streams by their addresses."""

from collections.abc import Sequence
from pathlib import Path

from tracker.errors import OutputError
from tracker.sinks.background import Background
from tracker.sinks.base import Sink, claim
from tracker.sinks.outputs import Outputs, open_outputs
from tracker.sinks.streams import open_stream

__all__ = [
    "Background",
    "Outputs",
    "Sink",
    "open_outputs",
    "open_pictures",
    "open_points",
    "open_stream",
    "open_video",
]

POINTS_SUFFIXES = (".jsonl", ".csv", ".parquet", ".json")


def open_points(path: Path, *, overwrite: bool = False, measures: Sequence[str] = ()) -> Sink:
    """Opens a file for points: .jsonl, .csv, .parquet, or .json for COCO keypoints.

    Args:
        path: the file.
        overwrite: whether a file that exists is replaced.
        measures: names of the measures that the faces will have, which are further columns of a table.

    Raises:
        OutputError: the name is not one of these, the file exists already, or it cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix not in POINTS_SUFFIXES:
        raise OutputError(f"Points cannot be written as {path.name}; name the file {', '.join(POINTS_SUFFIXES)}.")
    claim(path, overwrite=overwrite)
    if suffix == ".jsonl":
        from tracker.sinks.jsonl import JsonlSink

        return JsonlSink(path)
    if suffix == ".json":
        from tracker.sinks.coco import CocoSink

        return CocoSink(path)
    from tracker.sinks.table import CsvSink, ParquetSink

    return CsvSink(path, measures) if suffix == ".csv" else ParquetSink(path, measures)


def open_video(path: Path, *, rate: float | None, overwrite: bool = False) -> Sink:
    """Opens a file for annotated video: .mp4, .mov or .mkv.

    Raises:
        OutputError: the name is not one of these, the file exists already, or it cannot be written.
    """
    from tracker.sinks.video import CONTAINERS, VideoSink

    if path.suffix.lower() in CONTAINERS:
        claim(path, overwrite=overwrite)
    return VideoSink(path, rate)


def open_pictures(path: Path, *, overwrite: bool = False) -> Sink:
    """Opens a picture or a folder for annotated pictures.

    Raises:
        OutputError: the picture exists already, or cannot be written.
    """
    from tracker.sinks.pictures import PictureSink

    return PictureSink(path, overwrite=overwrite)
