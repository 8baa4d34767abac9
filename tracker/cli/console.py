"""Where tables are printed."""

import sys
from io import TextIOWrapper

from rich.console import Console


def console() -> Console:
    """A console on standard output: colours on a terminal only, and nothing that its encoding lacks ends the program.

    Words in square brackets are left as they are; so are numbers.
    """
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    return Console(markup=False, highlight=False, emoji=False)
