"""The page of the examples in a real browser: served by this machine it reads the stream, as a file it may not."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser import chromium
from tests.tracker.sinks.given import faces, frame
from tracker.sinks.websocket import WebSocketSink

if TYPE_CHECKING:
    from playwright.sync_api import Page

EXAMPLES = Path(__file__).parents[3] / "examples"
INK = "() => canvas.getContext('2d').getImageData(0, 0, 640, 480).data.some(value => value)"


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a word."""

    def log_message(self, *_: object) -> None:
        pass


def test_a_page_of_this_machine_shows_the_points_and_a_file_does_not() -> None:
    with (
        WebSocketSink("127.0.0.1", 0) as sink,
        ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(EXAMPLES))) as server,
        chromium() as browser,
    ):
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        query = f"websocket.html?from=ws://127.0.0.1:{sink.port}"
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_address[1]}/{query}")
        assert shows_points(page, sink)
        page.close()
        complaints: list[str] = []
        foreign = browser.new_page()
        foreign.on("console", lambda message: complaints.append(message.text))
        foreign.goto(f"file://{EXAMPLES}/{query}")
        assert not shows_points(foreign, sink)
        assert any("403" in complaint for complaint in complaints)
        server.shutdown()
        thread.join()


def shows_points(page: "Page", sink: WebSocketSink) -> bool:
    """Sends frames until the page shows something, or for a while."""
    for index in range(30):
        sink.append(frame(index), faces(1))
        page.wait_for_timeout(50)
        if page.evaluate(INK):
            return True
    return False
