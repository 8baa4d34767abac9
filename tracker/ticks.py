"""Times at which something is due that is done now and then."""

import math

_ROUNDING = 1e-6
"""A tick that is missed by so small a part of the interval was not missed: clocks are rounded."""


def ticked(before: float, now: float, interval: float) -> bool:
    """Whether a multiple of an interval has come since a time before; all in seconds, `before` may be -inf.

    Ticks are those of the stream's own clock: when something is due does not depend on where in the stream one began.
    With an interval of 0 it always is.
    """
    return interval <= 0 or bool(_ticks(now, interval) > _ticks(before, interval))


def _ticks(time: float, interval: float) -> float:
    return math.floor(time / interval + _ROUNDING) if math.isfinite(time) else time
