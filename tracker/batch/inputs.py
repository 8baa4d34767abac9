"""Which inputs a batch has: what was typed, and what is found in folders, by wildcards and in lists."""

import glob
import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath

from tracker.batch.addresses import LOCAL, files_at, is_remote, mark_of, shown
from tracker.batch.jobs import Input
from tracker.errors import InputError
from tracker.sources.images import is_image

VIDEO_SUFFIXES = frozenset(
    {".3gp", ".asf", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts"}
    | {".mxf", ".ogv", ".ts", ".vob", ".webm", ".wmv"}
)
"""By these names videos are known in a folder; a file that is named may be called anything."""
PICTURES = "pictures"
"""So the result of a folder's own pictures is called."""
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f]')
"""What some file systems do not take in a name."""


def find_inputs(words: Iterable[str], lists: Iterable[Path] = (), without: Path | None = None) -> list[Input]:
    """Finds inputs.

    Args:
        words: files, folders, paths with wildcards (`*`, `?`, `[…]`, `**`), addresses, and lists (`@FILE`). In folders
            all videos are taken, and those of the folders in them; the pictures of a folder are one input together.
        lists: files with such words, one a line; empty lines and those that begin with # count for nothing.
        without: a folder that is left out: that of the results.

    Returns:
        Each input once, in the order in which they were named. One that is named but not there is among them.

    Raises:
        InputError: a list cannot be read, wildcards match nothing, a folder holds nothing, or there are no words.
    """
    found: dict[str, str] = {}
    for word in _words(words, lists):
        for address, name in _meant(word, without):
            found.setdefault(address, name)
    if not found:
        raise InputError("There are no inputs; name videos, folders or a list.")
    return [Input(address, name, *_mark(address)) for address, name in _distinct(found).items()]


def _words(words: Iterable[str], lists: Iterable[Path]) -> Iterator[str]:
    for word in words:
        if word.startswith("@") and not Path(word).exists():
            yield from _lines(Path(word[1:]))
        else:
            yield word
    for path in lists:
        yield from _lines(path)


def _lines(path: Path) -> list[str]:
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines()]
    except OSError as error:
        raise InputError(f"The list {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise InputError(f"The list {path} is not text in UTF-8.") from None
    return [line for line in lines if line and not line.startswith("#")]


def _meant(word: str, without: Path | None) -> list[tuple[str, str]]:
    """The addresses that a word stands for, and the names of their results."""
    if is_remote(word):
        remote = files_at(word)
        videos = [(address, name) for address, name in remote if len(remote) == 1 or _is_video(PurePath(name))]
        if not videos:
            raise InputError(f"There are no videos at {shown(word)}.")
        return videos
    path = Path(word.removeprefix(LOCAL))
    if path.is_dir():
        inside = list(_inside(path.absolute(), without))
        if not inside:
            raise InputError(f"The folder {path} holds neither videos nor pictures.")
        return inside
    if path.exists() or not glob.has_magic(word):
        return [(str(path.absolute()), path.name)]
    fixed = list(_fixed(path))
    base = Path(*fixed).absolute()
    files = sorted(base.glob(str(Path(*path.parts[len(fixed) :]))))
    visible = [file for file in files if not any(part.startswith(".") for part in file.relative_to(base).parts)]
    there = [file for file in visible if file.is_file()]
    matched = [file for file in there if not _below(file, without)]
    if there and not matched:
        raise InputError(f"All files like {word} are in the folder of the results; name another folder with --out.")
    if not matched:
        raise InputError(f"There is no file like {word}.")
    return [(str(file), str(file.relative_to(base))) for file in matched]


def _fixed(path: Path) -> Iterator[str]:
    """The parts of a path before the first one with a wildcard."""
    for part in path.parts:
        if glob.has_magic(part):
            return
        yield part


def _inside(folder: Path, without: Path | None) -> Iterator[tuple[str, str]]:
    """What a folder holds; hidden files and folders are left out."""
    for place, folders, files in os.walk(folder):
        here = Path(place)
        folders[:] = sorted(name for name in folders if not name.startswith(".") and not _below(here / name, without))
        paths = [here / name for name in sorted(files) if not name.startswith(".")]
        if any(is_image(path) for path in paths):
            yield str(here), str((here / PICTURES).relative_to(folder))
        yield from ((str(path), str(path.relative_to(folder))) for path in paths if _is_video(path))


def _below(path: Path, folder: Path | None) -> bool:
    return folder is not None and path.is_relative_to(folder.absolute())


def _is_video(path: PurePath) -> bool:
    return path.suffix.lower() in VIDEO_SUFFIXES


def _distinct(found: dict[str, str]) -> dict[str, str]:
    """Gives results that would have one name the folders of their inputs in front, as many as it takes."""
    names = {address: _FORBIDDEN.sub("_", name) for address, name in found.items()}
    above = {address: _above(address, name) for address, name in found.items()}
    deepest = max(len(folders) for folders in above.values())
    for depth in range(1, deepest + 1):
        for address in _clashing(names):
            names[address] = str(PurePath(*above[address][-depth:][:1], names[address]))
    for address in _clashing(names):
        path = PurePath(names[address])
        names[address] = str(path.with_stem(f"{path.stem}-{hashlib.sha256(address.encode()).hexdigest()[:8]}"))
    return names


def _clashing(names: dict[str, str]) -> list[str]:
    """The addresses whose names others have too, on a file system that does not tell capitals."""
    taken = Counter(name.casefold() for name in names.values())
    return [address for address, name in names.items() if taken[name.casefold()] > 1]


def _above(address: str, name: str) -> list[str]:
    """The folders above what a name already says, the outermost first."""
    parts = [_FORBIDDEN.sub("_", part) for part in re.split(r"[\\/]+", address) if part.strip(".")]
    said = len(PurePath(name).parts) - (PurePath(name).name == PICTURES)
    return parts[: len(parts) - said]


def _mark(address: str) -> tuple[int, str]:
    """Bytes of an input and a text that changes with it; nothing of one that cannot be read, as the worker will say."""
    try:
        if is_remote(address):
            return mark_of(address)
        path = Path(address)
        pictures = path.is_dir()
        files = sorted(file for file in path.iterdir() if is_image(file)) if pictures else [path]
        stats = [(file.name, status.st_size, status.st_mtime_ns) for file in files for status in (file.stat(),)]
    except (InputError, OSError):
        return 0, ""
    size = sum(size for _, size, _ in stats)
    return size, hashlib.sha256(repr(stats).encode()).hexdigest() if pictures else f"{size} {stats[0][2]}"
