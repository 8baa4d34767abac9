"""What a training row is called, so that who reads of it can find it; the same in every report."""

from training.data.dataset import Dataset

FIRST_LINE = 2
"""Line of the first row in a file: the header is line 1."""


def unit(dataset: Dataset) -> str:
    """What a row's number counts: lines of training.csv, or the training faces of a face set, which skip others."""
    return "line" if dataset.groups is None else "face"


def number(dataset: Dataset, row: int) -> int:
    """The number of a row as `unit` counts it."""
    return row + (FIRST_LINE if dataset.groups is None else 1)


def row_name(dataset: Dataset, row: int) -> str:
    """The name of a training row, as `line 17`."""
    return f"{unit(dataset)} {number(dataset, row)}"
