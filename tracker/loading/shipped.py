"""The models that ship, read only if they are the ones that were measured."""

import hashlib
from pathlib import Path

from tracker.errors import EngineError

SUMS = "SHA256SUMS"
_AGAIN = "install the package again"


def read_shipped(path: Path) -> bytes:
    """Reads a shipped file and compares it with the hash that stands beside it.

    What is compared is what is returned, so that no other file can take its place in between.

    Raises:
        EngineError: it cannot be read, or is another one than shipped.
    """
    try:
        wanted = shipped_hashes(path.parent).get(path.name)
        content = path.read_bytes()
    except OSError as error:
        raise EngineError(f"{error.filename} cannot be read: {error.strerror}; {_AGAIN}.") from None
    if wanted != hashlib.sha256(content).hexdigest():
        raise EngineError(f"{path} is not the file that ships, by its hash in {SUMS}; {_AGAIN}.")
    return content


def shipped_hashes(folder: Path) -> dict[str, str]:
    """Returns SHA-256 in hexadecimal of each shipped file, by name.

    Raises:
        OSError: the list cannot be read.
    """
    lines = (folder / SUMS).read_text(encoding="utf-8", errors="replace").splitlines()
    pairs = (line.split(maxsplit=1) for line in lines if len(line.split(maxsplit=1)) == 2)
    return {name.lstrip("*"): digest for digest, name in pairs}
