"""What the endurance benchmark takes for a failure, and what it shows the tracker."""

import itertools

import numpy as np
import pytest
from endurance import Passers, judge

from tracker.sources.base import Source


def samples(**changes: tuple[float, float]) -> list[dict[str, float]]:
    """Half an hour in which some numbers change evenly from the first to the last value given."""
    steady = {"memory_mb": (300, 300), "files": (10, 10), "threads": (9, 9), "rate": (400, 400), "work_ms": (5, 5)}
    seconds = np.arange(0, 1800, 5.0)
    columns = {name: np.linspace(*ends, len(seconds)) for name, ends in (steady | changes).items()}
    return [
        {"seconds": time, **{name: float(column[row]) for name, column in columns.items()}}
        for row, time in enumerate(seconds.tolist())
    ]


def broken(seen: list[dict[str, float]]) -> set[str]:
    return {name for name, holds in judge(seen, 1800)["holds"].items() if not holds}


def test_a_steady_run_holds() -> None:
    assert broken(samples()) == set()
    assert broken(samples(memory_mb=(300, 309), rate=(400, 410))) == set()


@pytest.mark.parametrize(
    ("name", "ends"),
    [("memory_mb", (300, 320)), ("rate", (400, 340)), ("rate", (400, 500)), ("files", (10, 20)), ("threads", (9, 10))],
)
def test_what_grows_or_slows_down_does_not(name: str, ends: tuple[float, float]) -> None:
    assert broken(samples(**{name: ends})) == {name.removesuffix("_mb")}


def test_a_machine_that_becomes_slower_is_told_from_a_program_that_does() -> None:
    machine = judge(samples(rate=(400, 300), work_ms=(6, 8)), 1800)
    program = judge(samples(rate=(400, 300)), 1800)
    assert machine["rate_change"] == program["rate_change"] > 0.05
    assert machine["pace_change"] < 0.03
    assert program["pace_change"] == pytest.approx(program["rate_change"])


def test_what_happens_in_the_first_minutes_does_not_count() -> None:
    seen = samples()
    for sample in seen[:60]:
        sample |= {"memory_mb": 100.0, "files": 3, "threads": 1, "rate": 50.0}
    assert broken(seen) == set()


def test_people_walk_past(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(0, 0.25)
    monkeypatch.setattr("endurance.monotonic", lambda: next(clock))
    source: Source = Passers(seconds=10, every=2)
    frames = list(source)
    assert len(frames) == 39
    assert {frame.image.shape for frame in frames} == {(480, 640, 3)}
    assert all((a.image != b.image).any() for a, b in itertools.pairwise(frames))
    assert [round(sample["seconds"]) for sample in source.samples] == [2, 4, 6, 8]  # type: ignore[attr-defined]
    assert all(0 < sample["work_ms"] < 1000 for sample in source.samples)  # type: ignore[attr-defined]
    assert [sample["rate"] for sample in source.samples] == pytest.approx([4] * 4, abs=0.6)  # type: ignore[attr-defined]
