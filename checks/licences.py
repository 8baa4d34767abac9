"""Says under which licences the installed packages are, and fails at one that is not known here to be fine.

`python checks/licences.py` prints a report, and with `--each` a line per package.
"""

import json
import subprocess
import sys
from collections import Counter

FINE = {
    "0BSD",
    "Apache-2.0",
    "BSD",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MIT-CMU",
    "MPL-2.0",
    "PSF-2.0",
    "Unlicense",
    "Zlib",
}
"""Licences that let anybody use a package beside this one, whose own is Apache-2.0 (SPDX identifiers)."""
NAMES = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "FreeBSD": "BSD-2-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
"""What packages write instead of an identifier."""
READ_BY_HAND = {
    "atheris": "Apache-2.0",
    "namex": "Apache-2.0",
    "python-osc": "Unlicense",
}
"""Packages that do not say it in their metadata, and what is in their repositories."""
EXCEPTIONS = {
    "pyvirtualcam": "GPL-2.0; only installed by who asks for the extra virtual-camera, and loaded when it is used",
}
"""Packages under other licences, and why that is no matter."""


def main() -> int:
    """Returns 1 if a package has a licence that is not fine."""
    command = [sys.executable, "-m", "piplicenses", "--from=mixed", "--format=json", "--with-system"]
    packages = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    said = {package["Name"]: licences(package["Name"], package["License"]) for package in packages}
    if "--each" in sys.argv:
        for name, found in said.items():
            print(f"{name:<32}{' '.join(sorted(found))}")
    wrong = {name: found for name, found in said.items() if not found <= FINE and name not in EXCEPTIONS}
    counts = Counter(each for found in said.values() for each in found)
    print(f"licences: {len(said)} packages: " + ", ".join(f"{name} {count}" for name, count in counts.most_common()))
    for name, found in wrong.items():
        print(f"licences: {name} is under {' '.join(sorted(found))}; see {__file__}", file=sys.stderr)
    return 1 if wrong else 0


def licences(name: str, text: str) -> set[str]:
    """Returns all licences that a package's text names, of which each must be fine even where one may be chosen."""
    if name in READ_BY_HAND:
        return {READ_BY_HAND[name]}
    parts = (part for piece in text.split(";") for part in _terms(piece.strip()))
    return {NAMES.get(part, part) for part in parts}


def _terms(text: str) -> list[str]:
    """The terms of an SPDX expression; a name that is none stays whole."""
    if text in NAMES:
        return [text]
    words = text.replace("(", " ").replace(")", " ").replace(" AND ", "|").replace(" OR ", "|").replace(" WITH ", "|")
    return [word.strip() for word in words.split("|")]


if __name__ == "__main__":
    sys.exit(main())
