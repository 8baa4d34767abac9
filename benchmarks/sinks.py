"""What sinks cost the loop: mean time per frame with them and without, in turn, with 4 moving faces.

    python benchmarks/sinks.py [--faces 4] [--frames 300] [--rounds 7] [--rate 0] [--json FILE]

Sinks are opened as `fkd live` opens them for a camera: each in a thread of its own, frames dropped and counted if one
cannot keep up. The page has two viewers, of which one stops reading after it has asked for its first picture.
Receivers run in a process of their own and take what comes without reading it, for what they do with it is theirs. A
frame's time is that of tracking it and giving it to the sinks; --rate says how many frames come per second, as from a
camera, and 0 is as many as can be tracked. The first round warms up and does not count; the ratios within a round are
what counts: their median and range are printed.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

from tracker.bench import machine
from tracker.frame import Frame
from tracker.pipeline import Tracker
from tracker.serve.address import Address as PageAddress
from tracker.serve.sink import ServeSink
from tracker.sinks import Outputs, Sink, open_outputs
from tracker.sources.crowd import Crowd

FILES = ("jsonl", "parquet", "csv", "json")
RECEIVER = """
import json, socket, struct, sys, threading
from urllib.parse import parse_qs, urlsplit
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.bind(("127.0.0.1", 0))
def drain():
    while True:
        receiver.recv(65536)
threading.Thread(target=drain, daemon=True).start()
print(receiver.getsockname()[1], flush=True)
def listen(address):
    try:
        with connect(address) as client:
            print("connected", flush=True)
            for _ in client:
                pass
    except OSError:
        pass
def view(address, reads):
    parts = urlsplit(address)
    place, token = parts.netloc, parse_qs(parts.query)["token"][0]
    cookie = {"Cookie": f"fkd-{parts.port}={token}"}
    options = {"max_size": None, "max_queue": 1, "compression": None}
    try:
        with connect(f"ws://{place}/stream", origin=f"http://{place}", additional_headers=cookie, **options) as client:
            client.recv()
            client.send("picture 0")
            print("connected", flush=True)
            while reads:
                data = client.recv()
                length = struct.unpack_from("<fI", data)[1]
                client.send(f"picture {json.loads(data[8:8 + length])['serial']}")
            threading.Event().wait()
    except (ConnectionClosed, OSError):
        pass
for line in sys.stdin:
    address = line.strip()
    if address.startswith("ws"):
        threading.Thread(target=listen, args=[address], daemon=True).start()
    else:
        for reads in (True, False):
            threading.Thread(target=view, args=[address, reads], daemon=True).start()
"""


def open_all(folder: Path, kinds: list[str], receiver: "Receiver") -> Outputs:
    """Opens the sinks of these kinds, with a receiver for those that send."""
    places = {"osc": receiver.udp("osc"), "udp": receiver.udp("udp"), "ws": f"ws://127.0.0.1:{receiver.free}"}
    outputs = open_outputs(
        points=[folder / f"points.{kind}" for kind in kinds if kind in FILES],
        send=[places[kind] for kind in kinds if kind in places],
        overwrite=True,
        drop=True,
    )
    if "ws" in kinds:
        receiver.listen(places["ws"])
    return outputs


def open_page(receiver: "Receiver") -> ServeSink:
    """Serves the page, with two viewers."""
    page = ServeSink(PageAddress("127.0.0.1", 0))
    receiver.listen(page.url, clients=2)
    return page


class Receiver:
    """A process that takes what is sent."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", RECEIVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._port = int(self._line())
        self.free = _free_port()

    def udp(self, scheme: str) -> str:
        """Where datagrams are taken."""
        return f"{scheme}://127.0.0.1:{self._port}"

    def listen(self, address: str, clients: int = 1) -> None:
        """Connects a WebSocket client, or the viewers of a page."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{address}\n")
        self._process.stdin.flush()
        for _ in range(clients):
            self._line()

    def close(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.wait()

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


def loop(tracker: Tracker, frames: list[Frame], sinks: list[Sink], rate: float) -> float:
    """Returns the mean seconds per frame of tracking and appending."""
    tracker.reset()
    seconds = 0.0
    start = perf_counter()
    for number, frame in enumerate(frames):
        if rate:
            sleep(max(0.0, start + number / rate - perf_counter()))
        before = perf_counter()
        faces = tracker.update(frame)
        for sink in sinks:
            sink.append(frame, faces)
        seconds += perf_counter() - before
    return seconds / len(frames)


def compare(kinds: list[str], faces: int, frames: int, rounds: int, rate: float) -> dict[str, Any]:
    """Runs the loop with and without sinks in turn."""
    crowd = list(Crowd(faces, frames))
    bare, full, dropped = [], [], 0
    receiver = Receiver()
    with Tracker() as tracker, tempfile.TemporaryDirectory() as folder:
        for number in range(rounds + 1):
            for with_sinks in (False, True) if number % 2 else (True, False):
                opened = kinds if with_sinks else []
                with ExitStack() as stack:
                    outputs = stack.enter_context(open_all(Path(folder), opened, receiver))
                    pages = [stack.enter_context(open_page(receiver))] if "page" in opened else []
                    (full if with_sinks else bare).append(loop(tracker, crowd, [outputs, *pages], rate))
                dropped += outputs.dropped if number else 0
        engine = tracker.engine.name
    receiver.close()
    ratios = [a / b for a, b in zip(full[1:], bare[1:], strict=True)]
    return {
        "engine": engine,
        "without_ms": 1000 * statistics.mean(bare[1:]),
        "with_ms": 1000 * statistics.mean(full[1:]),
        "ratio": statistics.median(ratios),
        "ratio_range": [min(ratios), max(ratios)],
        "dropped": dropped / (rounds * frames),
    }


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Prints a line, and writes all numbers if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--sinks", default="jsonl,parquet,osc,ws,page", help="of jsonl, parquet, csv, json, osc, udp, ws, page"
    )
    parser.add_argument("--faces", type=int, default=4, help="faces in every frame")
    parser.add_argument("--frames", type=int, default=300, help="frames per round")
    parser.add_argument("--rounds", type=int, default=7, help="rounds that count")
    parser.add_argument("--rate", type=float, default=0.0, help="frames per second; 0: as many as can be tracked")
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    asked = parser.parse_args()
    result = compare(asked.sinks.split(","), asked.faces, asked.frames, asked.rounds, asked.rate)
    low, high = result["ratio_range"]
    print(
        f"{asked.sinks}, {asked.faces} faces: {result['without_ms']:.2f} ms without, {result['with_ms']:.2f} ms with, "
        f"ratio {result['ratio']:.3f} ({low:.3f} to {high:.3f}), {100 * result['dropped']:.1f} % of frames dropped"
    )
    if asked.json:
        where = machine() | {"sinks": asked.sinks, "faces": asked.faces, "rate": asked.rate}
        asked.json.write_text(json.dumps({"machine": where, "result": result}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
