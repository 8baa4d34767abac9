import json
import subprocess
from typing import Any

import pytest
from packaging.version import Version

from checks import audit, licences


def answering(monkeypatch: pytest.MonkeyPatch, stdout: str) -> None:
    def run(*_: Any, **__: Any) -> "subprocess.CompletedProcess[str]":
        return subprocess.CompletedProcess([], 1, stdout, "")

    monkeypatch.setattr(subprocess, "run", run)


HOLE = {"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["2.0"]}


def test_no_constraint_has_a_hole_that_is_known_here() -> None:
    pinned = audit.read_constraints(audit.CONSTRAINTS.read_text(encoding="utf-8"))
    assert {"keras", "pillow", "starlette", "setuptools"} <= set(pinned)
    assert audit.known_holes(pinned) == []


def test_an_old_version_is_a_hole() -> None:
    (said,) = audit.known_holes(audit.read_constraints("Keras==3.13.1\nnumpy==1.0 # old\n\n# keras==1.0\n"))
    assert "keras 3.13.1" in said
    assert "CVE-2026-1669" in said
    assert audit.known_holes({"keras": Version("3.13.2")}) == []


@pytest.mark.parametrize("stdout", ["", "Traceback", "{}"])
def test_without_an_answer_the_list_decides(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stdout: str
) -> None:
    answering(monkeypatch, stdout)
    assert audit.main() == 0
    assert "osv.dev, which knows of more, is out of reach" in capsys.readouterr().out
    monkeypatch.setitem(audit.MENDED_IN, "keras", ("99.0", "a hole"))
    assert audit.main() == 1
    assert "keras" in capsys.readouterr().err


def test_what_pip_audit_finds_fails_unless_it_is_accepted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [{"name": "a", "version": "1.0", "vulns": [HOLE]}, {"name": "b", "version": "1.0", "vulns": []}]
    answering(monkeypatch, json.dumps({"dependencies": found}))
    assert audit.main() == 1
    assert capsys.readouterr().err == "audit: a 1.0: PYSEC-1; mended in 2.0.\n"
    monkeypatch.setitem(audit.ACCEPTED, "CVE-1", "does no harm")
    assert audit.main() == 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("MIT License", {"MIT"}),
        ("Apache Software License; BSD License", {"Apache-2.0", "BSD"}),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", {"MPL-2.0", "Apache-2.0", "MIT"}),
        ("Mozilla Public License 2.0 (MPL 2.0)", {"MPL-2.0"}),
    ],
)
def test_licences_are_read(text: str, found: set[str]) -> None:
    assert licences.licences("a", text) == found
    assert found <= licences.FINE


@pytest.mark.parametrize("text", ["UNKNOWN", "GPL-3.0-only", "MIT AND AGPL-3.0", "Other/Proprietary License"])
def test_a_licence_that_is_not_known_to_be_fine_fails(
    text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answering(monkeypatch, json.dumps([{"Name": "a", "License": text}, {"Name": "b", "License": "MIT"}]))
    assert licences.main() == 1
    assert capsys.readouterr().err.startswith("licences: a is under ")
    answering(monkeypatch, json.dumps([{"Name": "b", "License": "MIT"}]))
    assert licences.main() == 0
