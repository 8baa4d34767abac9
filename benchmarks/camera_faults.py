"""A stream whose sender stops and starts again: when that is noticed, how long the loop hangs, when pictures are back.

    python benchmarks/camera_faults.py [--outage 10] [--rounds 3]

A sender on loopback gives 25 pictures per second as H.264 over UDP. It is stopped for so many seconds and started
again, first for the project's camera, then for the loop on cv2.VideoCapture that the examples of most trackers have:
`read()`, and again if it failed. Noticed is when the program could say something: a sentence of ours, a failed read of
theirs. The longest block is the longest time between two turns of the loop, in which a window would hang. Back is from
the start of the sender to the first picture that comes after it.

Then Ctrl-C is sent to `fkd-live` on such a stream, while it opens (nobody sends), while it runs, and while its sender
is silent; the time is until the process has ended.
"""

import argparse
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple

import av
import cv2
import numpy as np

from tracker.bench import machine
from tracker.sources.camera import Camera

RATE = 25
PATIENCE = 60.0
"""Seconds after which pictures that are not back will not come."""


class Sender:
    """Sends while it is running."""

    def __init__(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"udp://127.0.0.1:{probe.getsockname()[1]}"
        self._running = threading.Event()

    def start(self) -> None:
        """Starts to send."""
        self._running.set()
        self._thread = threading.Thread(target=self._send, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stops, at once."""
        self._running.clear()
        self._thread.join()

    def _send(self) -> None:
        with av.open(f"{self.address}?pkt_size=1316", "w", format="mpegts") as container:
            stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "tune": "zerolatency"})
            stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
            stream.codec_context.gop_size = RATE
            noise = np.random.default_rng(0).integers(0, 255, (RATE, 30, 40, 3), np.uint8)
            start, index = monotonic(), 0
            while self._running.is_set():
                image = cv2.resize(noise[index % RATE], (640, 480), interpolation=cv2.INTER_LINEAR)
                picture = av.VideoFrame.from_ndarray(np.asarray(image, np.uint8), format="bgr24")
                picture.pts, picture.time_base = index, Fraction(1, RATE)
                container.mux(stream.encode(picture))
                index += 1
                sleep(max(0.0, start + index / RATE - monotonic()))


class Watch:
    """Takes what a loop does; all times are those of `monotonic`."""

    def __init__(self) -> None:
        self.turns: list[float] = []
        self.pictures: list[float] = []
        self.noticed: list[float] = []
        self.ended = threading.Event()

    def turn(self, picture: bool) -> None:
        """The loop came round, with a picture or without."""
        self.turns.append(monotonic())
        if picture:
            self.pictures.append(self.turns[-1])

    def notice(self) -> None:
        """Something can be said."""
        self.noticed.append(monotonic())


def run_ours(address: str, watch: Watch) -> None:
    """The project's camera."""
    with Camera(address, say=lambda _: watch.notice()) as camera:
        camera.idle = lambda: watch.turn(False)
        for _ in camera:
            watch.turn(True)
            if watch.ended.is_set():
                return


def run_plain(address: str, watch: Watch) -> None:
    """The loop of examples."""
    capture = cv2.VideoCapture(address, cv2.CAP_FFMPEG)
    while not watch.ended.is_set():
        read, _ = capture.read()
        watch.turn(read)
        if not read:
            watch.notice()
            sleep(0.01)
    capture.release()


class Result(NamedTuple):
    """Seconds; None for what did not happen."""

    noticed: float | None
    block: float
    back: float | None


def measure(loop: Callable[[str, Watch], None], outage: float) -> Result:
    """Runs a loop through one outage."""
    sender, watch = Sender(), Watch()
    sender.start()
    thread = threading.Thread(target=loop, args=(sender.address, watch), daemon=True)
    thread.start()
    while len(watch.pictures) < 2 * RATE:
        sleep(0.01)
    sender.stop()
    stopped = monotonic()
    sleep(max(0.0, stopped + outage - monotonic()))
    sender.start()
    started = monotonic()
    while watch.pictures[-1] < started + 0.5 and monotonic() - started < PATIENCE:
        sleep(0.01)
    back = next((time - started for time in watch.pictures if time > started), None)
    noticed = next((time - stopped for time in watch.noticed if stopped < time < started), None)
    turns = np.array([*watch.turns, monotonic()])
    watch.ended.set()
    thread.join(PATIENCE)
    sender.stop()
    return Result(noticed, float(np.diff(turns).max()), back)


def interrupt(state: str) -> float:
    """Returns the seconds from Ctrl-C to the end of `fkd-live`, in a state."""
    sender = Sender()
    if state != "opening":
        sender.start()
    command = [sys.executable, "-u", "-c", "from tracker.cli.main import fkd_live; fkd_live()", "--camera"]
    with tempfile.TemporaryDirectory() as folder:
        said, points = Path(folder) / "said", Path(folder) / "a.jsonl"
        with said.open("w") as out:
            process = subprocess.Popen([*command, sender.address, "--no-window", "--points", str(points)], stdout=out)
        if state == "opening":
            _wait(lambda: "being opened" in said.read_text())
        else:
            _wait(lambda: points.exists() and points.stat().st_size > 0)
        if state == "silent":
            sender.stop()
            _wait(lambda: "does not answer" in said.read_text())
        start = monotonic()
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)
        taken = monotonic() - start
    if state == "running":
        sender.stop()
    return taken


def _wait(ready: Callable[[], bool]) -> None:
    end = monotonic() + PATIENCE
    while not ready():
        if monotonic() > end:
            raise TimeoutError
        sleep(0.01)


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--outage", type=float, default=10.0, help="seconds without a sender")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    about = machine()
    print(f"{about['processor']}, {about['processors']} processors; outages of {arguments.outage:g} s")
    print(f"{'seconds':<18}{'noticed':>9}{'block':>9}{'back':>9}")
    for _ in range(arguments.rounds):
        for name, loop in (("fkd", run_ours), ("cv2.VideoCapture", run_plain)):
            result = measure(loop, arguments.outage)
            print(f"{name:<18}" + "".join(f"{'never' if value is None else f'{value:.1f}':>9}" for value in result))
    for state in ("opening", "running", "silent"):
        times = ", ".join(f"{interrupt(state):.2f}" for _ in range(arguments.rounds))
        print(f"Ctrl-C while {state}: {times} s")


if __name__ == "__main__":
    main()
