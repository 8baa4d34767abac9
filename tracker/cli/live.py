"""`fkd live` and `fkd-live`: a camera, a stream, a video or the demo, followed live."""

from pathlib import Path
from typing import Annotated

import typer

from tracker.cli import options
from tracker.cli.completion import complete_camera
from tracker.errors import InputError

SERVED_DEMO = 3600.0
"""Seconds that the demo goes on when it is shown on a page, so that a browser finds it."""


def live(
    camera: Annotated[
        str,
        typer.Option(help="Index, name, part of a name, path, or address of a stream.", autocompletion=complete_camera),
    ] = "0",
    video: Annotated[Path | None, typer.Option(help="Play this video instead of a camera.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Play the built-in clip instead of a camera.")] = False,
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
    """Follow the faces that a camera sees.

    Keys in the window: q or Esc quit, space pause, m mirror, s snapshot, r record, h display on and off.
    """
    from tracker.cli.messages import say
    from tracker.live import LiveOptions, run_live
    from tracker.serve.address import parse_address
    from tracker.sources.base import Source

    if demo and video is not None:
        raise InputError("Choose one of --demo and --video.")
    if serve_points_only and serve is None:
        raise InputError("--serve-points-only needs --serve.")
    address = None if serve is None else parse_address(serve)

    def open_it() -> Source:
        if demo:
            from tracker.sources.demo import Demo

            return Demo() if address is None else Demo(seconds=SERVED_DEMO)
        if video is not None:
            from tracker.sinks.base import check_distinct
            from tracker.sources import open_source

            recording = [] if rerun in (None, "viewer") else [Path(rerun)]
            check_distinct(video, *(points or ()), *recording, *([] if record is None else [record]))
            return open_source(video)
        from tracker.sources.camera import Camera

        return Camera(camera, width=width, height=height, rate=fps, say=say)

    code = run_live(
        open_it,
        LiveOptions(
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
        ),
        say=say,
    )
    if code:
        raise typer.Exit(code)
