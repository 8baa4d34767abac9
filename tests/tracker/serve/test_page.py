"""The page in a browser: what it draws is what was sent, for each viewer, at every width, in light and dark."""

import base64
import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.browser import Visit, chromium, visit_address
from tests.tracker.serve.serving import SIZE, faces, frame, place
from tests.training.reports.test_pages import LEAST_CONTRAST, TEXTS, luminance
from tracker import Faces
from tracker.keypoints import INDEX, KEYPOINTS
from tracker.serve.address import Address
from tracker.serve.sink import ServeSink
from tracker.sinks.table import COLUMNS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BLUE, ORANGE = (0x2F, 0x81, 0xF7), (0xD9, 0x73, 0x0D)
"""Red, green and blue of the faces with ids 0 and 1."""


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with chromium() as started:
        yield started


@contextmanager
def viewer(browser: "Browser", sink: ServeSink, *, width: int = 1200, dark: bool = False) -> Iterator[Visit]:
    with visit_address(browser, sink.url, width=width, dark=dark) as seen:
        state(seen, "live")
        yield seen


def state(seen: Visit, name: str) -> None:
    """Waits until the page is in a state."""
    seen.page.wait_for_selector(f'body[data-state="{name}"]')


def drawn(seen: Visit, index: int) -> None:
    """Waits until the page has drawn a frame."""
    seen.page.wait_for_selector(f'#picture[data-frame="{index}"]')


