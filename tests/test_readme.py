"""The README's examples run as they stand."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import environment

ROOT = Path(__file__).parents[1]
EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize(
    ("number", "output"),
    [
        (0, r"face 0: nose at 22\d\.\d, 1[23]\d\.\d"),
        (1, r"59 1\.9\d+ \[0\] \(1, 15, 2\)"),
        (2, r"0 \(0, 15\) \(0, 4\)"),
    ],
)
def test_an_example_runs(number: int, output: str, clip: Path, tmp_path: Path) -> None:
    (tmp_path / "tracker").symlink_to(ROOT / "tracker")
    (tmp_path / "clip.mp4").symlink_to(clip)
    assert len(EXAMPLES) == 3
    command = [sys.executable, "-W", "error", "-c", EXAMPLES[number]]
    result = subprocess.run(
        command, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert result.returncode == 0, result.stderr
    assert re.search(output, result.stdout), result.stdout
    assert len(EXAMPLES[number].splitlines()) <= 10
