"""What mkdocs does differently here: pages keep the paths that they have in the repository.

Links between Markdown files are written as GitHub follows them (`../weights/README.md`). So that the site follows them
too, every file has its path from the repository's root as its source, pages outside docs/ are part of the site, and
`docs/commands.md` is made from the programs' own help.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
OUTSIDE = {
    "README.md": "index.html",
    "CHANGELOG.md": "changelog.html",
    "PRIVACY.md": "promises-privacy.html",
    "SECURITY.md": "security.html",
    "weights/README.md": "model-card.html",
    "benchmarks/README.md": "benchmarks/scripts.html",
    "tracker/assets/README.md": "assets.html",
}
"""Pages that are not in docs/, and where they are in the site."""
ICON = "tracker/serve/page/icon.svg"
COMMANDS = "docs/commands.md"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Gives the files of docs/ the paths that they have in the repository, and adds those from outside."""
    moved = [file for file in files if file.src_dir != config.docs_dir]
    inside = {f"docs/{file.src_uri}": file.dest_uri for file in files if file.src_dir == config.docs_dir}
    pages = [path for path in inside | OUTSIDE if path.endswith(".md")]
    linked = {path: path for page in pages for path in linked_files(page)}
    for source, place in (linked | inside | OUTSIDE | {ICON: ICON}).items():
        moved.append(File(source, str(ROOT), config.site_dir, config.use_directory_urls, dest_uri=place))
    commands = File.generated(config, COMMANDS, content=commands_page())
    commands.dest_uri = "commands.html"
    return Files([*moved, commands])


def linked_files(page: str) -> Iterator[str]:
    """The files of the repository that a page links to and that are no pages: sources, examples, licences."""
    for link in re.findall(r"\]\(([^)#:]+)\)", (ROOT / page).read_text(encoding="utf-8")):
        path = (ROOT / page).parent.joinpath(link).resolve()
        if path.is_file() and path.suffix != ".md" and path.is_relative_to(ROOT):
            yield path.relative_to(ROOT).as_posix()


def commands_page() -> str:
    """A page with the help of every command."""
    parts = (f"## {' '.join(words)}\n\n```text\n{text}\n```" for words, text in helps())
    return "# Commands\n\nWhat `--help` says of each.\n\n" + "\n\n".join(parts) + "\n"


def helps() -> Iterator[tuple[list[str], str]]:
    """The words of each command, and what it says with --help."""
    from typer.main import get_command
    from typer.testing import CliRunner

    from tracker.cli.main import application, live_application

    def within(command: Any, *words: str) -> Iterator[list[str]]:
        yield list(words)
        for name, inner in getattr(command, "commands", {}).items():
            yield from within(inner, *words, name)

    runner = CliRunner()
    for program, start in ((live_application, "fkd-live"), (application, "fkd")):
        for words in within(get_command(program), start):
            result = runner.invoke(program, [*words[1:], "--help"], prog_name=start, terminal_width=88)
            yield words, result.output.rstrip()
