"""What a live loop is asked for."""

from dataclasses import dataclass, replace
from pathlib import Path

from tracker.judges import Settings
from tracker.privacy import Privacy
from tracker.serve.address import Address
from tracker.sinks import check_points, check_video
from tracker.sinks.outputs import check_recording, recordings


@dataclass(frozen=True, slots=True)
class LiveOptions:
    """What the user asked for; see `fkd live --help`."""

    record: Path | None = None
    points: tuple[Path, ...] = ()
    send: tuple[str, ...] = ()
    virtual_camera: str | None = None
    rerun: str | None = None
    overwrite: bool = False
    window: bool = True
    mirror: bool = False
    engine: str = "auto"
    detector: str = "full"
    smooth: str = "normal"
    max_faces: int = 64
    weights: Path | None = None
    serve: Address | None = None
    serve_points_only: bool = False
    measures: bool = False
    focal: float | None = None
    privacy: str | None = None

    @property
    def watched(self) -> bool:
        """Whether another program follows while the loop runs, so that a file is to be played in its own time."""
        return bool(self.send) or self.virtual_camera is not None or self.serve is not None

    @property
    def files(self) -> tuple[Path, ...]:
        """What is to be written, apart from what keys ask for."""
        return (*self.points, *recordings(self.rerun), *(() if self.record is None else (self.record,)))

    def check_files(self) -> None:
        """Makes sure that all files can be written, as far as can be told without touching anything.

        A slip in the name of one must not cost what another would replace.

        Raises:
            InputError: the name of a Rerun recording is none.
            OutputError: another name is none, or a file exists already.
        """
        for path in self.points:
            check_points(path, overwrite=self.overwrite)
        for path in recordings(self.rerun):
            check_recording(path, overwrite=self.overwrite)
        if self.record is not None:
            check_video(self.record, overwrite=self.overwrite)

    @property
    def settings(self) -> Settings:
        """How a tracker decides.

        Raises:
            InputError: there is no such privacy.
        """
        settings = Settings(max_faces=self.max_faces)
        return Privacy(self.privacy).settings(settings) if self.privacy else settings

    def of_source(self, number: int) -> "LiveOptions":
        """The options of the files of one source among several: its number is in their names, and nothing is shared."""

        def named(path: Path) -> Path:
            return path.with_stem(f"{path.stem}-{number}")

        return replace(
            self,
            record=None if self.record is None else named(self.record),
            points=tuple(named(path) for path in self.points),
            rerun=None if self.rerun is None else str(named(Path(self.rerun))),
            send=(),
            virtual_camera=None,
            serve=None,
        )
