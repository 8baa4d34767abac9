"""`fkd live` and `fkd-live`: a camera, a stream, a video or the demo, followed live."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from tracker.cli import options
from tracker.cli.completion import complete_camera
from tracker.cli.config import foremost
from tracker.errors import InputError

SERVED_DEMO = 3600.0
"""Seconds that the demo goes on when it is shown on a page, so that a browser finds it."""


def live(
    ctx: typer.Context,
    camera: Annotated[
        list[str] | None,
        typer.Option(
            help="Index, name, part of a name, path, or address of a stream; 0 if none is named; may be repeated.",
            autocompletion=complete_camera,
        ),
    ] = None,
    video: Annotated[list[Path] | None, typer.Option(help="Play this video; may be repeated.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Play the built-in clip.")] = False,
    record: Annotated[Path | None, typer.Option(help="Write the annotated picture to this video.")] = None,
    points: options.Points = None,
    send: options.Send = None,
    virtual_camera: Annotated[
        str | None, typer.Option(help="Show the annotated picture on this virtual camera; auto: the first found.")
    ] = None,
    rerun: options.Rerun = None,
    overwrite: options.Overwrite = False,
    no_window: Annotated[bool, typer.Option("--no-window", help="Show nothing.")] = False,
    mirror: Annotated[bool, typer.Option("--mirror", help="Show the picture as a mirror does.")] = False,
    engine: options.Engine = "auto",
    detector: options.Detector = "full",
    smooth: options.Smooth = "normal",
    max_faces: options.MaxFaces = 64,
    width: Annotated[int | None, typer.Option(min=16, help="Ask the camera for this width.")] = None,
    height: Annotated[int | None, typer.Option(min=16, help="Ask the camera for this height.")] = None,
    fps: Annotated[float | None, typer.Option(min=1, help="Ask the camera for so many frames per second.")] = None,
    weights: options.Weights = None,
    serve: Annotated[
        str | None,
        typer.Option(metavar="[HOST:]PORT", help="Show it on a web page; at 127.0.0.1 unless a host is named."),
    ] = None,
    serve_points_only: Annotated[
        bool, typer.Option("--serve-points-only", help="Never send a picture to the page.")
    ] = False,
    measures: options.Measures = False,
    focal: options.Focal = None,
    privacy: options.Privacy = None,
) -> None:
    """Follow the faces that a camera sees, or several cameras at once.

    With several, files are written for each, with its number in their names: points-0.jsonl, points-1.jsonl.

    Keys in the window: q or Esc quit, space pause, m mirror, s snapshot, r record, h display on and off.
    """
    from tracker.cli.messages import say
    from tracker.live import LiveOptions, Opening, run_live, run_many
    from tracker.serve.address import parse_address
    from tracker.sinks.base import check_distinct
    from tracker.sources.addresses import without_secrets
    from tracker.sources.base import Source

    if serve_points_only and serve is None:
        raise InputError("--serve-points-only needs --serve.")
    address = None if serve is None else parse_address(serve)

    def open_video(path: Path) -> Source:
        from tracker.sources import open_source

        return open_source(path)

    def open_demo() -> Source:
        from tracker.sources.demo import Demo

        return Demo() if address is None else Demo(seconds=SERVED_DEMO)

    def open_camera(which: str) -> Source:
        from tracker.sources.camera import Camera

        return Camera(which, width=width, height=height, rate=fps, say=say)

    named = foremost(ctx, "camera", "video", "demo") or {"camera"}
    cameras = (camera or ["0"]) if "camera" in named else []
    videos = (video or []) if "video" in named else []
    openings = [
        *(Opening(without_secrets(which), partial(open_camera, which)) for which in cameras),
        *(Opening(path.name, partial(open_video, path)) for path in videos),
        *([Opening("demo", open_demo)] if demo and "demo" in named else []),
    ]
    asked = LiveOptions(
        record=record,
        points=tuple(points or ()),
        send=tuple(send or ()),
        virtual_camera=virtual_camera,
        rerun=rerun,
        overwrite=overwrite,
        window=not no_window,
        mirror=mirror,
        engine=engine,
        detector=detector,
        smooth=smooth,
        max_faces=max_faces,
        weights=weights,
        serve=address,
        serve_points_only=serve_points_only,
        measures=measures,
        focal=focal,
        privacy=privacy,
    )
    one = len(openings) == 1
    files = [path for number in range(len(openings)) for path in (asked if one else asked.of_source(number)).files]
    for path in (None, *videos):
        check_distinct(path, *files)
    code = run_live(openings[0].open, asked, say) if one else run_many(openings, asked, say)
    if code:
        raise typer.Exit(code)
