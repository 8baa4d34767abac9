"""Opens pages in a headless Chromium that the system provides. Nothing is downloaded; files are opened offline."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HEIGHT = 800
WIDEST_PHONE = 600
"""Pixels. A window that is narrower is a phone's: a page that does not say that it fits is shown shrunk."""
PATIENCE = 120_000
"""Milliseconds to wait for anything, on a machine that may be busy with a training."""


@dataclass
class Visit:
    """A page that is open.

    Attributes:
        path: its file.
        page: what can be asked and clicked.
        requests: addresses that were asked for, without pictures that are part of the page.
        complaints: what the console said, and what failed.
    """

    path: Path
    page: "Page"
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@contextmanager
def chromium() -> Iterator["Browser"]:
    """Starts the browser; where there is none, the test is skipped, or fails if `FKD_CI` is set."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _do_without("Playwright is missing, which opens pages in a browser: pip install playwright.")
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        _do_without("No Chromium is installed to open pages in: apt-get install chromium.")
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=program, args=FLAGS, timeout=PATIENCE) as browser,
    ):
        yield browser


@contextmanager
def visit(browser: "Browser", path: Path, *, width: int, dark: bool) -> Iterator[Visit]:
    """Opens an HTML file in a window of a width in pixels, as somebody sees it who prefers light or dark pages."""
    with _visit(browser, path.resolve().as_uri(), path.resolve(), width=width, dark=dark, offline=True) as seen:
        yield seen


@contextmanager
def visit_address(browser: "Browser", address: str, *, width: int = 1200, dark: bool = False) -> Iterator[Visit]:
    """Opens a page that this machine serves, as `visit` opens a file; its path is empty."""
    with _visit(browser, address, Path(), width=width, dark=dark, offline=False) as seen:
        yield seen


@contextmanager
def _visit(browser: "Browser", address: str, path: Path, *, width: int, dark: bool, offline: bool) -> Iterator[Visit]:
    with browser.new_context(
        viewport={"width": width, "height": HEIGHT},
        is_mobile=width < WIDEST_PHONE,
        color_scheme="dark" if dark else "light",
        offline=offline,
    ) as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        seen = Visit(path, page)
        page.on("request", lambda request: request.url.startswith("data:") or seen.requests.append(request.url))
        page.on("requestfailed", lambda request: seen.complaints.append(f"{request.url[:100]} failed"))
        page.on("console", lambda message: seen.complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: seen.complaints.append(str(error)))
        page.goto(address)
        yield seen


def _do_without(reason: str) -> NoReturn:
    if os.environ.get("FKD_CI"):
        pytest.fail(reason)
    pytest.skip(reason)
