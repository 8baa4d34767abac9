"""Native libraries are silenced only where there is something to silence."""

import os
import sys

import pytest

from tracker.quiet import quiet_stderr


def test_a_program_without_standard_error_leaves_its_descriptor_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(_: int) -> int:
        raise OSError("Bad file descriptor")

    monkeypatch.setattr(sys, "__stderr__", None)  # as for programs without a console on Windows
    monkeypatch.setattr(os, "dup", closed)
    with quiet_stderr():
        os.write(1, b"")
