import json
import socket
from pathlib import Path

import pytest

from tests.tracker.sinks.given import GIVEN, frame
from tests.tracker.sinks.test_background import Slow
from tests.tracker.sinks.test_udp import listening, port_of
from tracker import InputError, OutputError
from tracker.sinks import Outputs, open_outputs


def test_all_outputs_get_every_frame(tmp_path: Path) -> None:
    files = [tmp_path / f"a.{suffix}" for suffix in ("jsonl", "csv", "json")]
    with listening() as one, listening() as other:
        send = [f"udp://127.0.0.1:{port_of(receiver)}" for receiver in (one, other)]
        with open_outputs(points=[files[0], *map(str, files[1:])], send=send) as outputs:
            for given in GIVEN:
                outputs.append(*given)
        lines = files[0].read_text(encoding="utf-8").splitlines()
        for receiver in (one, other):
            assert [receiver.recv(65536).decode() for _ in GIVEN] == lines
    assert len(lines) == len(GIVEN)
    assert len(files[1].read_text(encoding="utf-8").splitlines()) == 4
    assert len(json.loads(files[2].read_text(encoding="utf-8"))["images"]) == 3
    assert outputs.written == files
    assert outputs.losses == outputs.warnings == []


def test_what_was_dropped_is_said_by_name() -> None:
    slow, quick = Slow(), Slow()
    quick.go.set()
    with Outputs(drop=True) as outputs:
        outputs.add("the slow one", slow)
        for index in range(30):
            outputs.append(frame(index), GIVEN[1][1])
        outputs.add("the quick one", quick)
        outputs.append(*GIVEN[1])
        slow.go.set()
    assert outputs.losses == [f"the slow one: {31 - len(slow.taken)} frames dropped"]
    assert quick.taken == [1]


def test_a_receiver_that_is_not_there_is_counted() -> None:
    with listening() as bound:
        port = port_of(bound)
    with open_outputs(send=[f"osc://127.0.0.1:{port}", f"udp://127.0.0.1:{port}"]) as outputs:
        for _ in range(10):
            outputs.append(*GIVEN[0])
    assert [loss.split(" ")[0] for loss in outputs.losses] == [f"osc://127.0.0.1:{port}:", f"udp://127.0.0.1:{port}:"]


def test_points_that_leave_the_machine_are_said() -> None:
    with open_outputs(send=["udp://192.0.2.1:9", "udp://127.0.0.1:9"]) as outputs:
        (warning,) = outputs.warnings
    assert "udp://192.0.2.1:9" in warning


def test_an_address_that_is_none_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        open_outputs(points=[tmp_path / "a.jsonl"], send=["osc://here"])
    assert list(tmp_path.iterdir()) == []


def test_a_file_named_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="twice"):
        open_outputs(points=[tmp_path / "a.jsonl", tmp_path / "a.jsonl"], overwrite=True)


def test_an_address_named_twice_is_refused() -> None:
    with pytest.raises(InputError, match=r"udp://127\.0\.0\.1:9 is named twice"):
        open_outputs(send=["udp://127.0.0.1:9", "udp://127.0.0.1:9/"])


def test_what_was_opened_is_closed_when_another_cannot_be(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(OutputError, match=r"a\.txt"):
        open_outputs(send=[f"ws://127.0.0.1:{port}"], points=[tmp_path / "a.txt"])
    with socket.socket() as again:
        again.bind(("127.0.0.1", port))
