"""What OpenCV and PyAV really write and read: a few frames in a temporary folder."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from tracker.doctor.findings import Finding, good, note, problem
from tracker.errors import FkdError
from tracker.quiet import quiet_stderr
from tracker.sinks.video import CONTAINERS, VideoSink
from tracker.sources.capture import open_capture
from tracker.sources.video import VideoFile

BY_PYAV = (
    ("H.264", "libx264", "mp4"),
    ("MPEG-4", "mpeg4", "mp4"),
    ("HEVC", "libx265", "mp4"),
    ("VP9", "libvpx-vp9", "mkv"),
    ("AV1", "libsvtav1", "mkv"),
)
BY_OPENCV = (
    ("MPEG-4", "mp4v", "mp4"),
    ("H.264", "avc1", "mp4"),
    ("Motion JPEG", "MJPG", "avi"),
    ("Xvid", "XVID", "avi"),
    ("VP9", "VP90", "webm"),
)
RATE = 10
GRAYS = (40, 80, 120, 160, 200)
"""Each frame is of one gray level; a codec may change it by as much as `TOLERANCE`."""
TOLERANCE = 8
Picture = NDArray[np.uint8]


def backends() -> Iterator[Finding]:
    """Which of its libraries OpenCV can load."""
    registry = cv2.videoio_registry
    kinds = {
        "videos": registry.getStreamBackends(),
        "cameras": registry.getCameraBackends(),
        "writing": registry.getWriterBackends(),
    }
    names = {
        kind: [registry.getBackendName(number) for number in numbers if registry.hasBackend(number)]
        for kind, numbers in kinds.items()
    }
    text = "; ".join(f"{kind}: {', '.join(found) or 'none'}" for kind, found in names.items())
    if "FFMPEG" in names["videos"]:
        yield good("OpenCV backends", text, **names)
    else:
        yield problem(
            "OpenCV backends",
            f"FFMPEG is missing, by which videos are read; {text}",
            "install the wheel of PyPI: pip install --force-reinstall opencv-contrib-python",
            **names,
        )


def annotated_video() -> Iterator[Finding]:
    """Writes and reads as the program itself does."""
    failed = []
    with TemporaryDirectory() as folder:
        for suffix in sorted(CONTAINERS):
            path = Path(folder) / f"clip{suffix}"
            try:
                with quiet_stderr():
                    with VideoSink(path, RATE) as sink:
                        for index, picture in enumerate(pictures()):
                            sink.write(picture, index / RATE)
                    with VideoFile(path) as source:
                        whole = same(frame.image for frame in source)
            except (FkdError, OSError, av.FFmpegError) as error:
                failed.append(f"{suffix} ({type(error).__name__})")
                continue
            if not whole:
                failed.append(f"{suffix} (not read back whole)")
    if failed:
        yield problem(
            "annotated video",
            f"cannot be written: {', '.join(failed)}",
            "install PyAV from PyPI: pip install --force-reinstall av",
            failed=failed,
        )
    else:
        yield good("annotated video", f"is written and read back whole: {', '.join(sorted(CONTAINERS))}")


def codecs() -> Iterator[Finding]:
    """Which codecs write a clip that can be read back."""
    by_pyav = _working(BY_PYAV, _pyav)
    if by_pyav["H.264"]:
        yield good("PyAV writes", _said(by_pyav), codecs=by_pyav)
    else:
        advice = "nothing, unless browsers are to play the videos: then install PyAV from PyPI"
        yield note("PyAV writes", f"{_said(by_pyav)}; videos are written as MPEG-4", advice, codecs=by_pyav)
    by_opencv = _working(BY_OPENCV, _opencv)
    yield good("OpenCV writes", f"{_said(by_opencv)} (the program writes by PyAV)", codecs=by_opencv)


def pictures() -> Iterator[Picture]:
    """A few gray pictures (64, 64, 3), each brighter than the one before."""
    return (np.full((64, 64, 3), gray, np.uint8) for gray in GRAYS)


def same(found: Iterable[NDArray[Any]]) -> bool:
    """Whether these are the pictures of `pictures`, as far as a codec leaves them the same."""
    grays = [float(picture.mean()) for picture in found]
    return len(grays) == len(GRAYS) and bool(np.abs(np.subtract(grays, GRAYS)).max() <= TOLERANCE)


def _working(
    candidates: Iterable[tuple[str, str, str]], write_and_read: Callable[[str, Path], bool]
) -> dict[str, bool]:
    working = {}
    with TemporaryDirectory() as folder, quiet_stderr():
        for name, codec, suffix in candidates:
            works = False
            with suppress(OSError, ValueError, av.FFmpegError, cv2.error):
                works = write_and_read(codec, Path(folder) / f"{codec}.{suffix}")
            working[name] = works
    return working


def _pyav(codec: str, path: Path) -> bool:
    if codec not in av.codecs_available:
        return False
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=RATE)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for index, picture in enumerate(pictures()):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts, frame.time_base = index, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with av.open(str(path)) as container:
        return same(frame.to_ndarray(format="bgr24") for frame in container.decode(video=0))


def _opencv(codec: str, path: Path) -> bool:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*codec), RATE, (64, 64))
    if not writer.isOpened():
        return False
    for picture in pictures():
        writer.write(picture)
    writer.release()
    capture = open_capture(str(path))
    found = []
    while (read := capture.read())[0]:
        found.append(np.asarray(read[1]))
    capture.release()
    return same(found)


def _said(working: dict[str, bool]) -> str:
    able = [name for name, works in working.items() if works]
    unable = [name for name, works in working.items() if not works]
    return ", ".join(able or ["nothing"]) + (f"; not {', '.join(unable)}" if unable else "")
