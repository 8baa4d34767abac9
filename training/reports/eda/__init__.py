"""The picture book of a data set: what is labelled, what is missing, how faces and labels vary, what looks wrong.

One subject per file; each adds its section to the page and returns its numbers. `report` puts them together.
"""

from training.reports.eda.report import write_report

__all__ = ["write_report"]
