"""Runs the mutants that mutmut did not get to the end with, each in a process of its own.

    make mutation                            # first: writes the mutants, and runs them in forks of one process
    .venv/bin/python checks/mutants.py       # those that are left

The threads of Arrow do not outlive a fork, so that every mutant of what writes Parquet hangs in mutmut until its time
is over, and those behind it are not reached. What hangs here too counts as killed.
"""

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

MUTANTS = Path("mutants")
OPEN = ("not checked", "timeout")
PATIENCE = 120.0
"""Seconds that the tests may take; without a mutant they take a few."""
TESTS_FAILED = 1
TESTS = "tests_by_mangled_function_name"
"""Where mutmut wrote down which tests come through which function."""


def left() -> list[str]:
    """The names of the mutants that mutmut knows and has no answer for."""
    command = [Path(sys.executable).parent / "mutmut", "results", "--all", "true"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    named = [line.strip().split(": ", 1) for line in lines if ": " in line]
    return [name for name, state in named if state in OPEN]


def verdict(mutant: str, tests: list[str]) -> str:
    """What these tests say of a mutant: killed, survived, or that they could not run."""
    variables = os.environ | {"MUTANT_UNDER_TEST": mutant, "PYTHONPATH": str(MUTANTS.resolve())}
    command = [Path(sys.executable).absolute(), "-m", "pytest", "-x", "-p", "no:cacheprovider", *tests]
    try:
        run = subprocess.run(command, cwd=MUTANTS, env=variables, capture_output=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        return "killed"
    return {0: "survived", TESTS_FAILED: "killed"}.get(run.returncode, "did not run")


def main() -> None:
    """Prints each mutant with its verdict, and how many had which."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="mutants whose names begin so")
    asked = parser.parse_args()
    known: dict[str, list[str]] = json.loads((MUTANTS / "mutmut-stats.json").read_text(encoding="utf-8"))[TESTS]
    counts: Counter[str] = Counter()
    for mutant in left():
        if mutant.startswith(asked.only):
            tests = known.get(mutant.split("__mutmut_")[0], [])
            said = verdict(mutant, tests) if tests else "no tests"
            counts[said] += 1
            print(f"{said:12}{mutant}", flush=True)
    print(", ".join(f"{count} {said}" for said, count in counts.items()) or "nothing is left")


if __name__ == "__main__":
    main()
