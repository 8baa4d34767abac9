"""Which checks there are, and their order."""

from collections.abc import Iterable, Iterator
from functools import partial
from importlib import import_module

from tracker.doctor.findings import Finding, findings_of

GROUPS = {
    "versions": ("versions.system", "versions.processor", "versions.packages", "versions.opencv", "versions.extras"),
    "models": ("weights.models",),
    "engines": ("engines.litert", "engines.graphics", "engines.detector"),
    "pictures": ("cameras.cameras", "display.display", "video.backends", "video.annotated_video", "video.codecs"),
    "speed": ("speed.speed",),
}
"""Checks by group, as module and function of this package. What needs the least comes first."""
BENCHMARK = "speed"


def examine(*, benchmark: bool = True) -> Iterator[tuple[str, Finding]]:
    """Runs the checks one by one; whatever goes wrong in one becomes a finding.

    Args:
        benchmark: whether to measure the speed too, for about ten seconds.

    Yields:
        A finding with the name of its group, as soon as there is one.
    """
    for group, checks in GROUPS.items():
        if group == BENCHMARK and not benchmark:
            continue
        for check in checks:
            for finding in findings_of(check, partial(_run, check)):
                yield group, finding


def _run(check: str) -> Iterable[Finding]:
    """Imports a check's module only now, so that a package that is missing or broken is found by the checks of it."""
    module, function = check.split(".")
    found: Iterable[Finding] = getattr(import_module(f"tracker.doctor.{module}"), function)()
    return found
