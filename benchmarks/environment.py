"""Environments for peers: what they need cannot be installed beside this project."""

import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.closing import Closing

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = HERE.parent / "runs" / "peers"
REQUIREMENTS = {
    "facemesh": ["mediapipe==0.10.21"],
    "dlib": ["dlib-bin==20.0.1.post1", "face-recognition-models==0.3.0", "numpy<3", "setuptools<81"],
}
"""Peers by the names of their programs in `peers/`, and what pip installs for each."""
PICTURES_PER_TASK = 64


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


def open_peer(name: str) -> "Peer":
    """Starts the program of a peer of `REQUIREMENTS`, in its environment."""
    return Peer(peer_python(name, REQUIREMENTS[name]), f"{name}.py")


class Peer(Closing):
    """A peer's program, which answers a line of JSON per task (see `peers/tasks.py`).

    It must be closed, or used in a `with`. What it writes to stderr goes to a log beside its environment.
    """

    def __init__(self, python: Path, script: str) -> None:
        self.name = Path(script).stem
        self._log = ENVIRONMENTS / f"{self.name}.log"
        with self._log.open("w", encoding="utf-8") as log:
            self._process = subprocess.Popen(
                [python, HERE / "peers" / script],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def ask(self, task: dict[str, Any]) -> Any:
        """Gives a task and waits for the answer.

        Raises:
            RuntimeError: the program ended instead.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(task) + "\n")
            self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"The program of {self.name} ended; {self._log} may say why.")
        return json.loads(answer)

    def find(self, pictures: Sequence[NDArray[np.uint8]], faces: int = 4, **options: Any) -> NDArray[np.float32]:
        """Finds the faces of pictures.

        Args:
            pictures: each (H, W, 3) uint8 BGR, of any sizes.
            faces: how many at most in a picture.
            options: the peer's own; those that make it take each picture by itself must be among them.

        Returns:
            (F, faces, P, 2) float32, the peer's landmarks in pixels of each picture, NaN where there is no face.
        """
        found = []
        for start in range(0, len(pictures), PICTURES_PER_TASK):
            with tempfile.TemporaryDirectory() as folder:
                files = [str(Path(folder) / f"{number}.npy") for number in range(PICTURES_PER_TASK)]
                given = list(zip(files, pictures[start : start + PICTURES_PER_TASK], strict=False))
                for file, picture in given:
                    np.save(file, picture[None])
                points = Path(folder) / "points.npy"
                frames = [file for file, _ in given]
                self.ask({"frames": frames, "faces": faces, "points": str(points), "options": options})
                found.append(np.load(points))
        return np.concatenate(found)

    def close(self) -> None:
        """Ends the program."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()
