"""Keeps personal data out of what is meant to be shown to others."""

import getpass
import os
import platform
import re
from pathlib import Path
from typing import Any, TypeVar, cast

Value = TypeVar("Value")

_HOMES = re.compile(r"(?:/home/|/Users/|\b[A-Za-z]:[\\/]+Users[\\/]+)[^/\\\s'\":;]+", re.IGNORECASE)
"""The home folder of anybody, on Linux, macOS and Windows."""
_OWNER = re.compile(r"^.*['’]s\s+")
"""As phones call themselves: somebody's camera."""


def shortened(value: Value) -> Value:
    """Writes home folders as ~, in a string or in all strings of nested lists and dictionaries."""
    result: Any = value
    if isinstance(value, str):
        for home in _own_homes():
            result = re.sub(re.escape(home) + r"(?![\w.-])", "~", result, flags=re.IGNORECASE)
        result = _HOMES.sub("~", result)
    elif isinstance(value, dict):
        result = {key: shortened(item) for key, item in value.items()}
    elif isinstance(value, list):
        result = [shortened(item) for item in value]
    return cast(Value, result)


def anonymous(text: str) -> str:
    """Takes home folders and the names of user and machine out of a text that others wrote: a name, an error."""
    text = shortened(text)
    machine = platform.node()
    for name, instead in ((_user(), "(user)"), (machine, "(machine)"), (machine.split(".")[0], "(machine)")):
        if len(name) > 1:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", instead, text, flags=re.IGNORECASE)
    return text


def unowned(name: str) -> str:
    """What a device is called, without the name of its owner."""
    return anonymous(_OWNER.sub("", name))


def _own_homes() -> list[str]:
    """This user's home folder as it may be written, longest first; not one that is the root of all folders."""
    try:
        home = Path.home()
    except RuntimeError:
        return []
    spellings = {str(home), str(home.resolve()), home.as_posix(), os.environ.get("HOME", "")}
    return sorted((text.rstrip("/\\") for text in spellings if len(text.strip("/\\")) > 2), key=len, reverse=True)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a user without an entry, as in some containers
        return ""
