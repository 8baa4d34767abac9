"""Models as an attacker would send them. Each would touch the canary if its code were run, or unpack over it."""

import io
import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np


class Payload:
    """What a pickle runs when it is opened."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.write_text, (self.canary, "touched")


def archive(path: Path, config: dict[str, Any], **members: bytes) -> Path:
    """A `.keras` file: a description of a model, and weights."""
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        file["layers/dense/vars/0"] = np.ones((2, 2), np.float32)
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("metadata.json", json.dumps({"keras_version": "3.13.2"}))
        packed.writestr("config.json", json.dumps(config))
        packed.writestr("model.weights.h5", weights.getvalue())
        for name, content in members.items():
            packed.writestr(name, content)
    return path


def sequential(layer: dict[str, Any]) -> dict[str, Any]:
    """The description of a model of one layer."""
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "model", "layers": [layer]},
        "registered_name": None,
    }


def lambda_layer(folder: Path, canary: Path) -> Path:
    code = f"__import__('pathlib').Path({str(canary)!r}).write_text('touched')"
    function = {"class_name": "__lambda__", "config": {"code": code, "defaults": None, "closure": None}}
    layer = {"module": "keras.layers", "class_name": "Lambda", "config": {"name": "run", "function": function}}
    return archive(folder / "lambda.keras", sequential(layer))


def module_import(folder: Path, canary: Path) -> Path:
    layer = {"module": "os", "class_name": "system", "config": {"command": f"echo touched > {canary}"}}
    return archive(folder / "import.keras", sequential(layer | {"registered_name": "system"}))


def saved_model_layer(folder: Path, canary: Path) -> Path:
    config = {"name": "run", "filepath": str(canary.parent), "call_endpoint": "serve"}
    return archive(
        folder / "tfsm.keras", sequential({"module": "keras.layers", "class_name": "TFSMLayer", "config": config})
    )


def leads_out(folder: Path, canary: Path) -> Path:
    return archive(folder / "out.keras", sequential({}), **{f"../{canary.name}": b"touched", str(canary): b"touched"})


def renamed(folder: Path, canary: Path) -> Path:
    return lambda_layer(folder, canary).rename(folder / "renamed.weights.h5")


def renamed_to_litert(folder: Path, canary: Path) -> Path:
    return lambda_layer(folder, canary).rename(folder / "renamed.tflite")


def pickled(folder: Path, canary: Path) -> Path:
    (folder / "model.weights.h5").write_bytes(pickle.dumps(Payload(canary)))
    return folder / "model.weights.h5"


def pickled_first_protocol(folder: Path, canary: Path) -> Path:
    (folder / "model.pkl").write_bytes(pickle.dumps(Payload(canary), protocol=0))
    return folder / "model.pkl"


def pickled_array(folder: Path, canary: Path) -> Path:
    np.save(folder / "model.npy", np.array([Payload(canary)], object), allow_pickle=True)
    return folder / "model.npy"


def saved_model(folder: Path, canary: Path) -> Path:
    (folder / "saved").mkdir()
    (folder / "saved" / "saved_model.pb").write_bytes(b"WriteFile " + bytes(canary))
    return folder / "saved"


def whole_model(folder: Path, canary: Path) -> Path:
    path = folder / "whole.h5"
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(sequential({"class_name": "Lambda", "config": {"x": str(canary)}}))
        file["model_weights/dense/kernel"] = np.ones((2, 2), np.float32)
    return path


def other_weights(folder: Path, _: Path) -> Path:
    path = folder / "other.weights.h5"
    with h5py.File(path, "w") as file:
        file["layers/dense/vars/0"] = np.ones((2, 2), np.float32)
    return path


def linked(folder: Path, canary: Path) -> Path:
    path = folder / "linked.weights.h5"
    with h5py.File(path, "w") as file:
        file["layers/conv2d/vars/0"] = h5py.ExternalLink(str(canary), "/")
    return path


def terabytes(folder: Path, _: Path) -> Path:
    path = folder / "terabytes.weights.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("layers/conv2d/vars/0", (1 << 42,), np.float32)
    return path


STRANGERS: dict[Callable[[Path, Path], Path], str] = {
    lambda_layer: "can name any code",
    module_import: "can name any code",
    saved_model_layer: "can name any code",
    leads_out: "can name any code",
    renamed: "can name any code",
    renamed_to_litert: "can name any code",
    pickled: "pickled objects, which run code",
    pickled_first_protocol: "pickled objects, which run code",
    pickled_array: "pickled objects, which run code",
    saved_model: "SavedModel, which is a program",
}
"""What is refused for what it is, and the reason."""

ARRAYS: dict[Callable[[Path, Path], Path], str] = {
    whole_model: "it is a whole model",
    other_weights: "is missing",
    linked: "it holds links",
    terabytes: "is of shape",
}
"""What is refused for its arrays."""
