"""Every report in a browser: whole, within its width, legible in light and dark, and in need of nothing else."""

import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.browser import HEIGHT, Visit, chromium, visit
from tests.training.competition_files import write_competition
from tests.training.run_folders import write_run
from training.data.competition import read_dataset
from training.reports import style
from training.reports.compare.report import compare
from training.reports.eda.report import write_report
from training.reports.page import PAGE, Page

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WIDTHS = (1200, 360)
SMALLEST_TEXT = 12
"""Pixels."""
LEAST_CONTRAST = 4.5
"""Of text to its ground, for normal text: https://www.w3.org/TR/WCAG22/#contrast-minimum (level AA)."""


def make_plain(folder: Path) -> None:
    """A page with what is hard to fit: a wide figure, a wide table, and words and paths that are longer than a line."""
    page = Page("A headline_that_has_one_word_longer_than_a_narrow_screen_is_wide", "What it is about: 100 %.")
    page.section("Figures", "A paragraph that wraps at every width. " * 6)
    figure, axes = style.figure(3, columns=3)
    for each in axes.flat:
        each.plot(np.arange(9) ** 2)
    page.figure("curves", figure, "Three curves, which are the same.")
    page.section("Tables")
    page.table(["model", *(f"keypoint {i}" for i in range(20))], [["baseline, seed 0", *[1.25] * 20]] * 3, "RMSE.")
    page.table(["what", "how many"], [["rows with a name that alone would fill a narrow screen and more", 7049]])
    page.table(["file", "size"], [["/home/" + "a_long_folder_name/" * 12 + "training.csv", 172]], "x" * 120)
    page.section("Long_" * 30, "0123456789abcdef" * 8, "https://example.org/" + "path/" * 40)
    page.write(folder)


def make_eda(folder: Path) -> None:
    data = write_competition(folder / "data", first=30, second=20, test=6)
    write_report(read_dataset(data, use_cache=False), folder)


def make_compare(folder: Path) -> None:
    data = write_competition(folder / "data", first=14, second=8, test=12)
    dataset = read_dataset(data, use_cache=False)
    held = {0: [1, 5, 9, 13, 15, 20]}
    runs = [write_run(folder / f"runs/{seed}", dataset, held, seed=seed) for seed in (0, 1)]
    runs.append(write_run(folder / "runs/heatmap", dataset, held, model="heatmap", maps=True, noise=0.5))
    compare(runs, folder, data=data)


