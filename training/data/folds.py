"""Folds for validation: groups stay whole, and each fold has its share of both kinds of rows."""

import numpy as np
from numpy.typing import NDArray

from tracker.errors import InputError


def assign_folds(groups: NDArray[np.int64], kinds: NDArray[np.int64], count: int, seed: int) -> NDArray[np.int64]:
    """Deals groups out to folds, the largest first, each to the fold that has the fewest rows of its kinds.

    Args:
        groups: (N,) rows with the same number stay together.
        kinds: (N,) 0 or 1, the kind of each row.
        count: how many folds; as many as there are groups, if those are fewer.
        seed: decides between groups of the same size.

    Returns:
        (N,) int64: the fold of each row, 0 to count - 1.

    Raises:
        InputError: all rows belong together, so that none can be held out.
    """
    names, member = np.unique(groups, return_inverse=True)
    if len(names) < 2:
        raise InputError(f"{len(groups)} rows that show one picture cannot be split into training and validation.")
    count = min(count, len(names))
    sizes = np.stack([np.bincount(member, weights=kinds == kind, minlength=len(names)) for kind in (0, 1)], axis=1)
    order = np.random.default_rng(seed).permutation(len(names))
    order = order[np.argsort(-sizes[order].sum(axis=1), kind="stable")]
    totals = np.maximum(sizes.sum(axis=0), 1)
    filled = np.zeros((count, 2))
    fold_of = np.empty(len(names), np.int64)
    for name in order:
        load = ((filled + sizes[name]) / totals * (sizes[name] > 0)).sum(axis=1)
        fold_of[name] = int(np.argmin(load + 1e-9 * filled.sum(axis=1)))
        filled[fold_of[name]] += sizes[name]
    return fold_of[member]
