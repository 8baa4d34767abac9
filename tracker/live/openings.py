"""Sources to be opened, of which some may fail."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from tracker.errors import FkdError
from tracker.sources.base import Source


@dataclass(frozen=True, slots=True)
class Opening:
    """A source to be opened: what it is called, and what opens it."""

    name: str
    open: Callable[[], Source]


def open_all(
    stack: ExitStack, openings: Sequence[Opening], failures: list[FkdError], say: Callable[[str], None]
) -> dict[int, Source]:
    """Opens the sources that open.

    Args:
        stack: closes them.
        openings: the sources.
        failures: gets what the others have raised.
        say: takes a sentence for each of the others.

    Returns:
        The sources by number.

    Raises:
        FkdError: none of them opens.
    """
    sources = {}
    for number, opening in enumerate(openings):
        try:
            sources[number] = stack.enter_context(opening.open())
        except FkdError as error:
            failures.append(error)
            if len(failures) == len(openings):
                raise
            say(f"{error} Going on without it.")
    return sources
