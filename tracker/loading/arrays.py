"""Puts the arrays of a Keras weights file into a network that our own code has built.

Keras's own reader takes names, sizes and links from the file. Here the network says which arrays there must be, and
they are read by these names and in these shapes alone; what else is in the file, such as the state of an optimizer, is
left.
"""

from pathlib import Path
from typing import Any

from tracker.loading.hdf5 import ArrayFile

LARGEST = 256 << 20
"""A weights file of more bytes than this is not read; ours have 2.6 MB, the largest that `fkd train` makes some 60."""
_NAMES = {"Conv2D": "conv2d", "BatchNormalization": "batch_normalization", "Dense": "dense"}
"""What Keras calls layers of a class in a file; the second and later of a class get a number."""


def load_weights(network: Any, path: Path) -> None:
    """Fills a network from a `.weights.h5` that `network.save_weights` has written.

    Args:
        network: a `keras.Model` of convolutions, normalisations and dense layers.
        path: the file.

    Raises:
        ValueError: it does not hold this network's arrays; the network is as it was.
        OSError: it cannot be read.
    """
    set_weights(network, read_file(path, LARGEST))


def set_weights(network: Any, content: bytes) -> None:
    """Fills a network as `load_weights` does, from the content of a file."""
    file = ArrayFile(content)
    if "model_weights" in file.names():
        raise ValueError("it is a whole model (.h5), not weights (.weights.h5) of a network that is known here")
    layers = {name: layer for name, layer in _named(network).items() if layer.weights}
    read = {
        name: [file.array(f"layers/{name}/vars/{i}", tuple(v.shape)) for i, v in enumerate(layer.weights)]
        for name, layer in layers.items()
    }
    for name, values in read.items():
        layers[name].set_weights(values)


def read_file(path: Path, largest: int) -> bytes:
    """Returns what a file holds.

    Raises:
        ValueError: it is larger than so many bytes.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise ValueError(f"it is larger than {largest >> 20} MB")
    return content


def _named(network: Any) -> dict[str, Any]:
    """Layers by the names that they have in files."""
    counts: dict[str, int] = {}
    named = {}
    for layer in network.layers:
        kind = type(layer).__name__
        if kind not in _NAMES:
            if layer.weights:
                raise TypeError(f"weights of a {kind} cannot be read")
            continue
        count = counts[kind] = counts.get(kind, -1) + 1
        named[f"{_NAMES[kind]}_{count}" if count else _NAMES[kind]] = layer
    return named
