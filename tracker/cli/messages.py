"""Sentences for the user, in which file names may stand that hold anything."""

import sys
from io import TextIOWrapper

import typer


def printable(text: str) -> str:
    """Returns a text with what a terminal would obey instead of showing in escapes."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def say(sentence: str, *, error: bool = False) -> None:
    """Prints a line to standard output, or as a message of the program to standard error; see `printable`."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    typer.echo(printable(f"fkd: {sentence}" if error else sentence), err=error)
