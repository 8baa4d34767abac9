"""The stack finds who is right, falls back to the average, and is scored on rows that it has not seen."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tracker.errors import InputError
from training.data.dataset import FIRST, SECOND
from training.ensembling.stack import common_rows, fit_stack
from training.predictions import Predictions
from training.scores import rmse

Array = NDArray[np.float32]


def made_up(rows: int, noise: list[float], seed: int = 0) -> tuple[Array, Array, NDArray[np.int64]]:
    """Models (D, rows, 15, 2) with noise of the given sizes, labels and kinds."""
    rng = np.random.default_rng(seed)
    labels = rng.uniform(20, 70, (rows, 15, 2)).astype(np.float32)
    models = np.stack([labels + rng.normal(0, size, labels.shape) for size in noise]).astype(np.float32)
    kinds = np.where(np.arange(rows) % 3 == 0, SECOND, FIRST)
    labels[kinds == SECOND, 3:10] = np.nan
    return models, labels, kinds


def test_a_stack_trusts_the_better_model_and_takes_off_what_is_constant() -> None:
    models, labels, kinds = made_up(600, [1.0, 3.0])
    models[1, kinds == SECOND, 14] += (0, 5)
    stack, unseen = fit_stack(models, labels, kinds, np.arange(600))
    assert stack.weights.sum(axis=2) == pytest.approx(1)
    assert stack.weights[FIRST, 4] == pytest.approx([0.9, 0.1], abs=0.05)  # variances are 1 and 9
    average = rmse(models.mean(axis=0), labels)
    error = rmse(unseen, labels)
    assert average is not None
    assert error is not None
    assert error < 0.7 * average
    fresh, answers, fresh_kinds = made_up(300, [1.0, 3.0], seed=1)
    fresh[1, fresh_kinds == SECOND, 14] += (0, 5)
    assert rmse(stack.predict(fresh, fresh_kinds), answers) == pytest.approx(error, rel=0.1)


def test_with_few_rows_or_equal_models_the_stack_is_near_the_average() -> None:
    models, labels, kinds = made_up(6, [1.0, 1.0])
    stack, _ = fit_stack(models, labels, kinds, np.zeros(6, np.int64))
    assert np.isinf(stack.ridge)
    assert (stack.predict(models, kinds) == models.mean(axis=0)).all()


def test_no_row_is_scored_by_a_stack_that_was_fitted_on_its_group() -> None:
    models, labels, kinds = made_up(40, [1.0, 3.0])
    groups = np.arange(40) // 2
    _, before = fit_stack(models, labels, kinds, groups)
    labels[groups == 7] += 40
    _, after = fit_stack(models, labels, kinds, groups)
    assert np.abs(after[groups != 7] - before[groups != 7]).max() > 0
    # Labels of the group may decide how strong the ridge is, but are in none of the fits that answer for it.
    assert np.abs(after[groups == 7] - before[groups == 7]).max() < 2


def predictions(name: str, rows: list[int]) -> Predictions:
    said = np.zeros((len(rows), 15, 2), np.float32) + np.array(rows, np.float32)[:, None, None]
    return Predictions(name, np.array(rows), said, np.empty((0, 15, 2), np.float32))


def test_rows_that_all_held_out_are_found_in_any_order() -> None:
    rows, said = common_rows([predictions("a", [7, 2, 5]), predictions("b", [5, 9, 7])])
    assert rows.tolist() == [5, 7]
    assert said[:, :, 0, 0].tolist() == [[5, 7], [5, 7]]
    with pytest.raises(InputError, match="same --folds"):
        common_rows([predictions("a", [1]), predictions("b", [2])])
