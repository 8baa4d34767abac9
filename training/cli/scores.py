"""Prints scores for people."""

from collections.abc import Iterator, Mapping
from typing import Any

import typer


def print_scores(scores: Mapping[str, Any]) -> None:
    """Prints a line per score; scores within scores get lines of their own, under their own names."""
    lines = list(_flat(scores))
    width = max([26, *(len(name) for name, _ in lines)])
    for name, value in lines:
        number = f"{value:.3f}" if isinstance(value, float) else "–" if value is None else f"{value:,}"
        typer.echo(f"{name:<{width}}{number:>12}")


def _flat(scores: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in scores.items():
        if isinstance(value, Mapping):
            yield from _flat(value)
        else:
            yield name, value
