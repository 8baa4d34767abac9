"""What could end the process is tried in one of its own: `python -m tracker.doctor.child WHAT` prints JSON."""

import json
import os
import socket
import subprocess
import sys
from typing import Any

from tracker.imports import import_tensorflow

PATIENCE = 120
"""Seconds that a child may take."""


class ChildError(Exception):
    """The child ended as it should not; the text says how."""


def ask_child(what: str) -> dict[str, Any]:
    """Runs one of the functions of `TRIALS` in a process of its own.

    Raises:
        ChildError: it ended by a signal or with an error, or took too long.
    """
    command = [sys.executable, "-P", "-m", "tracker.doctor.child", what]
    try:
        result = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise ChildError(f"no answer within {PATIENCE} s") from None
    if result.returncode < 0:
        raise ChildError(f"the process was ended by signal {-result.returncode}")
    if result.returncode:
        last = (result.stderr.strip().splitlines() or [f"exit code {result.returncode}"])[-1]
        raise ChildError(last)
    answer: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return answer


def tensorflow() -> dict[str, Any]:
    """Loads TensorFlow and asks it for GPUs."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    socket.has_ipv6 = False  # urllib3, which comes with it, would open a socket to see whether that is true
    import_tensorflow()
    import tensorflow as tf

    devices = tf.config.list_physical_devices("GPU")
    names = [tf.config.experimental.get_device_details(device).get("device_name", device.name) for device in devices]
    return {"version": tf.__version__, "cuda": tf.sysconfig.get_build_info().get("cuda_version"), "gpus": names}


def window() -> dict[str, Any]:
    """Opens a window for a moment."""
    import numpy as np

    from tracker.window import Window

    shown = Window("fkd doctor")
    shown.show(np.zeros((120, 160, 3), np.uint8), wait=50)
    shown.close()
    return {"opened": True}


TRIALS = {"tensorflow": tensorflow, "window": window}

if __name__ == "__main__":
    print(json.dumps(TRIALS[sys.argv[1]]()))
