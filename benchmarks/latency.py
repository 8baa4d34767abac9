"""Added latency of the live loop: from when the grabber got a 1280x720 frame to when it is drawn, with one face.

    python benchmarks/latency.py [--seconds 20] [--size 1280x720] [--rate 30] [--faces 1]

A camera that exists nowhere gives rendered frames at a steady rate to the grabber of the program's own camera source,
and the program's own live loop runs on it: once drawing without a window, and, where there is a display (Xvfb will do),
once with the window. Drawn is when `draw_faces` has returned; with the window, shown is when the window has taken the
picture too, its wait for keys left out. The first second does not count.

A busy machine makes the largest values larger. What else ran is for the reader to know.
"""

import argparse
import threading
from collections.abc import Callable
from time import monotonic, sleep

import cv2
import numpy as np
from numpy.typing import NDArray

import tracker.live.loop as loop
import tracker.live.screen as screen
import tracker.sources.camera as camera
from tracker.bench import machine
from tracker.faces import Faces
from tracker.live import LiveOptions
from tracker.sources.crowd import Crowd
from tracker.window import Key, Window, has_display

RENDERED = 60
"""So many frames are rendered beforehand, and shown forwards and backwards in turn."""


class PacedCapture:
    """Stands in for cv2.VideoCapture: a picture at every tick of a clock, for so many seconds."""

    def __init__(self, images: list[NDArray[np.uint8]], rate: float, seconds: float) -> None:
        self._images = images + images[-2:0:-1]
        self._rate, self._count = rate, round(seconds * rate)
        self._next = 0
        self._start: float | None = None

    def read(self) -> tuple[bool, NDArray[np.uint8] | None]:
        """Waits for the next picture."""
        self._start = self._start or monotonic()
        if self._next >= self._count:
            return False, None
        self._next += 1
        sleep(max(0.0, self._start + self._next / self._rate - monotonic()))
        return True, self._images[self._next % len(self._images)].copy()

    def get(self, setting: int) -> float:
        """It knows its frame rate and how many frames there are."""
        return {cv2.CAP_PROP_FPS: self._rate, cv2.CAP_PROP_FRAME_COUNT: float(self._count)}.get(setting, 0.0)

    def set(self, setting: int, value: float) -> bool:  # noqa: ARG002 - the signature of OpenCV
        """It cannot be set up."""
        return False

    def release(self) -> None:
        """There is nothing to free."""


class Watch:
    """Takes the times of frames as the live loop works on them."""

    def __init__(self, source: camera.Camera) -> None:
        self._source, self._grabbed = source, 0.0
        self.drawn: list[float] = []
        self.shown: list[float] = []

    def frame_taken(self, time: float) -> None:
        """The loop got the frame that was grabbed at this time of the source."""
        self._grabbed = self._source.opened + time

    def note(self, times: list[float]) -> None:
        """The frame has come so far."""
        times.append(monotonic() - self._grabbed)


def run(capture: PacedCapture, window: bool) -> tuple[Watch, int]:
    """Runs the live loop on a capture; returns the watch and how many frames were dropped."""
    opened: list[tuple[camera.Camera, Watch]] = []
    open_before, draw_before, window_before = camera.open_camera, loop.draw_faces, screen.Window

    def open_it() -> camera.Camera:
        source = camera.Camera()
        opened.append((source, Watch(source)))
        return source

    def draw(image: NDArray[np.uint8], faces: Faces) -> NDArray[np.uint8]:
        picture = draw_before(image, faces)
        opened[0][1].note(opened[0][1].drawn)
        return picture

    class Shown(Window):
        def show(self, image: NDArray[np.uint8], wait: int = 1) -> Key | None:
            key = super().show(image, wait)
            opened[0][1].note(opened[0][1].shown)
            return key

    class NoWindow:
        def show(self, image: NDArray[np.uint8], wait: int = 1) -> Key | None:  # noqa: ARG002 - the window's
            return None

        def close(self) -> None:
            pass

    take_before: Callable[[camera.Camera, float], camera.Frame | None] = camera.Camera.take

    def take(source: camera.Camera, timeout: float) -> camera.Frame | None:
        frame = take_before(source, timeout)
        if frame is not None:
            opened[0][1].frame_taken(frame.time)
        return frame

    display_before = screen.has_display
    try:
        camera.open_camera = lambda which, wish: capture  # type: ignore[assignment,return-value]  # noqa: ARG005
        camera.Camera.take = take  # type: ignore[method-assign]
        loop.draw_faces, screen.Window = draw, Shown if window else NoWindow  # type: ignore[assignment,misc]
        screen.has_display = lambda: True
        loop.run_live(open_it, LiveOptions(), lambda _: None)
    finally:
        camera.open_camera, camera.Camera.take = open_before, take_before  # type: ignore[method-assign]
        loop.draw_faces, screen.Window = draw_before, window_before  # type: ignore[misc]
        screen.has_display = display_before
    return opened[0][1], opened[0][0].dropped


def say(what: str, seconds: list[float], skipped: int, dropped: int) -> None:
    """Prints percentiles in milliseconds."""
    times = 1000 * np.asarray(seconds[skipped:])
    p50, p90, p99 = np.percentile(times, [50, 90, 99])
    print(f"{what:<24}{p50:>8.2f}{p90:>8.2f}{p99:>8.2f}{times.max():>8.2f}{len(times):>8}{dropped:>9}")


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0, help="of each run")
    parser.add_argument("--size", default="1280x720", help="of the frames")
    parser.add_argument("--rate", type=float, default=30.0, help="frames per second")
    parser.add_argument("--faces", type=int, default=1, help="in each frame")
    asked = parser.parse_args()
    width, height = map(int, asked.size.split("x"))
    images = [frame.image for frame in Crowd(asked.faces, RENDERED, width, height, asked.rate)]
    where = machine()
    print(f"{where['processor']}, {where['processors']} processors; {threading.active_count()} thread before the start")
    print(f"{'ms':<24}{'p50':>8}{'p90':>8}{'p99':>8}{'max':>8}{'frames':>8}{'dropped':>9}")
    skipped = round(asked.rate)
    watch, dropped = run(PacedCapture(images, asked.rate, asked.seconds), window=False)
    say("drawn, no window", watch.drawn, skipped, dropped)
    if has_display():
        watch, dropped = run(PacedCapture(images, asked.rate, asked.seconds), window=True)
        say("drawn, with the window", watch.drawn, skipped, dropped)
        say("shown, with the window", watch.shown, skipped, dropped)
    else:
        print("no display: not measured with the window")


if __name__ == "__main__":
    main()
