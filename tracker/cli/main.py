"""The programs `fkd` and `fkd-live`: commands, and what becomes of errors."""

import sys
from collections.abc import Callable
from typing import Annotated, Any, NoReturn

import typer

from tracker import __version__
from tracker.cache import adopt_libraries
from tracker.cli.batch import batch
from tracker.cli.bench import bench
from tracker.cli.cameras import cameras
from tracker.cli.config import ConfiguredCommand, clause
from tracker.cli.console import outlive_terminal
from tracker.cli.doctor import doctor
from tracker.cli.live import live
from tracker.cli.messages import printable
from tracker.cli.plot import plot
from tracker.cli.recover import recover
from tracker.cli.video import video
from tracker.errors import FkdError
from training.cli import application as train

INTERRUPTED = 130


def _application(**options: Any) -> typer.Typer:
    return typer.Typer(
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        **options,
    )


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fkd {__version__}")
        raise typer.Exit


application = _application(
    no_args_is_help=True, help="Finds 15 keypoints on every face of a camera, a video or pictures."
)
application.command(cls=ConfiguredCommand)(live)
application.command(cls=ConfiguredCommand)(video)
application.command(cls=ConfiguredCommand)(batch)
application.command()(plot)
application.command()(recover)
application.command()(bench)
application.command()(cameras)
application.command()(doctor)
application.add_typer(train, name="train")
live_application = _application()
live_application.command(cls=ConfiguredCommand)(live)


@application.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    pass


def fkd() -> NoReturn:
    """Runs `fkd`."""
    _run(application)


def fkd_live() -> NoReturn:
    """Runs `fkd-live`, which is `fkd live`."""
    _run(live_application)


def _run(program: Callable[..., Any]) -> NoReturn:
    outlive_terminal()
    adopt_libraries()
    try:
        code = program(standalone_mode=False)
    except FkdError as error:
        _say(printable(str(error)))
        sys.exit(error.exit_code)
    except typer.TyperException as error:
        _say(_refusal(error))
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        sys.exit(INTERRUPTED)
    sys.exit(code if isinstance(code, int) else 0)


def _refusal(error: typer.TyperException) -> str:
    """Puts into a sentence what was wrong with the words of the command line, and names the help."""
    message = error.format_message()
    if message.startswith("Usage:"):
        return f"name a command.\n{message}"
    context = getattr(error, "ctx", None)
    sentence = clause(message)
    if not context:
        return f"{sentence}."
    see = f"see {context.command_path} --help."
    return f"{sentence} {see.capitalize()}" if sentence.endswith("?") else f"{sentence}; {see}"


def _say(sentence: str) -> None:
    sys.stderr.write(f"fkd: {sentence}\n")
