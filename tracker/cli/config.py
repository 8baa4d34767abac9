"""Options from a file and from the environment, for any command.

Where an option is given more than once, the command line counts before the environment, the environment before the
file, and the file before the default.
"""

import json
import os
import re
import tomllib
from collections.abc import Iterable
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperOption
from typer.main import get_command

from tracker.errors import InputError

TABLES = ("live", "video", "batch")
"""Commands that take a file; each may have a table of its own in it."""
PREFIX = "FKD_"
_PRINT, _PRINT_FLAG = "fkd.print_config", "--print-config"
_SOURCES = {"COMMANDLINE": "command line", "ENVIRONMENT": "environment", "DEFAULT_MAP": "file"}
"""The first counts first."""


class ConfiguredCommand(TyperCommand):
    """A command whose options a file and variables can give too; use it as `cls` where the command is registered.

    Every option that the command's function declares takes part under its long name: `--max-faces` is `max-faces` in
    the file and `FKD_MAX_FACES` in the environment. The command gets `--config` and `--print-config`.
    """

    def __init__(self, *args: Any, **settings: Any) -> None:
        settings.setdefault("epilog", f"Options can also come from a file and from variables: {PREFIX}MAX_FACES=4.")
        super().__init__(*args, **settings)
        self.configurable: dict[str, TyperOption] = {
            _key(param): param for param in self.params if isinstance(param, TyperOption)
        }
        for key, option in self.configurable.items():
            option.envvar = option.envvar or PREFIX + key.upper().replace("-", "_")
            option.show_envvar = False
            if option.multiple:
                option.value_from_envvar = partial(_one_a_line, option)  # type: ignore[method-assign]
            if option.is_bool_flag and not option.secondary_opts:  # the command line must be able to take it back
                option.secondary_opts.append(f"--{key.removeprefix('no-') if key.startswith('no-') else f'no-{key}'}")
                option.show_default = False
        self.params.extend(_own_options())

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parses the command line; to print the options, nothing is required."""
        required = [param for param in self.params if param.required and _PRINT_FLAG in args]
        for param in required:
            param.required = False
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter as error:
            option = error.param
            if isinstance(option, TyperOption) and _source(ctx, option) == "environment":
                raise InputError(f"{option.envvar} in the environment: {clause(error.message)}.") from None
            raise
        finally:
            for param in required:
                param.required = True

    def invoke(self, ctx: Any) -> Any:
        """Runs the command, or prints its options."""
        if ctx.meta.get(_PRINT):
            typer.echo(self._as_toml(ctx))
            return None
        return super().invoke(ctx)

    def read(self, path: Path, ctx: Any) -> dict[str, Any]:
        """Reads a file.

        Args:
            path: of the file, in TOML.
            ctx: the command's context, for which values are converted.

        Returns:
            Values by the options' parameter names, as words of a command line would be.

        Raises:
            InputError: it is not there, is not TOML, or holds a name or a value that this command does not take.
        """
        try:
            text = path.read_text(encoding="utf-8-sig")  # editors on Windows put a mark before it
            content = tomllib.loads(text)
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}.") from None
        except ValueError as error:
            raise InputError(f"{path} is not TOML: {clause(str(error))}.") from None
        values: dict[str, Any] = {}
        for table, entries in ((None, content), (self.name, content.get(str(self.name), {}))):
            for key, value in entries.items():
                if table is None and key in TABLES and isinstance(value, dict):
                    continue
                option = self.configurable.get(key.replace("_", "-"))
                try:
                    if option is None:
                        raise ValueError(self._unknown(key, value))
                    values[str(option.name)] = _words(option, value, ctx)
                except (ValueError, typer.BadParameter) as error:
                    said = error.message if isinstance(error, typer.BadParameter) else str(error)
                    raise InputError(f"{path}{_line(text, table, key)}: {key}: {clause(said)}.") from None
        return values

    def _unknown(self, key: str, value: Any) -> str:
        if isinstance(value, dict):
            return f"is no command with options in a file; there are {', '.join(TABLES)}"
        other = next(table for table in TABLES if table != self.name)
        alike = get_close_matches(key.replace("_", "-"), self.configurable, 1)
        hint = f"{alike[0]} is" if alike else f"what only another command takes goes into its table, as [{other}]"
        return f"is no option of fkd {self.name}; {hint}"

    def _as_toml(self, ctx: Any) -> str:
        """The options with their values as a file that `--config` takes, and where each value is from."""
        lines = [f"[{self.name}]"]
        for key, option in self.configurable.items():
            value = ctx.params.get(option.name)
            source = _source(ctx, option)
            shown = _without_secrets(value)
            given = f"# {key} =" if shown in (None, ()) else f"{key} = {_toml(shown)}"
            remarks = [source, "its user, password and query are left out" if shown != value else None]
            remark = "; ".join(filter(None, remarks))
            lines.append(given + (f"  # {remark}" if remark else ""))
        return "\n".join(lines)


def _own_options() -> Iterable[TyperOption]:
    """The options `--config` and `--print-config`, made by Typer as those of a command."""
    application = typer.Typer(add_completion=False)

    @application.command()
    def options(
        config: Annotated[
            Path | None,
            typer.Option(
                metavar="FILE.toml",
                callback=_load,
                is_eager=True,
                expose_value=False,
                envvar=f"{PREFIX}CONFIG",
                show_envvar=False,
                help="Read options from this file.",
            ),
        ] = None,
        print_config: Annotated[
            bool,
            typer.Option(
                _PRINT_FLAG,
                callback=_ask_to_print,
                expose_value=False,
                help="Print all options with their values, as such a file, and end.",
            ),
        ] = False,
    ) -> None:
        pass

    return [param for param in get_command(application).params if isinstance(param, TyperOption)]


def _load(ctx: typer.Context, config: Path | None) -> Path | None:
    if config is not None and not ctx.resilient_parsing and isinstance(ctx.command, ConfiguredCommand):
        ctx.default_map = dict(ctx.default_map or {}) | ctx.command.read(config, ctx)
    return config


def _ask_to_print(ctx: typer.Context, wanted: bool) -> bool:
    ctx.meta[_PRINT] = wanted
    return wanted


def _key(option: TyperOption) -> str:
    """An option's long name, without its dashes."""
    return max(option.opts, key=len).lstrip("-")


