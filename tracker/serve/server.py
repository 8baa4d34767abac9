"""Runs the web server in a thread of its own, and stops it within a second."""

import asyncio
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp

from tracker.serve.hub import Hub
from tracker.serve.patience import LONGEST_HEAD, MOST_CONNECTIONS, PatientProtocol

POLITE = 0.5
"""Seconds that viewers have to say goodbye; then their connections are cut."""
_STOPPED = 1.0
_LONGEST_MESSAGE = 1024
"""Bytes: what viewers say is short."""
_PING = 20.0


class Server:
    """Serves an application on a socket that listens already.

    Args:
        app: the application (ASGI).
        listener: the socket, which is closed with the server.
        hub: is told of the event loop, and of the end.
    """

    def __init__(self, app: ASGIApp, listener: socket.socket, hub: Hub) -> None:
        config = uvicorn.Config(
            app,
            log_config=None,
            log_level="critical",
            access_log=False,
            loop="asyncio",
            http=PatientProtocol,
            h11_max_incomplete_event_size=LONGEST_HEAD,
            ws="websockets-sansio",
            ws_max_size=_LONGEST_MESSAGE,
            ws_ping_interval=_PING,
            ws_ping_timeout=_PING,
            ws_per_message_deflate=False,  # pictures are compressed already
            lifespan="off",
            proxy_headers=False,
            server_header=False,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_graceful_shutdown=1,
        )
        config.load()
        self._server = uvicorn.Server(config)
        self._listener, self._hub = listener, hub
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="page server", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Sends the viewers away and stops; may be called twice. A connection that does not end is cut."""
        self._server.should_exit = True
        self._soon(self._hub.end)
        self._thread.join(POLITE)
        if self._thread.is_alive():
            self._soon(self._cut)
            self._thread.join(_STOPPED)
        self._listener.close()

    def _run(self) -> None:
        self._hub.attach(self._loop)
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._server.serve([self._listener]))

    def _soon(self, call: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop is closed: nothing is left to be done
            self._loop.call_soon_threadsafe(call)

    def _cut(self) -> None:
        for connection in list(self._server.server_state.connections):
            connection.transport.abort()
