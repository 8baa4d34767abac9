"""The folder for what may be thrown away."""

from pathlib import Path

import numpy as np
import pytest

from tracker.cache import adopt_libraries, folder
from training.data.cache import get


def test_the_folder_is_that_of_a_variable_of_the_system_or_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FKD_CACHE", "/a")
    monkeypatch.setenv("XDG_CACHE_HOME", "/b")
    monkeypatch.setenv("HOME", "/c")
    assert folder() == Path("/a")
    monkeypatch.delenv("FKD_CACHE")
    assert folder() == Path("/b/fkd")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert folder() == Path("/c/.cache/fkd")


def test_without_a_home_nothing_is_kept_and_all_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container whose user is in no list."""

    def home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", home)
    for variable in ("FKD_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    for variable in ("KERAS_HOME", "MPLCONFIGDIR"):
        monkeypatch.setenv(variable, "kept")
    adopt_libraries()
    with pytest.raises(OSError, match="directory"):
        folder().mkdir(parents=True)
    for _ in range(2):
        assert get("numbers", lambda: {"a": np.arange(3)})["a"].tolist() == [0, 1, 2]