def pixels(seen: Visit) -> NDArray[np.int64]:
    """The canvas (H, W, 3), red, green and blue."""
    address = seen.page.evaluate("picture.toDataURL()")
    image = cv2.imdecode(np.frombuffer(base64.b64decode(address.partition(",")[2]), np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return image[:, :, ::-1].astype(np.int64)


def extent(seen: Visit, colour: tuple[int, int, int], below: float) -> tuple[float, float]:
    """Where a colour begins and ends from left to right under a row, in pixels of the frame."""
    image = pixels(seen)
    scale = image.shape[1] / SIZE[0]
    hits = np.abs(image[round(below * scale) :] - colour).max(2) < 24
    columns = np.flatnonzero(hits.any(0))
    assert len(columns) > 0
    return columns[0] / scale - 0.5, columns[-1] / scale - 0.5


def assert_drawn(seen: Visit, shown: Faces) -> None:
    """Points and lines of each face are where they were said to be, to within a point's size."""
    for face, colour in zip(shown, (BLUE, ORANGE), strict=False):
        left, right = extent(seen, colour, float(face.points[:, 1].min()) - 3)
        assert left == pytest.approx(face.points[:, 0].min(), abs=4)
        assert right == pytest.approx(face.points[:, 0].max(), abs=4)


@pytest.mark.parametrize("pictures", [True, False])
def test_points_move_as_they_are_sent(browser: "Browser", pictures: bool) -> None:
    with ServeSink(Address("127.0.0.1", 0), pictures=pictures) as sink, viewer(browser, sink) as seen:
        for index, places in enumerate([(20.0,), (90.0,), (20.0, 170.0)]):
            sink.append(frame(index), faces(*places, first=0))
            drawn(seen, index)
            assert_drawn(seen, faces(*places, first=0))
        ground = pixels(seen)[-1, 0]
        assert np.abs(ground - ((90, 90, 90) if pictures else (0x12, 0x16, 0x1C))).max() <= 3
        assert seen.page.is_visible("#pictures") == pictures
        assert seen.complaints == []


def test_a_viewer_may_put_the_picture_away(browser: "Browser", sink: ServeSink) -> None:
    with viewer(browser, sink) as seen:
        seen.page.keyboard.press("p")
        for index in range(3):  # two may have been asked for with their pictures
            sink.append(frame(index), faces(20, first=0))
            drawn(seen, index)
        assert np.abs(pixels(seen)[-1, 0] - (0x12, 0x16, 0x1C)).max() <= 3
        assert seen.page.get_attribute("#pictures", "aria-pressed") == "false"


def test_two_viewers_and_freezing_one(browser: "Browser", sink: ServeSink) -> None:
    with viewer(browser, sink) as one, viewer(browser, sink) as other:
        sink.append(frame(0), faces(20, first=0))
        for seen in (one, other):
            drawn(seen, 0)
        one.page.keyboard.press("f")
        state(one, "frozen")
        for index in range(1, 6):
            sink.append(frame(index), faces(20 + 20 * index, first=0))
            drawn(other, index)
        assert_drawn(other, faces(120, first=0))
        assert one.page.get_attribute("#picture", "data-frame") == "0"
        assert_drawn(one, faces(20, first=0))
        assert one.page.get_attribute("#freeze", "aria-pressed") == "true"
        one.page.click("#freeze")
        drawn(one, 5)
        sink.append(frame(6), faces(30, first=0))
        drawn(one, 6)
        assert one.page.get_attribute("#freeze", "aria-pressed") == "false"
        assert one.complaints == other.complaints == []


def test_a_snapshot_is_what_is_drawn(browser: "Browser", sink: ServeSink, tmp_path: Path) -> None:
    with viewer(browser, sink) as seen:
        assert seen.page.is_disabled("#snapshot")
        sink.append(frame(0), faces(50, first=0))
        drawn(seen, 0)
        with seen.page.expect_download() as started:
            seen.page.keyboard.press("s")
        assert started.value.suggested_filename.startswith("fkd-")
        started.value.save_as(tmp_path / "snapshot.png")
        image = cv2.imread(str(tmp_path / "snapshot.png"))
        assert image is not None
        assert np.array_equal(image[:, :, ::-1], pixels(seen))


def test_the_last_minute_is_downloaded(browser: "Browser", sink: ServeSink, tmp_path: Path) -> None:
    with viewer(browser, sink) as seen:
        for index in range(5):
            sink.append(frame(index), faces(50, 150))
        drawn(seen, 4)
        with seen.page.expect_download() as started:
            seen.page.click("#download")
        started.value.save_as(tmp_path / "minute.csv")
        with (tmp_path / "minute.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(io.StringIO(file.read())))
        assert tuple(rows[0]) == COLUMNS
        assert [(row["frame"], row["id"]) for row in rows] == [(f"{i}", f"{id}") for i in range(5) for id in (3, 4)]
        assert seen.complaints == []


def test_who_is_seen_is_listed_and_nobody_is_said(browser: "Browser", sink: ServeSink) -> None:
    with viewer(browser, sink) as seen:
        sink.append(frame(0), faces(50, 150))
        seen.page.wait_for_selector("#faces tr:nth-child(2)")
        assert seen.page.locator("#faces th").all_inner_texts() == ["3", "4"]
        assert seen.page.is_hidden("#empty")
        sink.append(frame(1), faces())
        seen.page.wait_for_selector("#empty")
        assert "no faces" in (seen.page.get_attribute("#picture", "aria-label") or "")
        assert seen.page.locator("#faces tr").count() == 0


def test_measures_are_those_of_the_documentation(browser: "Browser", sink: ServeSink) -> None:
    points = faces(50).points[0] + np.random.default_rng(5).normal(0, 5, (15, 2))
    points[["eyebrow" in name for name in KEYPOINTS], 1] -= 20  # where eyebrows are: above the eyes
    place_of = {name: points[index] for name, index in INDEX.items()}
    right, left = place_of["right_eye_center"], place_of["left_eye_center"]
    eyes = float(np.linalg.norm(left - right))
    across = (left - right) / eyes
    brows = np.array([place for name, place in place_of.items() if "eyebrow" in name])
    expected = {
        "mouth": np.linalg.norm(place_of["mouth_center_top_lip"] - place_of["mouth_center_bottom_lip"]) / eyes,
        "width": np.linalg.norm(place_of["mouth_left_corner"] - place_of["mouth_right_corner"]) / eyes,
        "brows": float(((brows - right) @ [across[1], -across[0]]).mean()) / eyes,
    }
    assert expected["brows"] > 0.2
    angle = np.radians(30)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    with viewer(browser, sink) as seen:
        for same in (points, points @ turn.T, points * 3 + 40):
            got: dict[str, float] = seen.page.evaluate(
                """async ([names, points]) => (await import("/measures.js")).measuring(names)(points)""",
                [KEYPOINTS, same.tolist()],
            )
            assert got == pytest.approx(expected)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390, 320])
def test_the_page_fits_is_legible_and_asks_for_nothing_else(
    browser: "Browser", sink: ServeSink, width: int, dark: bool
) -> None:
    host, port = place(sink)
    with viewer(browser, sink, width=width, dark=dark) as seen:
        for index in range(3):
            sink.append(frame(index), faces(20, 120))
            drawn(seen, index)
        seen.page.wait_for_selector("#faces tr:nth-child(2)")
        assert seen.page.evaluate("document.documentElement.scrollWidth") == width
        sizes: list[dict[str, Any]] = seen.page.evaluate(
            """() => [...document.querySelectorAll(".actions > *, .numbers > *, .card, .stage")].map(element => {
                const {left, right, height} = element.getBoundingClientRect();
                return {left, right, height, over: element.scrollWidth - element.clientWidth};
            })"""
        )
        for size in sizes:
            assert size["left"] >= 0
            assert size["right"] <= width
            assert size["height"] >= 44
            assert size["over"] <= 0
        for text in seen.page.evaluate(TEXTS):
            low, high = sorted([luminance(text["ink"]), luminance(text["ground"])])
            assert (high + 0.05) / (low + 0.05) >= LEAST_CONTRAST, text
            assert text["size"] >= 12
        ground = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (ground == "rgb(13, 16, 20)") == dark
        assert all(address.startswith(f"http://{host}:{port}/") for address in seen.requests)
        assert seen.complaints == []


def test_the_token_leaves_the_address_and_scripts_cannot_read_it(browser: "Browser", sink: ServeSink) -> None:
    with viewer(browser, sink) as seen:
        assert seen.page.url == "http://{}:{}/".format(*place(sink))
        assert seen.page.evaluate("document.cookie") == ""
        seen.page.reload()
        state(seen, "live")


def test_a_lost_connection_is_said_and_comes_back(browser: "Browser", sink: ServeSink) -> None:
    with viewer(browser, sink) as seen:
        sink.append(frame(0), faces(50))
        drawn(seen, 0)
        sink._server._soon(sink._server._cut)
        state(seen, "lost")
        state(seen, "live")
        sink.append(frame(1), faces(50))
        drawn(seen, 1)


def test_the_end_is_said_and_so_is_another_tracker(browser: "Browser", sink: ServeSink) -> None:
    with viewer(browser, sink) as seen:
        sink.close()
        state(seen, "ended")
        assert "has ended" in seen.page.inner_text("#notice")
        assert seen.page.get_attribute("#download", "href") is None
        with ServeSink(Address(*place(sink))):
            state(seen, "refused")
            assert "Open the address" in seen.page.inner_text("#notice")


def test_a_page_elsewhere_cannot_open_the_stream(browser: "Browser", sink: ServeSink) -> None:
    host, port = place(sink)
    with ServeSink(Address("127.0.0.1", 0)) as other, viewer(browser, sink), viewer(browser, other) as seen:
        seen.page.context.add_cookies(
            [{"name": f"fkd-{port}", "value": sink.url.rpartition("=")[2], "url": f"http://{host}:{port}"}]
        )
        # Ports do not separate cookies: without the check of the Origin this would get in, were it not for the
        # content policy, which is left aside here.
        with seen.page.context.browser.new_context(bypass_csp=True) as context:  # type: ignore[union-attr]
            context.add_cookies(seen.page.context.cookies())
            page = context.new_page()
            page.goto(other.url)
            opened = page.evaluate(
                """address => new Promise(resolve => {
                    const socket = new WebSocket(address);
                    socket.onopen = () => resolve(true);
                    socket.onerror = () => resolve(false);
                })""",
                f"ws://{host}:{port}/stream",
            )
        assert opened is False
