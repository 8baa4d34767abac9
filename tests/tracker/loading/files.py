"""Makes weights files and changes them, as a stranger might."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np

SHAPES = {"layers/conv2d/vars/0": (3, 3, 1, 16), "layers/dense/vars/0": (16, 2), "layers/dense/vars/1": (2,)}


def write_arrays(path: Path, **changed: Any) -> Path:
    """Writes a file with the arrays of `SHAPES`; `changed` are arguments of the first dataset."""
    with h5py.File(path, "w") as file:
        for name, shape in SHAPES.items():
            values = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
            file.create_dataset(name, **({"data": values} | (changed if "conv2d" in name else {})))
    return path
