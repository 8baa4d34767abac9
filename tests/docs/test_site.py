"""The site of the documentation: built strictly, complete, and loading nothing from elsewhere."""

import functools
import http.server
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

import tracker
from tests.browser import chromium, visit_address
from tests.conftest import environment

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site; a page that the navigation does not list, or a link that leads nowhere, fails it."""
    folder = tmp_path_factory.mktemp("site")
    result = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env=environment() | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (result.returncode, result.stdout + result.stderr) == (0, "")
    return folder


@pytest.fixture
def address(site: Path) -> Iterator[str]:
    """Where the site is served."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Parts(HTMLParser):
    """What a page loads, and the ids in it."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.ids: set[str] = set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        place = values.get("href" if tag == "link" else "src")
        if place and tag != "a":
            self.loaded.append(place)
        self.ids.add(values.get("id") or "")


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    loaded = [place for page in pages for place in Parts(page).loaded]
    assert len(pages) > 20
    assert len(loaded) > 100
    assert [place for place in loaded if re.match(r"(\w+:)?//", place)] == []
    styles = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*.css"))
    assert re.findall(r"url\(['\"]?(?:https?:)?//", styles) == []


def test_the_library_page_has_every_public_name(site: Path) -> None:
    ids = Parts(site / "library.html").ids
    assert [name for name in tracker.__all__ if not any(place.endswith(f".{name}") for place in ids)] == []
    assert "tracker.pipeline.Tracker.update" in ids


def test_the_commands_page_has_every_command(site: Path) -> None:
    ids = Parts(site / "commands.html").ids
    assert {"fkd-live", "fkd-video", "fkd-plot", "fkd-doctor", "fkd-train-fit"} <= ids
    assert "--max-faces" in (site / "commands.html").read_text(encoding="utf-8")


def test_it_can_be_searched(address: str) -> None:
    with chromium() as browser, visit_address(browser, f"{address}/index.html") as seen:
        seen.page.locator(".md-search__input").fill("pixelate")
        seen.page.locator(".md-search-result__link", has_text="Privacy").first.wait_for()
        assert seen.complaints == []
        assert all(request.startswith((address, "blob:")) for request in seen.requests)


def test_pages_fit_on_a_phone_and_are_dark_where_that_is_liked(address: str) -> None:
    with chromium() as browser, visit_address(browser, f"{address}/index.html", width=360, dark=True) as seen:
        for page in ("tables.html", "library.html", "commands.html"):
            seen.page.wait_for_load_state("networkidle")  # a request that is given up is complained about
            assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            seen.page.goto(f"{address}/{page}")
        background = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert max(map(int, re.findall(r"\d+", background)[:3])) < 60
        assert seen.complaints == []
