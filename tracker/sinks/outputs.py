"""Several sinks at once, each in a thread of its own, as the command line asks for them."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from tracker.errors import FkdError, InputError, OutputError
from tracker.faces import Faces
from tracker.frame import Frame
from tracker.sinks.background import Background
from tracker.sinks.base import BaseSink, Sink, check_free, claim
from tracker.sinks.streams import Address, open_stream

VIEWER = "viewer"
ANY_DEVICE = "auto"


def recordings(rerun: str | None) -> tuple[Path, ...]:
    """The files that `rerun` asks for, as `open_outputs` takes it: one, or none."""
    return () if rerun is None or rerun == VIEWER else (Path(rerun),)


def check_recording(path: Path, *, overwrite: bool = False) -> None:
    """Makes sure that a Rerun recording can have this name, and would replace nothing that it may not.

    Raises:
        InputError: the name is none of a recording.
        OutputError: the file exists already.
    """
    if path.suffix.lower() != ".rrd":
        raise InputError(f"A Rerun recording cannot be written as {path.name}; name it .rrd, or say viewer.")
    check_free(path, overwrite=overwrite)


class Outputs(BaseSink):
    """Gives frames to any number of sinks, none of which waits for another, and goes on without one that fails.

    Args:
        drop: what happens when a sink cannot keep up, as for `Background`.
        say: takes a sentence when a sink has failed.

    Attributes:
        written: the files among the sinks, without those that failed.
        warnings: sentences for the user, from the start on.
        failures: what the sinks that failed have raised.
    """

    def __init__(self, *, drop: bool, say: Callable[[str], None] = lambda _: None) -> None:
        self.written: list[Path] = []
        self.warnings: list[str] = []
        self.failures: list[Exception] = []
        self._drop, self._say = drop, say
        self._sinks: dict[str, Sink] = {}
        self._dropped: dict[str, int] = {}
        self._said: set[str] = set()

    def add(self, name: str, sink: Sink, *, threaded: bool = False) -> None:
        """Adds a sink, which is closed with this.

        Args:
            name: by which the user knows it; of a file, its path.
            sink: what gets the frames from now on.
            threaded: whether it works in a thread of its own already, and never holds the loop up.
        """
        self._sinks[name] = sink if threaded else Background(sink, drop=self._drop)

    def append(self, frame: Frame, faces: Faces) -> None:
        """Gives the frame to all sinks; one that fails is closed and left out from then on."""
        for name, sink in list(self._sinks.items()):
            try:
                sink.append(frame, faces)
            except Exception as error:  # noqa: BLE001 - whatever it is, the other sinks go on
                self._fail(name, error, " Going on without it." if len(self._sinks) > 1 else "")
                self.end(name)

    def end(self, name: str) -> None:
        """Closes a sink before the others; does nothing if there is none of this name."""
        sink = self._sinks.pop(name, None)
        if sink is None:
            return
        try:
            sink.close()
        except Exception as error:  # noqa: BLE001 - whatever it is, the other sinks are closed too
            self._fail(name, error)
        if sink.dropped:
            self._dropped[name] = self._dropped.get(name, 0) + sink.dropped

    def __contains__(self, name: str) -> bool:
        return name in self._sinks

    def close(self) -> None:
        """Closes all sinks, each also when another cannot be closed; may be called twice."""
        for name in list(self._sinks):
            self.end(name)

    @property
    def exit_code(self) -> int:
        """With which the program ends for what failed first; 0 if nothing did."""
        codes = [error.exit_code if isinstance(error, FkdError) else 1 for error in self.failures]
        return codes[0] if codes else 0

    @property
    def going(self) -> bool:
        """Whether there is a sink left."""
        return bool(self._sinks)

    @property
    def over(self) -> bool:
        """Whether all sinks that there were have failed."""
        return bool(self.failures) and not self._sinks

    @property
    def dropped(self) -> int:
        """How many frames did not arrive, over all sinks."""
        return sum(self._lost().values())

    @property
    def losses(self) -> list[str]:
        """A sentence per sink that did not get every frame."""
        lost = self._lost().items()
        return [f"{name}: {count} {'frame' if count == 1 else 'frames'} dropped" for name, count in lost if count]

    def _lost(self) -> dict[str, int]:
        now = {name: sink.dropped + self._dropped.get(name, 0) for name, sink in self._sinks.items()}
        return self._dropped | now

    def _fail(self, name: str, error: Exception, consequence: str = "") -> None:
        """Takes note of a failure and says it; a sink that failed may fail again as it is closed."""
        self.failures.append(error)
        self.written = [path for path in self.written if str(path) != name]
        sentence = str(error) if isinstance(error, FkdError) else f"{name} failed: {type(error).__name__}: {error}."
        if sentence not in self._said:
            self._said.add(sentence)
            self._say(sentence + consequence)


def open_outputs(
    *,
    points: Iterable[Path | str] = (),
    send: Iterable[str] = (),
    virtual_camera: str | None = None,
    rerun: str | None = None,
    rate: float | None = None,
    overwrite: bool = False,
    drop: bool = False,
    measures: Sequence[str] = (),
    say: Callable[[str], None] = lambda _: None,
) -> Outputs:
    """Opens all that is to get the points; no file that exists is touched before all names are found to be good.

    Args:
        points: files, as `open_points` takes them.
        send: addresses, as `open_stream` takes them.
        virtual_camera: name of a device, or `auto`.
        rerun: an .rrd file, or `viewer`.
        rate: about how many frames per second will come, where known.
        overwrite: whether files that exist are replaced.
        drop: whether a sink that cannot keep up loses frames, or is waited for.
        measures: names of the measures that the faces will have, which are further columns of tables.
        say: takes a sentence when one of them has failed while the others go on.

    Raises:
        InputError: an address is none.
        OutputError: a file cannot be written, a stream not opened, or a package is not installed.
    """
    from tracker.sinks import check_points, open_points

    paths = [Path(path) for path in points]
    for path in paths:
        check_points(path, overwrite=overwrite)
    for path in recordings(rerun):
        check_recording(path, overwrite=overwrite)
    addresses = [Address.parse(text) for text in send]
    outputs = Outputs(drop=drop, say=say)
    try:
        for address in addresses:
            if str(address) in outputs:
                raise InputError(f"{address} is named twice; outputs must differ from each other.")
            outputs.add(str(address), open_stream(address))
            if not address.local:
                outputs.warnings.append(f"{address} is not this machine: the points travel where others can read them.")
        if virtual_camera is not None:
            from tracker.sinks.virtual_camera import VirtualCameraSink

            device = None if virtual_camera == ANY_DEVICE else virtual_camera
            outputs.add("virtual camera", VirtualCameraSink(device, rate))
        if rerun is not None:
            outputs.add(rerun, _open_rerun(outputs, rerun, overwrite=overwrite))
        for path in paths:
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
    claim(path, overwrite=overwrite)
    outputs.written.append(path)
    return RerunSink(path)
