"""`fkd doctor`: whether the program can work on this machine, and what to do if not."""

import json
from textwrap import wrap
from typing import TYPE_CHECKING, Annotated

import typer

from tracker import __version__
from tracker.errors import FkdError

if TYPE_CHECKING:
    from rich.console import Console

    from tracker.doctor import Finding

UNUSABLE = FkdError.exit_code
COLOURS = {"good": "green", "note": "yellow", "problem": "bold red"}
WIDEST = 100
_STATE, _NAME = 10, 16
"""Columns of the state and of the name."""


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for machines.")] = False,
    no_benchmark: Annotated[bool, typer.Option("--no-benchmark", help="Leave out the ten-second benchmark.")] = False,
) -> None:
    """See whether the tracker can work on this machine, and what to do if not.

    The output holds no names of users, machines or home folders, and can be pasted into a report of a bug.
    The exit code is 0 if the tracker is usable, 2 if there is a problem.
    """
    from tracker.cli.console import console as open_console
    from tracker.doctor import State, examine

    console = None if as_json else open_console()
    found: list[tuple[str, Finding]] = []
    for group, finding in examine(benchmark=not no_benchmark):
        if console:
            if not found or group != found[-1][0]:
                console.print(group, style="bold")
            _print(console, finding)
        found.append((group, finding))
    counts = {state: sum(finding.state is state for _, finding in found) for state in State}
    usable = counts[State.PROBLEM] == 0
    if console:
        ending = "The tracker is usable here" if usable else "The tracker is not usable as it should be"
        console.print(f"{ending}: {', '.join(f'{count} {state}' for state, count in counts.items())}.")
    else:
        findings = [{"group": group} | finding.as_dict() for group, finding in found]
        typer.echo(json.dumps({"fkd": __version__, "usable": usable, "findings": findings}, indent=2))
    if not usable:
        raise typer.Exit(UNUSABLE)


def _print(console: "Console", finding: "Finding") -> None:
    from rich.text import Text

    state = str(finding.state)
    indent = _STATE + _NAME
    width = max(min(console.width, WIDEST) - indent, 20)
    advice = wrap(f"what to do: {finding.advice}", width) if finding.advice else []
    first, *more = wrap(finding.text, width) or [""]
    head = Text.assemble("  ", (f"{state:<{_STATE - 2}}", COLOURS[state]), f"{finding.name:<{_NAME}}", first)
    console.print(head, soft_wrap=True)
    for line in [*more, *advice]:
        console.print(" " * indent + line, soft_wrap=True)
