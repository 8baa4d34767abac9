"""`fkd video`: a video, a picture or a folder of pictures to points and annotated copies."""

from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli import options
from tracker.errors import OutputError

if TYPE_CHECKING:
    from tracker.sinks import Sink
    from tracker.sources import Source


def video(
    input: Annotated[Path, typer.Argument(help="A video, a picture, or a folder of pictures (each on its own).")],
    out: Annotated[
        Path | None,
        typer.Option(help="Write an annotated copy: a video, for a picture a picture, for a folder a folder."),
    ] = None,
    points: options.Points = None,
    send: options.Send = None,
    rerun: options.Rerun = None,
    overwrite: options.Overwrite = False,
    engine: options.Engine = "auto",
    detector: options.Detector = "full",
    smooth: options.Smooth = "normal",
    max_faces: options.MaxFaces = 64,
    weights: options.Weights = None,
    measures: options.Measures = False,
    focal: options.Focal = None,
    privacy: options.Privacy = None,
) -> None:
    """Find the keypoints of every face in a file. For many files there is fkd batch.

    Without --out, --points, --send and --rerun, the points go to NAME.points.jsonl in the current folder.
    """
    import cv2

    from tracker.cli.messages import printable, say
    from tracker.cli.progress import Progress
    from tracker.interrupt import Interrupt
    from tracker.measures import names_of, with_measures
    from tracker.meter import number_of
    from tracker.pipeline import Settings, Tracker
    from tracker.privacy import Privacy
    from tracker.sinks import open_outputs
    from tracker.sinks.base import check_distinct
    from tracker.sinks.outputs import recordings
    from tracker.sources import open_source

    if out is None and not (points or send or rerun):
        named = input.resolve() if input.name in ("", "..") else input  # the folder "." has a name too
        points = [Path(f"{named.stem or 'input'}.points.jsonl")]
    check_distinct(input, *(points or ()), *recordings(rerun), *([] if out is None else [out]))
    names = names_of(measures, focal)
    curtain = Privacy(privacy) if privacy else None
    settings = Settings(max_faces=max_faces)
    cv2.setNumThreads(1)  # its threads cost a quarter of the processor time, and make pictures of this size no faster
    started = perf_counter()
    frames = faces_seen = 0
    ids: set[int] = set()
    with ExitStack() as stack:
        interrupt = stack.enter_context(Interrupt())
        source = stack.enter_context(open_source(input))
        if out is not None:
            _check_copy(source, out, overwrite)
        tracker = stack.enter_context(
            Tracker(
                engine=engine,
                detector=detector,
                weights=weights,
                smooth=smooth,
                settings=curtain.settings(settings) if curtain else settings,
            )
        )
        outputs = open_outputs(  # now that all else is there: it replaces files
            points=points or (),
            send=send or (),
            rerun=rerun,
            rate=source.rate,
            overwrite=overwrite,
            measures=names,
            say=_warn,
        )
        for warning in outputs.warnings:
            _warn(warning)
        if curtain and out is None and rerun is None:
            _warn("no picture is written that --privacy could hide faces in; --out writes one.")
        stack.enter_context(outputs)
        if out is not None:
            outputs.add(str(out), _open_copy(source, out, overwrite))
            outputs.written.append(out)
        progress = stack.enter_context(Progress(printable(input.name), source.count))
        interrupt.stop = source.stop
        for frame, faces in tracker.track(source):
            if measures:
                faces = with_measures(frame, faces, focal)
            if curtain:
                frame = curtain.hide(frame, faces, tracker.places)
            outputs.append(frame, faces)
            frames, faces_seen = frames + 1, faces_seen + len(faces)
            ids.update(faces.ids.tolist())
            progress.advance()
            if outputs.over:
                break
    seconds = perf_counter() - started
    say(
        f"{number_of(frames, 'frame')}, {faces_seen / max(frames, 1):.2f} faces per frame, "
        f"{number_of(len(ids), 'id')}, {frames / seconds:.0f} frames per second"
    )
    for path in outputs.written:
        say(f"written: {path}")
    for loss in outputs.losses:
        _warn(loss)
    if source.warning:
        _warn(source.warning)
    if interrupt.exit_code:
        _warn("interrupted; what was written up to here is complete.")
    if code := interrupt.exit_code or outputs.exit_code:
        raise typer.Exit(code)


def _warn(sentence: str) -> None:
    from tracker.cli.messages import say

    say(sentence, error=True)


def _check_copy(source: "Source", out: Path, overwrite: bool) -> None:
    """Makes sure that the copy can be written, as far as can be told before anything else is."""
    from tracker.sinks import check_pictures, check_video
    from tracker.sources.images import Images, is_image_name

    if not isinstance(source, Images):
        check_video(out, overwrite=overwrite)
        return
    if source.count != 1 and is_image_name(out):
        raise OutputError(f"{out} is one picture, and there are {source.count}; name a folder.")
    check_pictures(out, overwrite=overwrite)


def _open_copy(source: "Source", out: Path, overwrite: bool) -> "Sink":
    from tracker.sinks import open_pictures, open_video
    from tracker.sources.images import Images

    if isinstance(source, Images):
        return open_pictures(out, overwrite=overwrite)
    return open_video(out, rate=source.rate, overwrite=overwrite)
