"""Looks a LiteRT file through before the interpreter gets it, which follows every number in it without asking.

A file passes if all its tables, texts and arrays lie within it, it is one graph of arithmetic (`operations`) from a
batch of crops to keypoints, whose operations read only what was computed before them, and it is within the limits
below.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.crop import CROP_SIZE
from tracker.keypoints import COUNT
from tracker.loading.arrays import read_file
from tracker.loading.flatbuffer import Table, root
from tracker.loading.operations import MANY, OPERATIONS, Operation

LARGEST = 256 << 20
"""A file of more bytes than this is not read; ours have 0.7 and 2.4 MB, the largest that `fkd train` makes some 110."""
MOST_PARTS = 4096
"""More tensors, operations or buffers than this no network of ours has; they have at most 200."""
LARGEST_ACTIVATIONS = 32 << 20
"""Bytes of all arrays together that are computed from one crop; those of ours have 2 MB."""
LARGEST_SIDE = 1 << 20
DEEPEST = 6
"""Dimensions of an array."""

_ITEM_SIZE = {0: 4, 1: 2, 2: 4, 3: 1, 4: 8, 6: 1, 9: 1}
"""Bytes of an item by the schema's number of its type: float32, float16, int32, uint8, int64, bool, int8."""


def read_checked(path: Path) -> bytes:
    """Returns the content of a LiteRT file that was looked through.

    Raises:
        ValueError: it is not what is said above; the message is a clause that says why.
        OSError: it cannot be read.
    """
    content = read_file(path, LARGEST)
    check(content)
    return content


def check(content: bytes) -> None:
    """Looks the content of a LiteRT file through; raises ValueError."""
    if content[4:8] != b"TFL3":
        raise ValueError("it is no LiteRT file")
    model = root(content)
    model.only(0, 1, 2, 3, 4, 5, 6, 7)
    if model.number(0, "I") != 3:
        raise ValueError("it is of another version of the format than 3")
    model.text(3)
    codes = [_operation(code) for code in model.tables(1, MOST_PARTS)]
    buffers = [_buffer(buffer) for buffer in model.tables(4, MOST_PARTS)]
    _indices(model.numbers(5, "<i4"), len(buffers))
    for note in model.tables(6, MANY):
        note.only(0, 1)
        note.text(0)
        _indices(note.number(1, "I"), len(buffers))
    graphs = model.tables(2, MANY)
    if len(graphs) != 1:
        raise ValueError(f"it has {len(graphs)} graphs, not 1")
    tensors = _check_graph(graphs[0], codes, buffers)
    for signature in model.tables(7, MANY):
        _check_signature(signature, tensors)


def _operation(code: Table) -> Operation:
    code.only(0, 2, 3)  # without a name of its own, which is what custom operations have
    number = max(code.number(0, "b"), code.number(3, "i"))
    if number not in OPERATIONS:
        raise ValueError(f"its operation {number} is none that networks like ours need")
    code.number(2, "i")
    return OPERATIONS[number]


def _buffer(buffer: Table) -> int:
    """How many bytes a buffer has, which lie in the file itself."""
    buffer.only(0)
    return buffer.numbers(0, "u1").size


def _check_graph(graph: Table, codes: list[Operation], buffers: list[int]) -> int:
    """Checks the graph; returns how many tensors it has."""
    graph.only(0, 1, 2, 3, 4, 5)
    graph.text(4)
    graph.number(5, "i")
    shapes, known = [], set()
    activations = 0
    for index, tensor in enumerate(graph.tables(0, MOST_PARTS)):
        shape, size, constant = _tensor(tensor, buffers)
        shapes.append(shape)
        if constant:
            known.add(index)
        else:
            activations += size
    if activations > LARGEST_ACTIVATIONS:
        raise ValueError(f"it takes more than {LARGEST_ACTIVATIONS >> 20} MB per crop")
    given, gives = (_indices(graph.numbers(field, "<i4"), len(shapes)) for field in (1, 2))
    if len(given) != 1 or len(gives) != 1:
        raise ValueError("it does not take one array and give one")
    taken, given_back = shapes[given[0]][1:], shapes[gives[0]][1:]
    if taken != (CROP_SIZE, CROP_SIZE, 1) or given_back != (COUNT, 3):
        raise ValueError(f"it is not a keypoint model: it takes {taken} and gives {given_back} per crop")
    if known & set(given):
        raise ValueError("what it takes is constant")
    known |= set(given)
    for operation in graph.tables(3, MOST_PARTS):
        known |= _check_operation(operation, codes, known, len(shapes))
    if not known.issuperset(gives):
        raise ValueError("what it gives is never computed")
    return len(shapes)


