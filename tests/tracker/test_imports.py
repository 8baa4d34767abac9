"""A package is hidden for a moment only, and none that is in use."""

import gc
import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tracker.imports import hidden, import_tensorflow


def test_what_is_hidden_is_not_found_and_can_be_imported_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("heavy_package", "used_package"):
        (tmp_path / f"{name}.py").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    used = importlib.import_module("used_package")
    with hidden("heavy_package", "used_package"):
        with pytest.raises(ImportError):
            importlib.import_module("heavy_package")
        assert importlib.import_module("used_package") is used
    with hidden(empty=("heavy_package", "heavy_package.part", "used_package")):
        part = importlib.import_module("heavy_package.part")
        assert not hasattr(part, "__file__")
        assert importlib.import_module("used_package") is used
    heavy = importlib.import_module("heavy_package")
    assert Path(heavy.__file__ or "").parent == tmp_path
    for name in ("heavy_package", "used_package"):
        del sys.modules[name]


@pytest.mark.parametrize("collects", [True, False])
def test_garbage_is_collected_as_before_once_tensorflow_is_there(
    collects: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("keras", "tensorflow"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    gc.unfreeze()
    if not collects:
        gc.disable()
    try:
        import_tensorflow()
        assert gc.isenabled() == collects
        assert gc.get_freeze_count() > 1000
    finally:
        gc.enable()
