"""A report as one HTML page that needs no other file, with its figures also as PNG beside it."""

import base64
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape
from matplotlib.figure import Figure

from tracker.errors import OutputError

PAGE = "report.html"
RESOLUTION = 130
"""Dots per inch of the PNG files: sharp on a phone, and small enough to be mailed."""

NUMBER = r"[-+−]?[\d.,]+( ?%)?"
"""What counts as a number in a table although it is text already."""


@dataclass
class _Section:
    title: str
    parts: list[dict[str, Any]] = field(default_factory=list)


class Page:
    """A report that is put together from top to bottom.

    Args:
        title: its headline.
        summary: what it is about, in a sentence or two.
    """

    def __init__(self, title: str, summary: str) -> None:
        self._title, self._summary = title, summary
        self._sections: list[_Section] = []
        self._pictures: dict[str, bytes] = {}

    def section(self, title: str, *paragraphs: str) -> None:
        """Begins a section; what is added afterwards belongs to it."""
        self._sections.append(_Section(title))
        for paragraph in paragraphs:
            self.text(paragraph)

    def text(self, paragraph: str) -> None:
        """Adds a paragraph of plain text."""
        self._sections[-1].parts.append({"kind": "text", "text": paragraph})

    def figure(self, name: str, figure: Figure, caption: str) -> None:
        """Adds a figure.

        Args:
            name: of its PNG file, without the ending; used once in a report.
            figure: the figure.
            caption: what it shows, in plain text. Who cannot see the picture is read this.
        """
        if name in self._pictures:
            raise ValueError(f"there is a figure called {name!r} already")
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=RESOLUTION, bbox_inches="tight", facecolor="white")
        self._pictures[name] = buffer.getvalue()
        data = base64.b64encode(self._pictures[name]).decode("ascii")
        self._sections[-1].parts.append({"kind": "figure", "name": name, "data": data, "caption": caption})

    def table(self, header: Sequence[str], rows: Sequence[Sequence[object]], caption: str = "") -> None:
        """Adds a table; columns of numbers are set to the right. On a narrow screen it scrolls by itself."""
        cells = [[_cell(value) for value in row] for row in rows]
        self._sections[-1].parts.append({"kind": "table", "header": header, "rows": cells, "caption": caption})

    def write(self, folder: Path) -> list[Path]:
        """Writes the page and its figures; files of an earlier report are replaced.

        Returns:
            The files, the page first.

        Raises:
            OutputError: the folder cannot be written.
        """
        environment = Environment(
            loader=PackageLoader("training.reports", "templates"), autoescape=select_autoescape(["html"])
        )
        html = environment.get_template("page.html").render(
            title=self._title, summary=self._summary, sections=self._sections
        )
        files = [folder / PAGE]
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, picture in self._pictures.items():
                files.append(folder / f"{name}.png")
                files[-1].write_bytes(picture)
            files[0].write_text(html, encoding="utf-8")
        except OSError as error:
            raise OutputError(f"{folder} cannot be written: {error.strerror}.") from None
        return files


def _cell(value: object) -> dict[str, object]:
    """A cell's text, and whether it is a number."""
    if value is None:
        return {"text": "–", "number": True}
    if isinstance(value, float):
        return {"text": f"{value:.3f}", "number": True}
    if isinstance(value, int) and not isinstance(value, bool):
        return {"text": f"{value:,}", "number": True}
    return {"text": str(value), "number": bool(re.fullmatch(NUMBER, str(value)))}
