"""Prints scores for people."""

from collections.abc import Mapping
from typing import Any

import typer


def print_scores(scores: Mapping[str, Any]) -> None:
    """Prints a line per score; scores within scores get lines of their own, under their own names."""
    for name, value in scores.items():
        if isinstance(value, Mapping):
            print_scores(value)
        else:
            number = f"{value:.3f}" if isinstance(value, float) else "–" if value is None else f"{value:,}"
            typer.echo(f"{name:<26}{number:>12}")
