"""Native libraries are silenced only where there is something to silence."""

import os
import sys

import pytest

from tracker.quiet import quiet_stderr


def test_a_program_without_standard_error_leaves_its_descriptor_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def touched(*_: int) -> int:
        pytest.fail("its number may be that of another file")

    with monkeypatch.context() as patched:  # pytest copies descriptors itself, between tests
        patched.setattr(sys, "__stderr__", None)  # as for programs without a console on Windows
        for name in ("dup", "dup2"):
            patched.setattr(os, name, touched)
        with quiet_stderr():
            pass
