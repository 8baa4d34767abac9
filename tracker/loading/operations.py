"""The operations that a LiteRT file may have: arithmetic on arrays, as in networks like ours, and nothing else.

No operation of these reads or writes anything but arrays of the graph; there are no custom ones, no loops, no calls,
no variables, no strings. Numbers are those of TensorFlow's `schema.fbs`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operation:
    """What may be said of an operation.

    Attributes:
        name: as in TensorFlow's schema.
        inputs: how many there may be, fewest and most.
        options: number of its table of options; 0 for none.
        fields: what is in that table, in the order of its fields: `b` for a number of 1 byte, `i` of 4; `s` for a step,
            which is divided by and is 0 if left out, `d` for one that is 1 if left out; `v` for several numbers; `-`
            for nothing.
    """

    name: str
    inputs: tuple[int, int]
    options: int = 0
    fields: str = ""


MANY = 64
"""More inputs than this no operation has."""

OPERATIONS = {
    0: Operation("ADD", (2, 2), 11, "bb"),
    1: Operation("AVERAGE_POOL_2D", (1, 1), 5, "bssssb"),
    2: Operation("CONCATENATION", (1, MANY), 10, "ib"),
    3: Operation("CONV_2D", (2, 3), 1, "bssbddb"),
    4: Operation("DEPTHWISE_CONV_2D", (2, 3), 2, "bsssbdd"),
    6: Operation("DEQUANTIZE", (1, 1), 46),
    9: Operation("FULLY_CONNECTED", (2, 3), 8, "bbbbb"),
    14: Operation("LOGISTIC", (1, 1)),
    17: Operation("MAX_POOL_2D", (1, 1), 5, "bssssb"),
    18: Operation("MUL", (2, 2), 21, "b"),
    19: Operation("RELU", (1, 1)),
    21: Operation("RELU6", (1, 1)),
    22: Operation("RESHAPE", (1, 2), 17, "v"),
    23: Operation("RESIZE_BILINEAR", (2, 2), 15, "--bb"),
    25: Operation("SOFTMAX", (1, 1), 9, "i"),
    28: Operation("TANH", (1, 1)),
    34: Operation("PAD", (2, 2), 22),
    36: Operation("GATHER", (2, 2), 23, "ii"),
    39: Operation("TRANSPOSE", (2, 2), 26),
    40: Operation("MEAN", (2, 2), 27, "b"),
    41: Operation("SUB", (2, 2), 28, "bb"),
    42: Operation("DIV", (2, 2), 29, "b"),
    45: Operation("STRIDED_SLICE", (4, 4), 32, "iiiiib"),
    47: Operation("EXP", (1, 1), 33),
    55: Operation("MAXIMUM", (2, 2), 39),
    57: Operation("MINIMUM", (2, 2), 39),
    60: Operation("PADV2", (3, 3), 43),
    65: Operation("SLICE", (3, 3), 45),
    73: Operation("LOG", (1, 1)),
    74: Operation("SUM", (2, 2), 27, "b"),
    77: Operation("SHAPE", (1, 1), 55, "b"),
    81: Operation("REDUCE_PROD", (2, 2), 27, "b"),
    82: Operation("REDUCE_MAX", (2, 2), 27, "b"),
    83: Operation("PACK", (1, MANY), 59, "ii"),
    114: Operation("QUANTIZE", (1, 1), 87),
    117: Operation("HARD_SWISH", (1, 1), 91),
}
"""Operations by the numbers that the schema gives them."""
