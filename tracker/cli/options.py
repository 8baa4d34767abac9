"""Options that several commands share."""

from pathlib import Path
from typing import Annotated, Literal

import typer

# The choices are written out so that help and completion need not load what defines them; a test compares them.
Engine = Annotated[
    Literal["auto", "litert", "keras"], typer.Option(help="What runs the network: litert on a CPU, keras on a GPU.")
]
Detector = Annotated[
    Literal["full", "short"], typer.Option(help="Face detector: full for up to some 5 m away, short for close-ups.")
]
Smooth = Annotated[Literal["off", "low", "normal", "high"], typer.Option(help="Smoothing of the points.")]
MaxFaces = Annotated[int, typer.Option(min=1, help="Follow at most so many faces.")]
Weights = Annotated[
    Path | None,
    typer.Option(help="Another keypoint model: the folder of an exported training, a .tflite file or Keras weights."),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace output files that exist.")]
Points = Annotated[
    list[Path] | None,
    typer.Option(help="Write the points to this file: .jsonl, .csv, .parquet, or .json (COCO); may be repeated."),
]
Send = Annotated[
    list[str] | None,
    typer.Option(help="Send the points: osc://HOST:PORT, udp://HOST:PORT or ws://HOST:PORT; may be repeated."),
]
Rerun = Annotated[str | None, typer.Option(help="Write a Rerun recording (.rrd), or show it live: viewer.")]
Measures = Annotated[
    bool, typer.Option("--measures", help="Add head pose, distance, mouth and eyebrows to the points.")
]
Focal = Annotated[
    float | None, typer.Option(help="Focal length of the camera for --measures, in pixels; default: the frame's width.")
]
Privacy = Annotated[
    Literal["blur", "pixelate", "points-only"] | None,
    typer.Option(help="Hide faces in all pictures: blurred, pixelated, or the points alone on black."),
]
