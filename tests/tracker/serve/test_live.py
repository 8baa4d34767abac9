"""`fkd-live --serve` as a user runs it."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.conftest import PROGRAMS, Run, environment
from tests.tracker.serve.serving import Printed, ask, cookie
from tests.tracker.serve.test_sink import receive, watching


@contextmanager
def serving(
    folder: Path, *before: str, also: tuple[str | Path, ...] = (), **variables: str
) -> Iterator[tuple["subprocess.Popen[str]", Printed]]:
    """The demo on a page, at any free port, and other sources; yields the process and its page."""
    options = ["--demo", "--no-window", "--serve", "0", "--points", "points.csv", *map(str, also)]
    command = [*before, str(PROGRAMS / "fkd-live"), *options]
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=environment() | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        found = re.fullmatch(r"page: (http://127\.0\.0\.1:\d+/\?token=[\w-]{22})\n", process.stdout.readline())
        assert found is not None
        yield process, Printed(found[1])
    finally:
        process.kill()
        process.communicate()


def test_the_demo_is_served_until_it_is_stopped(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, page):
        assert ask(page, "/?token=" + page.url.rpartition("=")[2]).status == 200
        assert ask(page).status == 403
        rows = 0
        while rows < 10:  # the first second: a demo that is served plays at its own speed
            rows = len(ask(page, "/last-minute.csv", **cookie(page)).body.splitlines())
        process.send_signal(signal.SIGINT)
        said, errors = process.communicate(timeout=60)
        assert process.returncode == 128 + signal.SIGINT
        assert errors == ""
        assert int(re.search(r"(\d+) frames", said)[1]) < 3600  # type: ignore[index]
    assert (tmp_path / "points.csv").read_text(encoding="utf-8").endswith("\n")


def test_several_sources_are_one_picture_with_the_faces_of_all(tmp_path: Path, clip: Path) -> None:
    with serving(tmp_path, also=("--video", clip)) as (_, page), watching(page) as connection:
        serial, seen = 0, False
        while not seen:  # the first frames may be of one source alone
            header, jpeg = receive(connection, f"picture {serial}")
            serial = header["serial"]
            left, right = (
                {face["id"] for face in header["faces"] if (face["box"][0] < 640) is on_the_left}
                for on_the_left in (True, False)
            )
            assert not left & right
            seen = bool(left and right)
        assert header["size"] == [1280, 480]
        picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        assert picture.shape == (480, 1280, 3)
        assert min(half.std() for half in np.hsplit(picture, 2)) > 10  # neither place is empty


@pytest.mark.skipif(
    shutil.which("strace") is None, reason="strace is not installed, so system calls cannot be watched."
)
def test_it_listens_where_it_says_and_connects_to_nothing(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    strace = ["strace", "-f", "-qq", "-I", "2", "-e", "trace=bind,listen,connect,sendto,sendmsg", "-o", str(trace)]
    reporting = {"FASTAPI_OTEL_AUTO_CONFIGURE": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    with serving(tmp_path, *strace, **reporting) as (process, page):
        assert ask(page, **cookie(page)).status == 200
        (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(child), signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert "telemetry" not in errors
    calls = trace.read_text(encoding="utf-8").splitlines()
    port = int(page.url.split(":")[2].split("/")[0])
    binds = [call for call in calls if " bind(" in call and "AF_INET" in call]
    assert len(binds) == 1
    assert 'inet_addr("127.0.0.1")' in binds[0]
    assert len(set(re.findall(r" listen\((\d+),", "\n".join(calls)))) == 1
    assert not [call for call in calls if " connect(" in call and ("AF_INET" in call or "AF_NETLINK" in call)]
    assert not [
        call for call in calls if "sin_port=htons" in call and f"htons({port})" not in call and call not in binds
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--serve", "port"], "HOST:PORT"),
        (["--serve", "192.0.2.1:8000"], "cannot be served"),
        (["--serve-points-only"], "needs --serve"),
    ],
)
def test_what_cannot_be_served_is_said_in_a_sentence(run: Run, words: list[str], said: str) -> None:
    result = run("fkd-live", "--demo", "--no-window", *words)
    assert result.returncode == 2
    (line,) = result.stderr.strip().splitlines()
    assert said in line
