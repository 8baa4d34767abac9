"""Environments for peers: what they need cannot be installed beside this project."""

import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = HERE.parent / "runs" / "peers"


def peer_python(name: str, requirements: list[str]) -> Path:
    """Returns the Python of a peer's environment, which is made on first use."""
    folder = ENVIRONMENTS / name
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    ready = folder / "ready"
    if not ready.exists():
        print(f"setting up {name} in {folder.relative_to(HERE.parent)} …", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *requirements], check=True)
        ready.touch()
    return python


class Peer:
    """A peer's program, which answers a line of JSON per task; a context manager is not needed, `close` is."""

    def __init__(self, python: Path, script: str) -> None:
        self._process = subprocess.Popen(
            [python, HERE / "peers" / script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def ask(self, task: dict[str, Any]) -> Any:
        """Gives a task and waits for the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(task) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """Ends the program."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(timeout=30)