def foremost(ctx: typer.Context, *names: str) -> set[str]:
    """Of parameters that stand for the same thing, those that are given where it counts first.

    What counts less is not added to it: a video on the command line is played without the camera of a file.
    """
    for place in _SOURCES:
        given = {name for name in names if ctx.params.get(name) and _named(ctx, name) == place}
        if given:
            return given
    return set()


def _named(ctx: Any, name: str | None) -> str | None:
    """Where a parameter's value is from, as Typer calls it."""
    source = ctx.get_parameter_source(name)
    return None if source is None else str(source.name)


def _one_a_line(option: TyperOption, ctx: Any) -> list[str] | None:
    """A variable's values for an option that may be repeated: names of cameras and files hold any other separator."""
    text = option.resolve_envvar_value(ctx)
    return None if text is None else [line.strip() for line in text.splitlines() if line.strip()]


def _source(ctx: Any, option: TyperOption) -> str | None:
    """Where an option's value is from; None for the default."""
    return _SOURCES.get(_named(ctx, option.name) or "")


def _words(option: TyperOption, value: Any, ctx: Any) -> Any:
    """Turns a value of a file into what the command line would hold.

    Raises:
        ValueError: it is of a wrong type.
        typer.BadParameter: the option does not take it.
    """
    if option.is_flag:
        if not isinstance(value, bool):
            raise ValueError(f"must be true or false, not {_toml(value)}")
        return value
    several = option.multiple or option.nargs != 1
    items = value if several and isinstance(value, list) else [value]
    for item in items:
        if isinstance(item, bool) or not isinstance(item, str | int | float):
            raise ValueError(f"cannot be {_toml(item)}")
    words = [str(item) for item in items]
    converted = option.process_value(ctx, words if several else words[0])
    given: list[str] = []
    for item, result in zip(items, converted if several else [converted], strict=True):
        if isinstance(item, str) and isinstance(result, int | float):
            raise ValueError(f"must be a number, not {_toml(item)} in quotes")
        if not isinstance(item, str) and isinstance(result, Path):
            raise ValueError(f"must be a path in quotes, not {_toml(item)}")
        # On the command line a shell would have done this.
        given.append(os.path.expanduser(item) if isinstance(result, Path) else str(item))  # noqa: PTH111 - raises not
    return given if several else given[0]


def _line(text: str, table: str | None, key: str) -> str:
    """Says in which line of a file a key of a table is; nothing if that cannot be told."""
    here = None
    for number, line in enumerate(text.splitlines(), 1):
        if head := re.match(r"\s*\[\s*([^\]]*?)\s*\]", line):
            here = head[1].strip("\"'")
        if (table == here and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line)) or (head and here == key):
            return f", line {number}"
    return ""


def clause(message: str) -> str:
    """A message of Typer's or of another library as a part of a sentence."""
    for theirs, ours in (("Value error, ", ""), ("Input should be", "must be")):
        message = message.replace(theirs, ours)
    return " ".join(message.split()).rstrip(".")


def _without_secrets(value: Any) -> Any:
    """A value in which addresses of cameras show no password; those to which points are sent have none."""
    from tracker.sources.addresses import SCHEMES, without_secrets

    if isinstance(value, list | tuple):
        return type(value)(map(_without_secrets, value))
    camera = isinstance(value, str) and re.split(r"\W", value.split("://")[0])[-1].lower() in SCHEMES
    return without_secrets(value) if camera else value


def _toml(value: Any) -> str:
    """A value as TOML writes it; JSON writes strings, numbers, booleans and lists in the same way."""
    return json.dumps(value, ensure_ascii=False, default=os.fspath if isinstance(value, os.PathLike) else str)
