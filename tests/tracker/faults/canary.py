"""Servers on this machine that note who comes."""

import socketserver
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


class _Running:
    """Runs a server in a thread while entered."""

    def __init__(self, server: socketserver.TCPServer) -> None:
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        self.address = f"127.0.0.1:{server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Canary(_Running):
    """Answers HTTP on a free port of 127.0.0.1; a context manager.

    Args:
        pages: what is served under which path.

    Attributes:
        asked: the paths that were asked for.
        address: what its addresses begin with, as `127.0.0.1:40000`.
    """

    def __init__(self, pages: Mapping[str, bytes] | None = None) -> None:
        self.asked: list[str] = []
        asked, served = self.asked, dict(pages or {})

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                content = served.get(self.path)
                self.send_response(404 if content is None else 200)
                self.send_header("Content-Length", str(len(content or b"")))
                if self.path.endswith(".m3u8"):
                    self.send_header("Content-Type", "application/vnd.apple.mpegurl")
                self.end_headers()
                self.wfile.write(content or b"")

            def log_message(self, format: str, *args: object) -> None:
                pass

        super().__init__(ThreadingHTTPServer(("127.0.0.1", 0), Handler))


class RawServer(_Running):
    """Sends the same bytes to whoever connects, and nothing else; a context manager.

    Attributes:
        asked: an entry per visitor.
        address: host and port.
    """

    def __init__(self, content: bytes) -> None:
        self.asked: list[str] = []
        asked = self.asked

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                asked.append("")
                self.request.sendall(content)

        super().__init__(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler))
