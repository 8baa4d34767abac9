"""What hostile clients of the page cost the tracker: frames per second without and with 200 of them.

    python benchmarks/serve_hostile.py [--clients 200] [--rounds 3] [--frames 600]

The tracker follows four moving faces; one viewer watches all the time. The clients are those of the tests: slow,
broken, oversized, deaf, or talking without end; who is cut off comes back within a second. Rounds without and with them
take turns, and the medians are compared. Everything is on loopback; the clients have a process of their own, whose work
costs the tracker time too where processors are few.
"""

import argparse
import multiprocessing
import socket
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.tracker.serve.hostile import begin, beginnings
from tests.tracker.serve.serving import Printed
from tests.tracker.serve.test_sink import receive, watching
from tracker import Frame, Tracker
from tracker.serve.address import Address
from tracker.serve.sink import ServeSink
from tracker.sources.crowd import Crowd

FACES = 4
PAUSE = 1.0
"""Seconds between two looks at which clients were cut off."""


def attack(url: str, clients: int, ready: "multiprocessing.synchronize.Event") -> None:
    """Keeps so many clients at the page until the process is ended."""
    page = Printed(url)
    kinds = beginnings(page)
    connections = [begin(page, kinds[index % len(kinds)]) for index in range(clients)]
    ready.set()
    while True:
        for index, connection in enumerate(connections):
            if _is_over(connection):
                with suppress(OSError):
                    connections[index] = begin(page, kinds[index % len(kinds)])
        time.sleep(PAUSE)


def _is_over(connection: socket.socket) -> bool:
    """Closes a connection that the page has ended; returns whether it is closed, now or since the last try."""
    with suppress(BlockingIOError):
        if connection.fileno() >= 0:
            connection.settimeout(0)
            try:
                gone = connection.recv(1 << 16) == b""
            except ConnectionError:
                gone = True
            if gone:
                connection.close()
    return connection.fileno() < 0


def watch(page: ServeSink, there: threading.Event, ended: threading.Event) -> None:
    """One viewer, who takes every frame that it can get."""
    with watching(page) as viewer:
        there.set()
        while not ended.is_set():
            receive(viewer)


def measure(tracker: Tracker, crowd: list[Frame], clients: int) -> float:
    """Returns frames per second of one round."""
    ready, there, ended = multiprocessing.Event(), threading.Event(), threading.Event()
    with ServeSink(Address("127.0.0.1", 0)) as page:
        viewer = threading.Thread(target=watch, args=(page, there, ended), daemon=True)
        viewer.start()
        there.wait()
        attacker = multiprocessing.Process(target=attack, args=(page.url, clients, ready), daemon=True)
        if clients:
            attacker.start()
            ready.wait()
        tracker.reset()
        start = time.perf_counter()
        for frame, faces in tracker.track(crowd):
            page.append(frame, faces)
        seconds = time.perf_counter() - start
        ended.set()
        page.append(frame, faces)
        viewer.join(10)
        if clients:
            attacker.kill()
    return len(crowd) / seconds


def main() -> None:
    """Prints frames per second without and with the clients, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--frames", type=int, default=600)
    options = parser.parse_args()
    rates: dict[int, list[float]] = {0: [], options.clients: []}
    crowd = list(Crowd(FACES, options.frames))
    with Tracker() as tracker:
        for _ in range(options.rounds):
            for clients, found in rates.items():
                found.append(measure(tracker, crowd, clients))
                print(f"{clients:>4} hostile clients: {found[-1]:7.1f} frames per second", flush=True)
    alone, attacked = (median(found) for found in rates.values())
    print(f"ratio of the medians: {attacked / alone:.3f}")


if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    main()
