"""Looks for packages with known holes among the exact versions of constraints.txt: `python checks/audit.py`.

First against the list below, which needs no network; then by pip-audit, which asks the database of https://osv.dev.
Where that cannot be reached this is said, and the first part alone decides.
"""

import json
import subprocess
import sys
from pathlib import Path

from packaging.version import Version

CONSTRAINTS = Path(__file__).resolve().parents[1] / "constraints.txt"
PATIENCE = 180
"""Seconds."""

MENDED_IN = {
    "certifi": ("2024.7.4", "CVE-2024-39689: a root certificate that is not trusted any more"),
    "filelock": ("3.20.1", "CVE-2025-68146: a lock file is followed to where a link leads"),
    "fonttools": ("4.60.2", "CVE-2025-66034: files written where a font design says"),
    "h11": ("0.16.0", "CVE-2025-43859: chunks read in another way than others read them"),
    "idna": ("3.7", "CVE-2024-3651: long names take long"),
    "jinja2": ("3.1.6", "CVE-2025-27516: out of the sandbox"),
    "keras": (
        "3.13.2",
        "CVE-2026-1669, CVE-2026-1462: files of this machine read, and code run, by a model that is loaded",
    ),
    "markdown": ("3.8.1", "CVE-2025-69534: a page that ends the program"),
    "onnx": ("1.17.0", "CVE-2024-5187: files written where an archive says"),
    "opencv-contrib-python": ("4.8.1.78", "CVE-2023-4863: a WebP picture that writes beyond memory"),
    "pillow": ("11.3.0", "CVE-2025-48379: a DDS picture that writes beyond memory"),
    "pip": ("25.3", "CVE-2025-8869: files written where an archive says"),
    "protobuf": ("6.31.1", "CVE-2025-4565: messages within messages without end"),
    "pyarrow": ("14.0.1", "CVE-2023-47248: code run by a file that is read"),
    "pydantic": ("2.4.0", "CVE-2024-3772: addresses that take long"),
    "pymdown-extensions": ("10.16.1", "CVE-2025-68142: text that takes long"),
    "requests": ("2.32.4", "CVE-2024-47081: passwords sent to others"),
    "setuptools": ("78.1.1", "CVE-2025-47273: files written where an index says"),
    "starlette": ("0.49.1", "CVE-2025-62727: a Range header that takes long"),
    "tensorflow": ("2.12.1", "CVE-2023-33976 and many others"),
    "tqdm": ("4.66.3", "CVE-2024-34062: code run by an option"),
    "urllib3": ("2.6.3", "CVE-2026-21441 and before: answers that unpack to gigabytes"),
    "werkzeug": ("3.1.4", "CVE-2025-66221: names of devices on Windows"),
}
"""By package: the first version without the hole, and which that was. The list was written by hand, without a database
to compare it with, and holds what matters to this project; it does not take pip-audit's place."""
ACCEPTED: dict[str, str] = {}
"""Identifiers of holes that pip-audit may find, and why they do no harm here."""


def main() -> int:
    """Returns 1 if there is a package with a known hole."""
    pinned = read_constraints(CONSTRAINTS.read_text(encoding="utf-8"))
    holes = known_holes(pinned)
    asked = ask_osv(CONSTRAINTS)
    holes += asked or []
    where = "here; osv.dev, which knows of more, is out of reach" if asked is None else "here or to osv.dev"
    print(f"audit: {len(pinned)} packages, {len(holes)} holes that are known {where}.")
    for hole in holes:
        print(f"audit: {hole}", file=sys.stderr)
    return 1 if holes else 0


def read_constraints(text: str) -> dict[str, Version]:
    """Returns versions by names, as in `name==version`, names in lower case."""
    lines = (line.split("#")[0].strip() for line in text.splitlines())
    pairs = (line.split("==") for line in lines if line)
    return {name.lower().replace("_", "-"): Version(version) for name, version in pairs}


def known_holes(pinned: dict[str, Version]) -> list[str]:
    """Compares versions with the list above; returns sentences."""
    return [
        f"{name} {pinned[name]} has a known hole; take {first} or later ({which})."
        for name, (first, which) in MENDED_IN.items()
        if name in pinned and pinned[name] < Version(first)
    ]


def ask_osv(constraints: Path) -> list[str] | None:
    """Asks osv.dev by pip-audit; returns sentences, or None if there was no answer."""
    command = [sys.executable, "-m", "pip_audit", "--vulnerability-service", "osv", "--requirement", str(constraints)]
    command += ["--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        packages = json.loads(asked.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return None
    return [
        f"{package['name']} {package['version']}: {hole['id']}; mended in {', '.join(hole['fix_versions']) or 'none'}."
        for package in packages
        for hole in package.get("vulns", [])
        if not {hole["id"], *hole.get("aliases", [])} & ACCEPTED.keys()
    ]


if __name__ == "__main__":
    sys.exit(main())
