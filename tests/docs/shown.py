"""The commands that the documentation shows, as lists of words with the line where each stands."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "weights/README.md",
    ROOT / "benchmarks/README.md",
]
SHELLS = ("sh", "bash", "console", "shell")
OURS = ("fkd", "fkd-live", "make", "pip", "python", "python3")
"""Programs whose commands are looked for in running text too."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command of a page.

    Attributes:
        line: where it stands, from 1.
        words: the program and what it is given, quotes removed.
        variables: what is set before it, by name.
        out: where its output goes, with `>` or `>>`; empty if nowhere.
        told: whether it stands in running text, where `fkd video` may be the name of a command.
    """

    line: int
    words: tuple[str, ...]
    variables: tuple[tuple[str, str], ...] = ()
    out: tuple[str, ...] = ()
    told: bool = False

    def __str__(self) -> str:
        return f"line {self.line}: {shlex.join(self.words)}"


def commands(text: str) -> list[Command]:
    """All commands of a page, in its order."""
    return sorted([*_in_blocks(text), *_in_text(text)], key=lambda command: command.line)


def toml_blocks(text: str) -> list[str]:
    """The blocks of a page that are files of options."""
    return re.findall(r"^```toml\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def options(text: str) -> Iterator[tuple[int, str]]:
    """Options that stand in running text by themselves, as `--mirror`, with their lines."""
    for line, code in _inline(text):
        if code.startswith("--"):
            yield line, re.split(r"[\s=]", code)[0]


def _in_blocks(text: str) -> Iterator[Command]:
    language = None
    lines = iter(enumerate(text.splitlines(), 1))
    for number, line in lines:
        if fence := re.match(r"\s*```(\w*)", line):
            language = fence[1] if language is None else None
        elif language in SHELLS or (language == "" and line.startswith("$ ")):
            whole = line.strip().removeprefix("$ ")
            while whole.endswith("\\"):
                whole = whole[:-1] + next(lines)[1]
            yield from _parsed(whole, number)


def _in_text(text: str) -> Iterator[Command]:
    for line, code in _inline(text):
        if code.split()[0] in OURS and " " in code:
            for command in _parsed(code, line):
                yield Command(line, command.words, command.variables, command.out, told=True)


def _inline(text: str) -> Iterator[tuple[int, str]]:
    """Code in running text, with its lines; it may go on in the next line."""
    prose = re.sub(r"^```.*?^```", lambda block: "\n" * block[0].count("\n"), text, flags=re.DOTALL | re.MULTILINE)
    for found in re.finditer(r"`([^`\s][^`]*)`", prose):
        yield prose.count("\n", 0, found.start()) + 1, " ".join(found[1].split())


def _parsed(line: str, number: int) -> Iterator[Command]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars="&;|<>")
    lexer.whitespace_split, lexer.commenters = True, "#"
    words: list[str] = []
    for word in [*lexer, ";"]:
        if word not in (";", "&&", "||", "|"):
            words.append(word)
        elif words:
            yield _command(words, number)
            words = []


def _command(words: list[str], number: int) -> Command:
    at = next((place for place, word in enumerate(words) if word in (">", ">>")), len(words))
    words, out = words[:at], words[at:]
    if words[0] == "export":
        words = words[1:]
    set_before = [word for word in words if re.fullmatch(r"[A-Z_]+=.*", word)]
    variables = [(name, value) for name, value in (word.split("=", 1) for word in set_before)]
    return Command(number, tuple(word for word in words if word not in set_before), tuple(variables), tuple(out))