def _tensor(tensor: Table, buffers: list[int]) -> tuple[tuple[int, ...], int, bool]:
    """Checks an array of the graph; returns shape, size in bytes and whether it is constant."""
    tensor.only(0, 1, 2, 3, 4, 5, 7, 8)
    tensor.text(3)
    shape = tuple(map(int, tensor.numbers(0, "<i4")))
    said = tuple(map(int, tensor.numbers(7, "<i4")))
    item = _ITEM_SIZE.get(tensor.number(1, "b"))
    if item is None or tensor.number(5, "B"):
        raise ValueError("it has an array of a type that no network of ours needs")
    if len(shape) > DEEPEST or any(not 1 <= side <= LARGEST_SIDE for side in shape):
        raise ValueError(f"it has an array of shape {shape}")
    if said and (len(said) != len(shape) or any(a not in (-1, b) for a, b in zip(said, shape, strict=True))):
        raise ValueError(f"it has an array of shape {shape} and of {said} at the same time")
    tensor.number(8, "B")
    size = item * int(np.prod(shape, dtype=np.float64))
    (buffer,) = _indices(tensor.number(2, "I"), len(buffers))
    if buffers[buffer] not in (0, size):
        raise ValueError(f"it has an array of {size} bytes by its shape and of {buffers[buffer]} by its content")
    ranges = tensor.table(4)
    if ranges is not None:
        _check_ranges(ranges, shape)
    return shape, size, buffers[buffer] > 0


def _check_ranges(ranges: Table, shape: tuple[int, ...]) -> None:
    """Checks how the numbers of an array are meant, if they are whole numbers."""
    ranges.only(0, 1, 2, 3, 4, 6)
    scales, zeros = ranges.numbers(2, "<f4"), ranges.numbers(3, "<i8")
    along = ranges.number(6, "i")
    if ranges.number(4, "B") or not 0 <= along < max(len(shape), 1):
        raise ValueError("it has an array whose numbers are not meant in a way that is known here")
    lengths = {scales.size, zeros.size, ranges.numbers(0, "<f4").size, ranges.numbers(1, "<f4").size}
    if not lengths <= {0, 1, shape[along] if shape else 1} or (scales.size and zeros.size != scales.size):
        raise ValueError("it has an array with ranges for another number of channels")
    if not (np.isfinite(scales).all() and (scales > 0).all() and (np.abs(zeros) <= 255).all()):
        raise ValueError("it has an array with ranges that are none")


def _check_operation(operation: Table, codes: list[Operation], known: set[int], tensors: int) -> set[int]:
    """Checks an operation; returns which tensors it computes."""
    operation.only(0, 1, 2, 3, 4, 6, 7, 8, 13)
    (code,) = _indices(operation.number(0, "I"), len(codes))
    kind = codes[code]
    inputs = operation.numbers(1, "<i4")
    outputs = set(_indices(operation.numbers(2, "<i4"), tensors))
    fewest, most = kind.inputs
    if not fewest <= len(inputs) <= most or len(outputs) != 1 or operation.numbers(8, "<i4").size:
        raise ValueError(f"its {kind.name} takes or gives another number of arrays than it should")
    needed = set(map(int, inputs[:fewest])) | {int(index) for index in inputs[fewest:] if index != -1}
    if not needed <= known or outputs & known:
        raise ValueError(f"its {kind.name} reads what is not computed before it, or computes what is there already")
    operation.number(6, "b")
    operation.number(13, "i")
    if operation.numbers(7, "u1").any():
        raise ValueError(f"its {kind.name} changes its inputs")
    _check_options(operation, kind)
    return outputs


def _check_options(operation: Table, kind: Operation) -> None:
    options = operation.table(4)
    if operation.number(3, "B") not in (0, kind.options) or (options is None) != (operation.number(3, "B") == 0):
        raise ValueError(f"its {kind.name} has the options of another operation")
    if options is None:
        if "s" in kind.fields:
            raise ValueError(f"its {kind.name} has no options")
        return
    options.only(*(field for field, form in enumerate(kind.fields) if form != "-"))
    for field, form in enumerate(kind.fields):
        if form == "v":
            options.numbers(field, "<i4")
        elif form in "sd":
            step = options.number(field, "i", int(form == "d"))
            if not 1 <= step <= CROP_SIZE:
                raise ValueError(f"its {kind.name} has {step} as a step")
        elif form != "-":
            options.number(field, form)


def _check_signature(signature: Table, tensors: int) -> None:
    signature.only(0, 1, 2, 4)
    signature.text(2)
    _indices(signature.number(4, "I"), 1)
    for name in (*signature.tables(0, MANY), *signature.tables(1, MANY)):
        name.only(0, 1)
        name.text(0)
        _indices(name.number(1, "I"), tensors)


def _indices(values: NDArray[Any] | int, count: int) -> list[int]:
    """Returns numbers as a list if each is one of 0 to count - 1."""
    found = [int(value) for value in np.atleast_1d(values)]
    if any(not 0 <= value < count for value in found):
        raise ValueError("it counts on parts that it does not have")
    return found
