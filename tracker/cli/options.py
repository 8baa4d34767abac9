"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Engine = Annotated[str, typer.Option(help="What runs the network: auto, litert (CPU) or keras (GPU).")]
Detector = Annotated[str, typer.Option(help="Face detector: full (up to some 5 m away) or short (close-ups).")]
Smooth = Annotated[str, typer.Option(help="Smoothing of the points: off, low, normal or high.")]
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
