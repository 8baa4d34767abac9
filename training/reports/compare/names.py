"""What the models of a comparison are called."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from training.fitting.options import Options

PLAIN = ("conventions", "missing", "loss")
"""Options whose values say by themselves what is meant."""


def name_entries(models: Sequence[tuple[Path, Options | None]], taken: Iterable[str] = ()) -> list[str]:
    """Names models: a run by its family and by what sets it apart from others of it, an ensemble by its folder.

    Args:
        models: folder and options of each; an ensemble has no options.
        taken: names that others have.

    Returns:
        A name for each, none of them twice.
    """
    names: list[str] = []
    used = set(taken)
    for folder, options in models:
        wanted = folder.resolve().name if options is None else _describe(options, [other for _, other in models])
        name, number = wanted, 1
        while name in used:
            number += 1
            name = f"{wanted} ({number})"
        used.add(name)
        names.append(name)
    return names


def _describe(options: Options, others: Sequence[Options | None]) -> str:
    family = [_fields(other) for other in others if other is not None and other.model == options.model]
    said = [options.model]
    for name, value in _fields(options).items():
        if any(other[name] != value for other in family):
            said.append(str(value) if name in PLAIN else f"{name.replace('_', ' ')} {value}")
    return ", ".join(said)


def _fields(options: Options) -> dict[str, Any]:
    return {name: value for name, value in asdict(options).items() if name != "seed"}
