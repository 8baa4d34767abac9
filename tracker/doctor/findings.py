"""What a check finds."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tracker.doctor.private import anonymous, shortened


class State(StrEnum):
    """How it stands with one thing."""

    GOOD = "good"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found.

    Attributes:
        name: of what was looked at.
        state: good; note, for what is missing but not needed; or problem, for what keeps the program from working as
            it should.
        text: what was found.
        advice: what to do; needed unless the state is good.
        data: the same for programs, as plain values.
    """

    name: str
    state: State
    text: str
    advice: str | None = None
    data: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.state is not State.GOOD and not self.advice:
            raise ValueError(f"The finding {self.name!r} does not say what to do.")

    def private(self) -> "Finding":
        """The same without the names of home folders."""
        return Finding(self.name, self.state, shortened(self.text), shortened(self.advice), shortened(self.data))

    def as_dict(self) -> dict[str, Any]:
        """The finding as plain values."""
        return {
            "name": self.name,
            "state": str(self.state),
            "text": self.text,
            "advice": self.advice,
            "data": self.data,
        }


Check = Callable[[], Iterable[Finding]]


def good(name: str, text: str, /, **data: Any) -> Finding:
    """All is well."""
    return Finding(name, State.GOOD, text, None, data)


def note(name: str, text: str, advice: str, /, **data: Any) -> Finding:
    """Something is missing that is not needed."""
    return Finding(name, State.NOTE, text, advice, data)


def problem(name: str, text: str, advice: str, /, **data: Any) -> Finding:
    """Something keeps the program from working as it should."""
    return Finding(name, State.PROBLEM, text, advice, data)


def findings_of(name: str, check: Check) -> Iterator[Finding]:
    """Runs a check; an error that it did not expect becomes a finding after those that it gave before.

    Args:
        name: of the check, for such a finding.
        check: gives the findings.
    """
    try:
        for finding in check():
            yield finding.private()
    except Exception as error:  # noqa: BLE001  # whatever it is, the other checks are still wanted
        kind = type(error).__name__
        text = f"could not be looked at: {kind}: {anonymous(str(error))}"
        yield problem(name, text, "please report this, with the whole output of fkd doctor", error=kind).private()
