"""`--devices`, which the commands that train have in common."""

from typing import TYPE_CHECKING, Annotated

import typer

from tracker.imports import import_tensorflow
from tracker.quiet import quiet_stderr

if TYPE_CHECKING:
    from training.fitting.devices import Devices

DeviceChoice = Annotated[
    str,
    typer.Option(
        metavar="all|N|LIST",
        help="Where to train: every GPU (or the CPU), so many GPUs, or some of them: gpu:0,gpu:2. Several machines: "
        "start the command on each, with TF_CONFIG.",
    ),
]


def open_devices(choice: str) -> "Devices":
    """Opens the devices; nothing may have been computed before."""
    with quiet_stderr():  # TensorFlow logs at import
        import_tensorflow()
        from training.fitting.devices import Devices
    return Devices(choice)
