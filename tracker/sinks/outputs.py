"""Several sinks at once, each in a thread of its own, as the command line asks for them."""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

from tracker.errors import InputError, OutputError
from tracker.faces import Faces
from tracker.frame import Frame
from tracker.sinks.background import Background
from tracker.sinks.base import Closing, Sink, claim
from tracker.sinks.streams import Address, open_stream

VIEWER = "viewer"
ANY_DEVICE = "auto"


class Outputs(Closing):
    """Gives frames to any number of sinks, none of which waits for another.

    Args:
        drop: what happens when a sink cannot keep up, as for `Background`.

    Attributes:
        written: the files among the sinks.
        warnings: sentences for the user, from the start on.
    """

    def __init__(self, *, drop: bool) -> None:
        self.written: list[Path] = []
        self.warnings: list[str] = []
        self._drop = drop
        self._sinks: dict[str, Background] = {}
        self._stack = ExitStack()

    def add(self, name: str, sink: Sink) -> None:
        """Adds a sink, which is closed with this, under the name by which the user knows it."""
        self._sinks[name] = self._stack.enter_context(Background(sink, drop=self._drop))

    def append(self, frame: Frame, faces: Faces) -> None:
        """Gives the frame to all sinks."""
        for sink in self._sinks.values():
            sink.append(frame, faces)

    def close(self) -> None:
        """Closes all sinks, each also when another cannot be closed; may be called twice."""
        self._stack.close()

    @property
    def dropped(self) -> int:
        """How many frames did not arrive, over all sinks."""
        return sum(sink.dropped for sink in self._sinks.values())

    @property
    def losses(self) -> list[str]:
        """A sentence per sink that did not get every frame."""
        lost = {name: sink.dropped for name, sink in self._sinks.items() if sink.dropped}
        return [f"{name}: {count} {'frame' if count == 1 else 'frames'} dropped" for name, count in lost.items()]


def open_outputs(
    *,
    points: Iterable[Path] = (),
    send: Iterable[str] = (),
    virtual_camera: str | None = None,
    rerun: str | None = None,
    rate: float | None = None,
    overwrite: bool = False,
    drop: bool = False,
    measures: Sequence[str] = (),
) -> Outputs:
    """Opens all that is to get the points.

    Args:
        points: files, as `open_points` takes them.
        send: addresses, as `open_stream` takes them.
        virtual_camera: name of a device, or `auto`.
        rerun: an .rrd file, or `viewer`.
        rate: about how many frames per second will come, where known.
        overwrite: whether files that exist are replaced.
        drop: whether a sink that cannot keep up loses frames, or is waited for.
        measures: names of the measures that the faces will have, which are further columns of tables.

    Raises:
        InputError: an address is none.
        OutputError: a file cannot be written, a stream not opened, or a package is not installed.
    """
    from tracker.sinks import open_points

    addresses = [Address.parse(text) for text in send]
    outputs = Outputs(drop=drop)
    try:
        for address in addresses:
            outputs.add(str(address), open_stream(address))
            if not address.local:
                outputs.warnings.append(f"{address} is not this machine: the points travel where others can read them.")
        if virtual_camera is not None:
            from tracker.sinks.virtual_camera import VirtualCameraSink

            device = None if virtual_camera == ANY_DEVICE else virtual_camera
            outputs.add("virtual camera", VirtualCameraSink(device, rate))
        if rerun is not None:
            outputs.add(rerun, _open_rerun(outputs, rerun, overwrite=overwrite))
        for path in points:
            if path in outputs.written:
                raise OutputError(f"{path} is named twice; outputs must differ from each other.")
            outputs.add(str(path), open_points(path, overwrite=overwrite, measures=measures))
            outputs.written.append(path)
    except BaseException:
        outputs.close()
        raise
    return outputs


def _open_rerun(outputs: Outputs, where: str, *, overwrite: bool) -> Sink:
    from tracker.sinks.rerun import RerunSink

    if where == VIEWER:
        outputs.warnings.append("Rerun's viewer reports its use to its makers; `rerun analytics disable` ends that.")
        return RerunSink(None)
    path = Path(where)
    if path.suffix.lower() != ".rrd":
        raise InputError(f"A Rerun recording cannot be written as {path.name}; name it .rrd, or say viewer.")
    claim(path, overwrite=overwrite)
    outputs.written.append(path)
    return RerunSink(path)
