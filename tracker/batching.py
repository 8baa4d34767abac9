"""One batch for all: work on images that stops where the network is needed, so that it looks at all crops together."""

from collections.abc import Generator, Sequence

import numpy as np
from numpy.typing import NDArray

from tracker.engines import Engine
from tracker.faces import Faces
from tracker.stopwatch import Stopwatch

Answers = NDArray[np.float32]
"""What the network says of crops, (N, 15, 3)."""
Looks = Generator[NDArray[np.uint8], Answers, Faces]
"""The work on one image, which stops where the network is needed: it yields crops (N, 96, 96), is sent the answers, and
returns the faces. Whoever advances it may put crops of other images into the same batch."""


def advance(engine: Engine, looks: Sequence[Looks], stopwatch: Stopwatch) -> list[Faces]:
    """Does the work on several images, their crops in one batch whenever the network is needed.

    Args:
        engine: runs the network.
        looks: the work on each image, from `Tracker.looks_at`, each of another tracker.
        stopwatch: of the network.

    Returns:
        The faces of each image.
    """
    faces: dict[int, Faces] = {}
    answers: dict[int, Answers | None] = dict.fromkeys(range(len(looks)))
    while answers:
        wanted: dict[int, NDArray[np.uint8]] = {}
        for place, answer in answers.items():
            try:
                wanted[place] = next(looks[place]) if answer is None else looks[place].send(answer)
            except StopIteration as end:
                faces[place] = end.value
        if not wanted:
            break
        with stopwatch.stage("network"):
            answers = _answered(engine, wanted)
    return [faces[place] for place in range(len(looks))]


def _answered(engine: Engine, wanted: dict[int, NDArray[np.uint8]]) -> dict[int, Answers | None]:
    """What the network says of the crops wanted, all in one batch."""
    if len(wanted) == 1:
        ((place, crops),) = wanted.items()
        return {place: engine.predict(crops)}
    batch = engine.predict(np.concatenate(list(wanted.values())))
    ends = np.cumsum([len(crops) for crops in wanted.values()])
    return dict(zip(wanted, np.split(batch, ends[:-1]), strict=True))
