"""Sinks: where frames and their faces go. Files are chosen by their names, streams by their addresses."""

from collections.abc import Sequence
from pathlib import Path

from tracker.errors import InputError, OutputError
from tracker.sinks.background import Background
from tracker.sinks.base import Sink, check_free, claim, writing
from tracker.sinks.outputs import Outputs, open_outputs
from tracker.sinks.streams import open_stream

__all__ = [
    "Background",
    "Outputs",
    "Sink",
    "check_pictures",
    "check_points",
    "check_video",
    "open_outputs",
    "open_pictures",
    "open_points",
    "open_stream",
    "open_video",
    "recover_points",
    "trim_points",
]

POINTS_SUFFIXES = (".jsonl", ".csv", ".parquet", ".json")
JOURNALED_SUFFIXES = (".parquet", ".json")
"""Those that can be read only once they are closed."""


def check_points(path: Path, *, overwrite: bool = False) -> None:
    """Makes sure that `open_points` will take a file, as far as can be told without touching anything.

    Raises:
        OutputError: the name is not one of these, or the file exists already, or is being written.
    """
    from tracker.sinks.journal import is_being_written, journal_of

    if path.suffix.lower() not in POINTS_SUFFIXES:
        raise OutputError(f"Points cannot be written as {path.name}; name the file {', '.join(POINTS_SUFFIXES)}.")
    with writing(path):
        if is_being_written(journal_of(path)):
            raise OutputError(f"{path} is being written by another program; name another file.")
        if journal_of(path).exists() and not overwrite:
            raise OutputError(f"{path} was never completed; `fkd recover {path}` does it, --overwrite replaces it.")
    check_free(path, overwrite=overwrite)


def open_points(path: Path | str, *, overwrite: bool = False, measures: Sequence[str] = ()) -> Sink:
    """Opens a file for points: .jsonl, .csv, .parquet, or .json for COCO keypoints.

    Args:
        path: the file.
        overwrite: whether a file that exists is replaced.
        measures: names of the measures that the faces will have, which are further columns of a table.

    Raises:
        OutputError: the name is not one of these, the file exists already, or it cannot be written.
    """
    from tracker.sinks.journal import Journaled

    path = Path(path)
    check_points(path, overwrite=overwrite)
    claim(path, overwrite=overwrite)
    suffix = path.suffix.lower()
    if suffix in JOURNALED_SUFFIXES:
        return Journaled(path, measures, _open_journaled)
    if suffix == ".jsonl":
        from tracker.sinks.jsonl import JsonlSink

        return JsonlSink(path)
    from tracker.sinks.table import CsvSink

    return CsvSink(path, measures)


def recover_points(path: Path) -> tuple[int, int]:
    """Completes a .parquet or .json file from the journal that a killed program has left beside it.

    Returns:
        How many frames and how many faces there were.

    Raises:
        InputError: the file is of another kind, or there is no journal of ours.
        OutputError: the file cannot be written.
    """
    from tracker.sinks.journal import recover

    if path.suffix.lower() not in JOURNALED_SUFFIXES:
        raise InputError(f"Only {' and '.join(JOURNALED_SUFFIXES)} files have a journal, not {path.name}.")
    return recover(path, _open_journaled)


def trim_points(path: Path) -> int:
    """Takes a last line that was cut off a .jsonl or .csv file that a killed program has left.

    Returns:
        How many bytes that were; 0 if the file is whole.

    Raises:
        InputError: the file is of another kind, or not there.
        OutputError: the file cannot be written.
    """
    from tracker.sinks.trimming import SUFFIXES, trim

    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"Only files of points ({', '.join(POINTS_SUFFIXES)}) are recovered, not {path.name}.")
    return trim(path)


def _open_journaled(path: Path, measures: Sequence[str]) -> Sink:
    if path.suffix.lower() == ".json":
        from tracker.sinks.coco import CocoSink

        return CocoSink(path)
    from tracker.sinks.table import ParquetSink

    return ParquetSink(path, measures)


def check_video(path: Path, *, overwrite: bool = False) -> None:
    """Makes sure that `open_video` will take a file, as far as can be told without touching anything.

    Raises:
        OutputError: the name is not one of these, or the file exists already.
    """
    from tracker.sinks.video import check_name

    check_name(path)
    check_free(path, overwrite=overwrite)


def open_video(path: Path | str, *, rate: float | None, overwrite: bool = False, from_zero: bool = False) -> Sink:
    """Opens a file for annotated video: .mp4, .mov or .mkv; rate and from_zero are as of `VideoSink`.

    Raises:
        OutputError: the name is not one of these, the file exists already, or it cannot be written.
    """
    from tracker.sinks.video import VideoSink

    path = Path(path)
    check_video(path, overwrite=overwrite)
    claim(path, overwrite=overwrite)
    return VideoSink(path, rate, from_zero=from_zero)


def check_pictures(path: Path, *, overwrite: bool = False) -> None:
    """Makes sure that `open_pictures` will take a name, as far as can be told without touching anything.

    Raises:
        OutputError: it is one of something else, or of a picture that exists already.
    """
    from tracker.sinks.pictures import check_name
    from tracker.sources.images import is_image_name

    check_name(path)
    if is_image_name(path):
        check_free(path, overwrite=overwrite)


def open_pictures(path: Path, *, overwrite: bool = False) -> Sink:
    """Opens a picture or a folder for annotated pictures.

    Raises:
        OutputError: the picture exists already, or cannot be written.
    """
    from tracker.sinks.pictures import PictureSink

    return PictureSink(path, overwrite=overwrite)