REPORTS: dict[str, Callable[[Path], None]] = {"plain": make_plain, "eda": make_eda, "compare": make_compare}


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Writes a report when it is first asked for."""

    @functools.cache
    def write(name: str) -> Path:
        folder = tmp_path_factory.mktemp(name)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("FKD_CACHE", str(folder / "cache"))
            REPORTS[name](folder)
        return folder / PAGE

    return write


@pytest.fixture(
    scope="module",
    params=[(name, width, dark) for name in REPORTS for width in WIDTHS for dark in (False, True)],
    ids=lambda param: f"{param[0]}-{param[1]}-{'dark' if param[2] else 'light'}",
)
def seen(request: pytest.FixtureRequest, browser: "Browser", written: Callable[[str], Path]) -> Iterator[Visit]:
    name, width, dark = request.param
    with visit(browser, written(name), width=width, dark=dark) as opened:
        yield opened


def test_nothing_else_is_asked_for_and_nothing_goes_wrong(seen: Visit) -> None:
    assert seen.requests == [seen.path.as_uri()]
    assert seen.complaints == []


def test_every_picture_is_decoded_and_described(seen: Visit) -> None:
    pictures: list[dict[str, Any]] = seen.page.evaluate(
        """() => Promise.all([...document.images].map(async image => {
            await image.decode();
            return {natural: image.naturalWidth, shown: image.getBoundingClientRect().width, said: image.alt};
        }))"""
    )
    assert len(pictures) == len(list(seen.path.parent.glob("*.png"))) > 0
    for picture in pictures:
        assert picture["natural"] > 0
        assert picture["shown"] >= 300
        assert len(picture["said"]) > 20


def width_of(seen: Visit) -> int:
    """Width of the window that a page is open in."""
    assert seen.page.viewport_size is not None
    return seen.page.viewport_size["width"]


def test_the_page_does_not_scroll_sideways(seen: Visit) -> None:
    width = width_of(seen)
    assert seen.page.evaluate("document.documentElement.clientWidth") == width
    assert seen.page.evaluate("document.documentElement.scrollWidth") == width
    outside = seen.page.evaluate(
        """width => [...document.body.querySelectorAll("*")].filter(element => {
            if (element.closest(".scroll, .picture") && !element.matches(".scroll, .picture")) return false;
            const box = element.getBoundingClientRect();
            return box.left < 0 || box.right > width + 0.5;
        }).map(element => element.outerHTML.slice(0, 100))""",
        width,
    )
    assert outside == []


def test_all_of_a_table_or_figure_can_be_scrolled_to(seen: Visit) -> None:
    hidden = seen.page.evaluate(
        """() => [...document.querySelectorAll(".scroll tr:first-child > *")].filter(cell => {
            const box = cell.closest(".scroll"), first = cell.parentElement.firstElementChild;
            const free = cell === first ? 0 : first.offsetWidth;  // the first column stays where it is
            cell.scrollIntoView({block: "center"});
            return [2, cell.offsetWidth / 2, cell.offsetWidth - 2].some(along => {
                box.scrollLeft = cell.offsetLeft + along - (free + box.clientWidth) / 2;
                const {left, top, height} = cell.getBoundingClientRect();
                return !cell.contains(document.elementFromPoint(left + along, top + height / 2));
            });
        }).map(cell => cell.textContent)"""
    )
    assert hidden == []
    boxes = seen.page.evaluate(
        """() => [...document.querySelectorAll(".scroll, .picture")].map(box => {
            box.scrollLeft = 1e6;
            return {over: box.scrollWidth - box.clientWidth, scrolled: box.scrollLeft};
        })"""
    )
    for box in boxes:
        assert box["scrolled"] >= box["over"] - 1
    if width_of(seen) == min(WIDTHS):
        assert max(box["over"] for box in boxes) > 100


TEXTS = """() => {
    const parse = colour => {
        const [red, green, blue, alpha = 1] = colour.match(/[\\d.]+/g).map(Number);
        return [red, green, blue, alpha];
    };
    const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3]));
    const ground = element => {
        if (!element) return [255, 255, 255];
        const colour = parse(getComputedStyle(element).backgroundColor);
        return colour[3] === 1 ? colour.slice(0, 3) : over(colour, ground(element.parentElement));
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
        const text = walker.currentNode.textContent.trim(), element = walker.currentNode.parentElement;
        if (!text) continue;
        const style = getComputedStyle(element), below = ground(element);
        const ink = over(parse(style.color), below);
        found.push({text: text.slice(0, 60), size: parseFloat(style.fontSize), ink, ground: below});
    }
    return found;
}"""


def luminance(colour: list[float]) -> float:
    """Relative luminance of an sRGB colour, 0 to 1: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    share = np.array(colour) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_text_is_large_enough_and_stands_out(seen: Visit) -> None:
    texts = seen.page.evaluate(TEXTS)
    assert len(texts) > 20
    assert [text for text in texts if text["size"] < SMALLEST_TEXT] == []
    for text in texts:
        low, high = sorted([luminance(text["ink"]), luminance(text["ground"])])
        assert (high + 0.05) / (low + 0.05) >= LEAST_CONTRAST, text
    dark = seen.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    assert all((luminance(text["ground"]) < 0.05) if dark else (luminance(text["ground"]) > 0.8) for text in texts)


def test_the_contents_lead_to_every_section(seen: Visit) -> None:
    links = seen.page.locator("nav a").all()
    assert [link.inner_text() for link in links] == seen.page.locator("main h2").all_inner_texts()
    assert len(links) >= 3
    for link in links:
        seen.page.evaluate("scrollTo(0, 0)")
        link.click()
        place = seen.page.evaluate(
            "() => document.querySelector(`${location.hash} h2`).getBoundingClientRect().toJSON()"
        )
        assert place["top"] > -1
        assert place["bottom"] <= HEIGHT
        at_end = seen.page.evaluate("scrollY + innerHeight >= document.documentElement.scrollHeight - 1")
        assert at_end or place["top"] < 100
        assert seen.page.locator(f"{link.get_attribute('href')} h2").inner_text() == link.inner_text()
