"""Packages that only one feature needs: installed as extras, imported when asked for."""

from importlib import import_module
from typing import Any

from tracker.errors import OutputError


def need(module: str, *, extra: str, purpose: str) -> Any:
    """Imports a module of an extra.

    Args:
        module: its name, as in an import.
        extra: the extra of this project that installs it.
        purpose: what needs it, as the beginning of a sentence.

    Raises:
        OutputError: it is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        missing = (error.name or module).split(".")[0]
        raise OutputError(f'{purpose} needs the package {missing}; `pip install "fkd[{extra}]"` installs it.') from None
