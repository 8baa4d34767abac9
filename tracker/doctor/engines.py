"""What runs the networks, and why."""

from collections.abc import Iterator

from tracker.doctor.child import ChildError, ask_child
from tracker.doctor.findings import Finding, good, note, problem
from tracker.doctor.private import anonymous
from tracker.engines.base import missing_for_gpu
from tracker.errors import EngineError

_AGAIN = "install it again: pip install --force-reinstall"
_WITH_GPU = 'pip install "fkd[gpu]"'


def litert() -> Iterator[Finding]:
    """Runs the shipped network once."""
    import numpy as np

    from tracker.crop import CROP_SIZE
    from tracker.engines.litert import LiteRTEngine

    try:
        engine = LiteRTEngine()
        answer = engine.predict(np.zeros((1, CROP_SIZE, CROP_SIZE), np.uint8))
    except (EngineError, RuntimeError) as error:
        yield problem("engine litert", f"does not run: {anonymous(str(error))}", f"{_AGAIN} ai-edge-litert")
        return
    if np.isfinite(answer).all():
        yield good("engine litert", f"runs: {engine.name}", engine=engine.name)
    else:
        yield problem("engine litert", "gives values that are no numbers", f"{_AGAIN} ai-edge-litert fkd")


def graphics() -> Iterator[Finding]:
    """Asks TensorFlow for GPUs, in a process of its own: on some processors importing it ends the process."""
    missing = missing_for_gpu()
    try:
        answer = ask_child("tensorflow")
    except ChildError as error:
        text = f"TensorFlow cannot be imported: {anonymous(str(error))}"
        yield note("engine keras", text, f"nothing for tracking on a CPU; for training or a GPU: {_AGAIN} tensorflow")
        if missing is None:
            text = "--engine auto looks for a GPU by TensorFlow, which cannot be imported"
            yield problem("chosen", text, "until it can, say --engine litert")
        else:
            yield good("chosen", f"--engine auto takes litert, for {missing}", engine="litert")
        return
    devices = ", ".join(answer["gpus"])
    yield good("engine keras", f"TensorFlow {answer['version']} runs, GPU: {devices or 'none'}", **answer)
    if missing is None and not devices:
        missing = "TensorFlow sees no GPU, although a driver and its CUDA packages are there"
    if missing is None:
        yield good("chosen", f"--engine auto takes keras, for TensorFlow can use {devices}", engine="keras")
        return
    yield good("chosen", f"--engine auto takes litert, for {missing}", engine="litert")
    if devices:
        yield note("GPU", f"TensorFlow can use {devices}, but {missing}", "to use it, say --engine keras")
    else:
        advice = f"nothing, a CPU will do; else a GPU and driver of NVIDIA on Linux, then {_WITH_GPU}, then nvidia-smi"
        yield note("GPU", f"none: {missing}", f"{advice}; TensorFlow wants CUDA {answer['cuda'] or '(unknown)'}")


def detector() -> Iterator[Finding]:
    """Looks for the face of the portrait that comes with the program."""
    from tracker.pipeline import Tracker
    from tracker.sources.demo import PORTRAIT
    from tracker.sources.images import read_image

    with Tracker(engine="litert") as tracker:
        found = len(tracker.detect(read_image(PORTRAIT)))
    if found == 1:
        yield good("faces", "the one of the built-in picture is found", faces=found)
    else:
        yield problem(
            "faces", f"{found} found in the built-in picture, which has 1", f"{_AGAIN} mediapipe fkd", faces=found
        )
