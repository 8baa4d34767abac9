import csv
import io
import json
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import jsonschema
import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.tracker.serve.serving import SIZE, Page, ask, cookie, deaf_viewer, faces, frame, place, say
from tracker import Faces, Frame, OutputError, sinks
from tracker.measures import MEASURES, with_measures
from tracker.serve import sink as sink_module
from tracker.serve.address import Address
from tracker.serve.message import WIDEST, encode_header, encode_picture
from tracker.serve.sink import ServeSink
from tracker.sinks.table import CsvSink

SCHEMA = json.loads((Path(sinks.__file__).parent / "points.schema.json").read_text(encoding="utf-8"))
PATIENCE = 60.0
"""Seconds to wait for anything, on a machine that may be busy."""


def until(true: Callable[[], bool]) -> None:
    """Waits until something is true."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@contextmanager
def watching(sink: Page) -> Iterator[ClientConnection]:
    """A viewer; yields its connection when it has been greeted."""
    host, port = place(sink)
    with connect(
        f"ws://{host}:{port}/stream",
        origin=f"http://{host}:{port}",  # type: ignore[arg-type]
        additional_headers=cookie(sink),
        max_size=None,
        compression=None,
    ) as connection:
        json.loads(connection.recv(PATIENCE))
        yield connection


def receive(connection: ClientConnection, said: str = "picture 0") -> tuple[dict[str, Any], bytes]:
    """Asks for a frame; returns its header and its JPEG."""
    connection.send(said)
    data = connection.recv(PATIENCE)
    assert isinstance(data, bytes)
    _, length = struct.unpack_from("<fI", data)
    return json.loads(data[8 : 8 + length]), data[8 + length :]


def test_picture_and_numbers_of_a_frame_come_together(sink: ServeSink) -> None:
    sink.append(frame(7), faces(50, 150))
    with watching(sink) as connection:
        header, picture = receive(connection)
    assert (header.pop("size"), header.pop("serial"), header.pop("rate")) == ([*SIZE], 1, 0)
    jsonschema.validate(header, SCHEMA)
    assert header["frame"] == 7
    assert [face["id"] for face in header["faces"]] == [3, 4]
    assert np.allclose(header["faces"][1]["points"], faces(50, 150).points[1], atol=0.006)
    image = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    assert image.shape == (SIZE[1], SIZE[0], 3)
    assert np.abs(image.astype(int) - 90).max() <= 2


def test_a_viewer_gets_the_newest_frame_and_then_a_newer_one(sink: ServeSink) -> None:
    for index in range(5):
        sink.append(frame(index), faces())
    with watching(sink) as connection:
        assert receive(connection)[0]["frame"] == 4
        connection.send("picture 5")
        with pytest.raises(TimeoutError):
            connection.recv(0.1)
        sink.append(frame(5), faces())
        data = connection.recv(PATIENCE)
        assert isinstance(data, bytes)
        latency, length = struct.unpack_from("<fI", data)
        assert json.loads(data[8 : 8 + length])["frame"] == 5
        assert 0 < latency < PATIENCE


def test_a_viewer_may_do_without_the_picture(sink: ServeSink) -> None:
    sink.append(frame(0), faces(50))
    with watching(sink) as connection:
        assert receive(connection, "points 0")[1] == b""
        sink.append(frame(1), faces(50))
        assert receive(connection, "picture 0")[1] != b""


def test_the_picture_of_one_viewer_is_not_sent_to_another_that_does_without(sink: ServeSink) -> None:
    with watching(sink) as one, watching(sink) as other:
        one.send("picture 0")
        other.send("points 0")
        until(lambda: sum(viewer.wants().frame for viewer in sink._hub._viewers) == 2)
        sink.append(frame(0), faces(50))
        lengths = [len(connection.recv(PATIENCE)) for connection in (one, other)]
    assert lengths[0] - lengths[1] == len(encode_picture(frame(0).image))


def test_points_only_never_sends_a_picture(points_only: ServeSink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sink_module, "encode_picture", lambda _: pytest.fail("a picture was encoded"))
    with watching(points_only) as connection:
        for index in range(3):
            points_only.append(frame(index), faces(50))
            header, picture = receive(connection, "picture 0")
            assert header["frame"] == index
            assert picture == b""


def test_wide_pictures_are_shrunk() -> None:
    picture = np.frombuffer(encode_picture(np.zeros((1080, 1920, 3), np.uint8)), np.uint8)
    image = cv2.imdecode(picture, cv2.IMREAD_COLOR)
    assert image is not None
    assert image.shape == (720, WIDEST, 3)


def test_one_encoding_serves_all_and_none_is_made_for_nobody(sink: ServeSink, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded = count_encodings(monkeypatch)
    sink.append(frame(0), faces())
    time.sleep(0.1)
    assert encoded == []
    with watching(sink) as one, watching(sink) as other:
        for connection in (one, other):
            assert receive(connection)[0]["frame"] == 0
    assert encoded == [1]


def count_encodings(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    encoded: list[int] = []

    def encode(one: Frame, shown: Faces, serial: int, rate: float) -> bytes:
        encoded.append(serial)
        return encode_header(one, shown, serial, rate)

    monkeypatch.setattr(sink_module, "encode_header", encode)
    return encoded


def test_the_loop_goes_on_while_a_picture_is_encoded(sink: ServeSink, monkeypatch: pytest.MonkeyPatch) -> None:
    encoding, release = threading.Event(), threading.Event()

    def encode(_: np.ndarray) -> bytes:
        encoding.set()
        release.wait(PATIENCE)
        return b"jpeg"

    monkeypatch.setattr(sink_module, "encode_picture", encode)
    with watching(sink) as connection:
        connection.send("picture 0")
        sink.append(frame(0), faces())
        assert encoding.wait(PATIENCE)
        loop = threading.Thread(target=lambda: [sink.append(frame(index), faces()) for index in range(1, 100)])
        loop.start()
        loop.join(PATIENCE / 2)
        assert not loop.is_alive()
        release.set()
        seen = [receive(connection, "points 0")[0]["frame"]]
        if seen[-1] == 0:  # the frame that was being encoded; the newest may have overtaken it
            seen.append(receive(connection)[0]["frame"])
        assert seen[-1] == 99


def test_a_viewer_that_stops_reading_changes_nothing(sink: ServeSink, monkeypatch: pytest.MonkeyPatch) -> None:
    encoded = count_encodings(monkeypatch)
    with deaf_viewer(sink) as deaf, watching(sink) as connection:
        for index in range(1, 30):  # the one that reads gets every frame, whatever the other does
            say(deaf, "picture 0")
            sink.append(frame(index, noise=True), faces(50))
            assert receive(connection)[0]["frame"] == index
        until(lambda: not sink._hub.wanted().frame)
        before = len(encoded)
        for index in range(30, 60):
            sink.append(frame(index), faces(50))
            time.sleep(0.002)
        assert len(encoded) == before
        largest = len(encode_picture(frame(1, noise=True).image))
        connections = list(sink._server._server.server_state.connections)
        assert len(connections) == 2
        assert max(each.transport.get_write_buffer_size() for each in connections) < 3 * largest


def test_closing_ends_polite_and_deaf_viewers(sink: ServeSink) -> None:
    with deaf_viewer(sink) as deaf, watching(sink) as connection:
        for index in range(20):
            say(deaf, "picture 0")
            sink.append(frame(index, noise=True), faces())
            receive(connection)
        sink.close()
        assert not sink._server._thread.is_alive()
        assert not sink._worker.is_alive()
        with pytest.raises(ConnectionClosed) as closed:
            connection.recv(PATIENCE)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code in (1001, 1012)
    sink.close()
    with pytest.raises(OSError, match="refused"):
        ask(sink)


@pytest.mark.parametrize("said", ["hello", "picture", "x" * 5000])
def test_a_viewer_that_talks_nonsense_is_sent_away(sink: ServeSink, said: str) -> None:
    with watching(sink) as connection:
        connection.send(said)
        with pytest.raises(ConnectionClosed):
            connection.recv(PATIENCE)
    sink.append(frame(0), faces())
    with watching(sink) as connection:
        assert receive(connection)[0]["frame"] == 0


def test_the_last_minute_is_what_the_csv_sink_writes(sink: ServeSink, tmp_path: Path) -> None:
    given = [(frame(index), faces(*[50 + index] * (index % 3))) for index in range(0, 30 * 70, 29)]
    path = tmp_path / "expected.csv"
    with CsvSink(path) as expected:
        for one in given:
            sink.append(*one)
            if one[0].time >= given[-1][0].time - 60:
                expected.append(*one)
    answer = ask(sink, "/last-minute.csv", **cookie(sink))
    assert answer.body.decode() == path.read_text(encoding="utf-8")
    assert answer.headers["content-disposition"].startswith('attachment; filename="fkd-')
    times = [float(row["time"]) for row in csv.DictReader(io.StringIO(answer.body.decode()))]
    assert 50 < times[-1] - times[0] <= 60


def test_measures_are_in_frames_and_in_the_last_minute() -> None:
    measured = with_measures(frame(0), faces(50, 150))
    with ServeSink(Address("127.0.0.1", 0), measures=MEASURES) as sink, watching(sink) as connection:
        sink.append(frame(0), measured)
        header, _ = receive(connection)
        table = ask(sink, "/last-minute.csv", **cookie(sink)).body.decode()
    for name in MEASURES:
        assert [face["measures"][name] for face in header["faces"]] == pytest.approx(measured.measures[name], abs=1e-3)
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [float(row["yaw"]) for row in rows] == pytest.approx(measured.measures["yaw"], abs=1e-3)


def test_no_picture_is_kept_for_the_last_minute(sink: ServeSink) -> None:
    sink.append(frame(0), faces())
    sink.append(frame(1), faces())
    assert all(kept.image.size == 3 for kept, _ in sink._history._kept)


def test_what_goes_wrong_in_the_thread_is_raised_in_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: np.ndarray) -> bytes:
        raise ValueError("no encoder")

    monkeypatch.setattr(sink_module, "encode_picture", fail)
    sink = ServeSink(Address("127.0.0.1", 0))
    with watching(sink) as connection:
        connection.send("picture 0")
        sink.append(frame(0), faces())
        until(lambda: sink._error is not None)
        with pytest.raises(ValueError, match="no encoder"):
            sink.append(frame(1), faces())
    sink.close()


def test_a_missing_package_is_said_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "uvicorn", None)
    with pytest.raises(OutputError, match=r'uvicorn; `pip install "fkd\[serve\]"'):
        ServeSink(Address("127.0.0.1", 0))


def test_latency_counts_from_when_the_picture_was_taken() -> None:
    def grabbed(one: Frame) -> float:
        return time.monotonic() - 100 - one.index

    with ServeSink(Address("127.0.0.1", 0), grabbed=grabbed) as sink, watching(sink) as connection:
        sink.append(frame(0), faces())
        receive(connection)
        sink.append(frame(1), faces())
        connection.send("picture 1")
        data = connection.recv(PATIENCE)
        assert isinstance(data, bytes)
        assert 100 <= struct.unpack_from("<f", data)[0] < 100 + PATIENCE
