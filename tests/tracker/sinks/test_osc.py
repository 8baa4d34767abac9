import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_server import OSCUDPServer

from tests.tracker.sinks.given import GIVEN, faces, frame
from tracker import KEYPOINTS
from tracker.sinks.osc import OscSink
from tracker.sinks.udp import DATAGRAM


class Listener(OSCUDPServer):
    """A server of python-osc that keeps the datagrams and messages that it gets, in order."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, tuple[Any, ...]]] = []
        self.datagrams: list[bytes] = []
        dispatcher = Dispatcher()
        dispatcher.set_default_handler(lambda address, *values: self.messages.append((address, values)))
        super().__init__(("127.0.0.1", 0), dispatcher)

    def verify_request(self, request: Any, client_address: Any) -> bool:
        self.datagrams.append(request[0])
        return bool(super().verify_request(request, client_address))

    def wait(self, address: str, count: int = 1) -> None:
        """Waits until so many messages to an address have come."""
        end = time.monotonic() + 5
        while sum(name == address for name, _ in self.messages) < count and time.monotonic() < end:
            time.sleep(0.01)


@pytest.fixture
def server() -> Iterator[Listener]:
    with Listener() as listener:
        thread = threading.Thread(target=lambda: listener.serve_forever(poll_interval=0.01))
        thread.start()
        yield listener
        listener.shutdown()
        thread.join()


def test_a_server_hears_frame_ids_boxes_and_points(server: Listener) -> None:
    index = 70_000
    with OscSink("127.0.0.1", server.server_address[1]) as sink:
        sink.append(frame(index), faces(3, 12))
    server.wait("/fkd/face/12/mouth_center_bottom_lip")
    names = ["box", *KEYPOINTS]
    assert [name for name, _ in server.messages] == [
        "/fkd/frame",
        "/fkd/ids",
        *(f"/fkd/face/{face}/{name}" for face in (3, 12) for name in names),
    ]
    said = dict(server.messages)
    given = faces(3, 12)
    number, when, count, width, height = said["/fkd/frame"]
    assert (number, count, width, height) == (index, 2, 160, 120)
    assert when == pytest.approx(index / 29.97, abs=1e-3)
    assert said["/fkd/ids"] == (3, 12)
    size = np.array([160, 120])
    for row, name in enumerate(KEYPOINTS):
        x, y, sure = said[f"/fkd/face/12/{name}"]
        assert [x, y] == pytest.approx((given.points[1, row] + 0.5) / size)
        assert sure == pytest.approx(given.confidence[1, row])
    *box, score = said["/fkd/face/3/box"]
    assert np.reshape(box, (2, 2)) == pytest.approx((given.boxes[0].reshape(2, 2) + 0.5) / size)
    assert score == 0.5


def test_a_frame_without_faces_is_said(server: Listener) -> None:
    with OscSink("127.0.0.1", server.server_address[1]) as sink:
        sink.append(*GIVEN[1])
    server.wait("/fkd/ids")
    assert [name for name, _ in server.messages] == ["/fkd/frame", "/fkd/ids"]
    assert dict(server.messages)["/fkd/ids"] == ()


def test_many_faces_come_in_bundles_that_a_server_reads_whole(server: Listener) -> None:
    count = 64
    before = time.time()
    with OscSink("127.0.0.1", server.server_address[1]) as sink:
        sink.append(frame(1), faces(*range(count)))
    server.wait(f"/fkd/face/{count - 1}/mouth_center_bottom_lip")
    assert len({name for name, _ in server.messages}) == len(server.messages) == 2 + count * 16
    assert all(len(datagram) <= DATAGRAM for datagram in server.datagrams)
    tags = {OscBundle(datagram).timestamp for datagram in server.datagrams}
    assert len(server.datagrams) > 1 == len(tags)
    assert before - 1 < tags.pop() <= time.time()


def test_nobody_listens() -> None:
    with Listener() as listener:
        port = listener.server_address[1]
    with OscSink("127.0.0.1", port) as sink:
        for one in [*GIVEN, *GIVEN]:
            sink.append(*one)
        assert sink.dropped >= 4
