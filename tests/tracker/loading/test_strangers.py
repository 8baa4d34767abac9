"""`--weights` from a stranger: refused with the reason, and nothing of it is run or unpacked."""

import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import Run
from tests.tracker.loading.strangers import ARRAYS, STRANGERS, Payload, lambda_layer, other_weights
from tracker import EngineError
from tracker.engines import open_engine
from tracker.loading.arrays import load_weights
from tracker.models import KEYPOINTS_INT8, models_folder


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    path = tmp_path / "canary"
    path.write_text("alive", encoding="utf-8")
    return path


def test_the_canary_would_notice(canary: Path) -> None:
    pickle.loads(pickle.dumps(Payload(canary)))
    assert canary.read_text(encoding="utf-8") == "touched"


def received(make: Callable[[Path, Path], Path], canary: Path) -> Path:
    """What was made, in a folder of its own."""
    folder = canary.parent / "received"
    folder.mkdir()
    return make(folder, canary)


@pytest.mark.parametrize("engine", ["auto", "litert", "keras"])
@pytest.mark.parametrize(("make", "reason"), STRANGERS.items(), ids=[make.__name__ for make in STRANGERS])
def test_a_stranger_is_refused_with_the_reason(
    make: Callable[[Path, Path], Path], reason: str, engine: str, canary: Path
) -> None:
    model = received(make, canary)
    files = sorted(canary.parent.rglob("*"))
    with pytest.raises(EngineError, match=reason) as refused:
        open_engine(engine, model)
    assert str(model) in str(refused.value)
    assert "\n" not in str(refused.value)
    assert canary.read_text(encoding="utf-8") == "alive"
    assert sorted(canary.parent.rglob("*")) == files


@pytest.fixture(scope="module")
def network() -> Any:
    from tracker.network import build_network

    return build_network()


@pytest.mark.parametrize(("make", "reason"), ARRAYS.items(), ids=[make.__name__ for make in ARRAYS])
def test_arrays_of_a_stranger_are_refused_with_the_reason(
    make: Callable[[Path, Path], Path], reason: str, canary: Path, network: Any
) -> None:
    model = received(make, canary)
    before = network.get_weights()
    with pytest.raises(ValueError, match=reason):
        load_weights(network, model)
    assert all((one == other).all() for one, other in zip(before, network.get_weights(), strict=True))
    assert canary.read_text(encoding="utf-8") == "alive"


def test_the_engine_says_so_in_a_sentence(canary: Path) -> None:
    model = other_weights(canary.parent, canary)
    with pytest.raises(EngineError, match=r"does not hold weights of the network that ships: .* is missing\."):
        open_engine("auto", model)
    with pytest.raises(EngineError, match="which the engine keras runs"):
        open_engine("litert", model)
    with pytest.raises(EngineError, match="which the engine litert runs"):
        open_engine("keras", models_folder() / KEYPOINTS_INT8)


def test_every_command_refuses_it_in_a_sentence(run: Run, canary: Path, clip: Path) -> None:
    model = lambda_layer(canary.parent, canary)
    for words in (
        ["fkd-live", "--demo", "--no-window", "--weights", model],
        ["fkd", "video", clip, "--points", "points.csv", "--weights", model],
        ["fkd", "bench", "--frames", "1", "--weights", model],
    ):
        result = run(*words)
        assert result.returncode == 2
        (line,) = result.stderr.strip().splitlines()
        assert "can name any code to be run" in line
    assert canary.read_text(encoding="utf-8") == "alive"


def test_refusing_loads_neither_tensorflow_nor_hdf5(canary: Path) -> None:
    model = lambda_layer(canary.parent, canary)
    program = f"""
import sys
from pathlib import Path
from tracker.models import find_model
try:
    find_model(Path({str(model)!r}))
except Exception as error:
    print(type(error).__name__, [name for name in ("tensorflow", "keras", "h5py", "pickle") if name in sys.modules])
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert result.stdout.startswith("EngineError")
    assert not {"tensorflow", "keras", "h5py"} & set(result.stdout.replace("'", " ").replace(",", " ").split())


def test_what_stands_before_the_start_of_a_file_may_be_short(tmp_path: Path) -> None:
    for content in (b"", b"P", b"PK", b"\x80", b"\x89HDF", bytes(8)):
        (tmp_path / "a.bin").write_bytes(content)
        with pytest.raises(EngineError, match="is refused"):
            open_engine("auto", tmp_path / "a.bin")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no file"):
        open_engine("auto", Path("/dev/zero"))
    with pytest.raises(EngineError, match="no model that fkd train export wrote"):
        open_engine("auto", tmp_path)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras and numpy 2
def test_what_keras_saves_is_loaded(tmp_path: Path, network: Any) -> None:
    """With the state of the optimizer that a training keeps beside the weights."""
    other = type(network).from_config(network.get_config())
    other.compile(optimizer="adam", loss={"points": "mse", "confidence": None, "maps": None})
    other.optimizer.build(other.trainable_variables)
    rng = np.random.default_rng(0)
    other.set_weights([rng.normal(size=value.shape).astype(np.float32) for value in other.get_weights()])
    other.save_weights(tmp_path / "a.weights.h5")
    load_weights(network, tmp_path / "a.weights.h5")
    assert all((one == two).all() for one, two in zip(network.get_weights(), other.get_weights(), strict=True))
