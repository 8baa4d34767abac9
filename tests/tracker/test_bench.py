"""What is said of the machine on which something was measured."""

import numpy as np
import pytest

from tracker.bench import machine


@pytest.mark.parametrize(("found", "ending"), [(["SSE42", "AVX2"], " (AVX2)"), ([], "")])
def test_the_processor_bears_its_newest_vector_instructions(
    monkeypatch: pytest.MonkeyPatch, found: list[str], ending: str
) -> None:
    monkeypatch.setattr(np, "show_config", lambda **_: {})
    plain = machine()["processor"]
    monkeypatch.setattr(np, "show_config", lambda **_: {"SIMD Extensions": {"found": found}})
    assert machine()["processor"] == plain + ending
    assert plain
