"""Nothing is sent: seen where programs talk to the system, not by patching Python."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROGRAMS, environment


@pytest.mark.skipif(
    shutil.which("strace") is None, reason="strace is not installed, so system calls cannot be watched."
)
@pytest.mark.parametrize(
    "words",
    [
        ["fkd-live", "--demo", "--no-window", "--points", "p.jsonl", "--record", "a.mp4"],
        ["fkd", "video", "CLIP", "--points", "p.parquet"],
        ["fkd", "bench", "--frames", "20", "--json"],
        ["fkd", "cameras"],
        ["fkd", "doctor", "--no-benchmark"],
        ["fkd", "--help"],
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_no_connection_is_attempted(words: list[str], clip: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    program, *rest = [str(clip) if word == "CLIP" else word for word in words]
    command = ["strace", "-f", "-qq", "-e", "trace=%network", "-o", trace, PROGRAMS / program, *rest]
    result = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, timeout=120, check=False)
    assert result.returncode == 0, result.stderr
    calls = trace.read_text(encoding="utf-8").splitlines()
    assert [line for line in calls if "AF_INET" in line or "AF_NETLINK" in line] == []


@pytest.mark.skipif(
    shutil.which("strace") is None, reason="strace is not installed, so system calls cannot be watched."
)
def test_a_connection_would_be_seen(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    connect = "import socket; socket.socket().connect_ex(('127.0.0.1', 9))"
    command = ["strace", "-f", "-qq", "-e", "trace=%network", "-o", trace, sys.executable, "-c", connect]
    subprocess.run(command, check=True, timeout=60)
    assert "AF_INET" in trace.read_text(encoding="utf-8")
