"""Looks at whether the program can work on this machine. Each module has a group of checks; `fkd doctor` shows them."""

from tracker.doctor.examination import examine
from tracker.doctor.findings import Finding, State

__all__ = ["Finding", "State", "examine"]
