"""What keeping the conventions apart, or masking the missing cells, is worth: models that differ in nothing else."""

from collections.abc import Iterator
from dataclasses import replace
from statistics import fmean
from typing import Any

from training.fitting.options import Options
from training.reports.compare.entries import Comparison, Entry, Trained
from training.reports.page import Page

SCORES = {
    "test_rmse": "test RMSE",
    "test_rmse_first": "test RMSE, first kind",
    "test_rmse_second": "test RMSE, second kind",
    "rmse": "held-out RMSE",
    "rmse_first": "held-out RMSE, first kind",
    "rmse_second": "held-out RMSE, second kind",
    "rmse_test_mix": "held-out RMSE, test mix",
}
QUESTIONS = {"conventions": ("apart", ("together",)), "missing": ("mask", ("fill", "drop"))}
"""For each option the value in question, and those that it is compared with."""
TITLES = {
    "conventions": "What keeping the conventions apart is worth",
    "missing": "What masking missing cells is worth",
}
TEXTS = {
    "conventions": "The same models with one output for each convention (apart) and with one output for both "
    "(together), trained with the same seeds. Below 100 %, keeping them apart is better.",
    "missing": "The same models with missing cells masked, and with these cells filled or their rows dropped, trained "
    "with the same seeds. Below 100 %, masking is better.",
}


def worth(comparison: Comparison) -> list[dict[str, Any]]:
    """Compares models that differ in one option alone, over the seeds that both have.

    Held-out scores are compared only where both hold out the same rows.

    Returns:
        For each pair and score: the `option`, the names of the two models `with` it and `without`, their values of the
        option, `score`, `seeds`, the mean over the seeds of both, the ratio of these in percent, and its range over
        the seeds.
    """
    found = []
    for option, one, other, members in _pairs(comparison):
        for score in SCORES:
            seeds, scored = _scored(members, score)
            if not scored:
                continue
            first, second = (fmean(values) for values in zip(*scored, strict=True))
            each = [100 * a / b for a, b in scored if b]
            found.append({
                "option": option,
                "with": one.name,
                "without": other.name,
                "values": [getattr(one.options, option), getattr(other.options, option)],
                "score": score,
                "seeds": seeds,
                "mean_with": first,
                "mean_without": second,
                "percent": 100 * first / second if second else None,
                "percent_low": min(each, default=None),
                "percent_high": max(each, default=None),
            })  # fmt: skip
    return found


def add_worth(page: Page, comparison: Comparison) -> None:
    """Adds a section for each option in question that models differ in; none where there are no such models."""
    found = worth(comparison)
    pairs = list(_pairs(comparison))
    for option, title in TITLES.items():
        asked = [(one, other, members) for name, one, other, members in pairs if name == option]
        if not asked:
            continue
        page.section(title, TEXTS[option])
        for one, other, members in asked:
            if not members:
                page.text(f"{one.name} and {other.name} have no seed in common.")
        rows = [record for record in found if record["option"] == option]
        if not rows:
            continue
        header = ["model", "compared with", "score", "seeds", "with", "without", "ratio, %", "range over seeds, %"]
        page.table(header, [_cells(record) for record in rows], "RMSE in pixels, means over the seeds.")


def _cells(record: dict[str, Any]) -> list[object]:
    ratio, low, high = record["percent"], record["percent_low"], record["percent_high"]
    several = ratio is not None and len(record["seeds"]) > 1
    return [
        record["with"],
        record["without"],
        SCORES[record["score"]],
        ", ".join(map(str, record["seeds"])),
        record["mean_with"],
        record["mean_without"],
        None if ratio is None else f"{ratio:.1f}",
        f"{low:.1f} to {high:.1f}" if several else None,
    ]


def _pairs(comparison: Comparison) -> Iterator[tuple[str, Entry, Entry, list[tuple[Trained, Trained]]]]:
    """Yields models that differ in one option in question alone, and their runs with the same seed."""
    runs = [(entry, replace(entry.options, seed=0)) for entry in comparison.entries if entry.options is not None]
    for option, (wanted, others) in QUESTIONS.items():
        for one, options in runs:
            for other, options_of_other in runs:
                value = getattr(options_of_other, option)
                if value in others and options == _changed(options_of_other, option, wanted):
                    theirs = dict(zip(other.seeds, other.members, strict=True))
                    seeds = zip(one.seeds, one.members, strict=True)
                    yield option, one, other, [(run, theirs[seed]) for seed, run in seeds if seed in theirs]


def _changed(options: Options, name: str, value: str) -> Options:
    return replace(options, **{name: value})  # type: ignore[arg-type] # the options in question hold text


def _scored(members: list[tuple[Trained, Trained]], score: str) -> tuple[list[int], list[tuple[float, float]]]:
    seeds, scored = [], []
    for one, other in members:
        a, b = one.scores.get(score), other.scores.get(score)
        comparable = score.startswith("test_") or one.same_rows(other)
        if a is not None and b is not None and comparable and one.options is not None:
            seeds.append(one.options.seed)
            scored.append((a, b))
    return seeds, scored
