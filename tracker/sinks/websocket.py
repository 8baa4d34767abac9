"""A WebSocket server, from which any number of programs and local web pages read what a line of a .jsonl says."""

import asyncio
import errno
import logging
import re
import threading
from collections import deque
from concurrent.futures import Future
from typing import TYPE_CHECKING

from tracker.errors import OutputError, StageError
from tracker.extras import need
from tracker.faces import Faces
from tracker.frame import Frame
from tracker.sinks.base import BaseSink
from tracker.sinks.jsonl import encode

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection

WAITING = 8
"""How many messages may wait for a client; then its oldest is dropped."""
SEND_BUFFER = 1 << 16
"""Bytes that the system may hold back for a client, lest a slow one sees what is long past."""
LONGEST = 1024
"""Bytes of the longest message that a client may send; what it says is ignored."""
MOST_CLIENTS = 64
"""Further ones are sent away."""
TRY_LATER = 1013
"""The code with which they are (RFC 6455's registry)."""
PATIENCE = 1.0
"""Seconds that clients have, when the server closes, to take what waits for them, and as many to say goodbye."""

_THIS_MACHINE = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")


class _Client:
    """One client, and what waits for it."""

    def __init__(self, connection: "ServerConnection") -> None:
        self.connection = connection
        self.waiting: deque[bytes] = deque(maxlen=WAITING)
        self.more = asyncio.Event()

    @property
    def behind(self) -> bool:
        """Whether it has not taken all that there is for it."""
        return bool(self.waiting) or self.connection.transport.get_write_buffer_size() > 0


class WebSocketSink(BaseSink):
    """Serves every frame as a text message of JSON; see `points.schema.json`.

    The server runs in a thread of its own and never waits for a client. Web pages are told apart by their origin:
    those of this machine may read, pages from elsewhere are refused, which is what keeps a page on the web from
    reading along. Programs other than browsers send no origin and may read.

    Args:
        host: the address at which to listen.
        port: its port; 0 is any that is free.
        origins: origins of web pages that may read too, such as `https://example.org`; `*` is any page.

    Raises:
        OutputError: websockets is not installed, or the port is taken.

    Attributes:
        port: the port at which the server listens.
        clients: how many clients are connected.
    """

    def __init__(self, host: str, port: int, *, origins: tuple[str, ...] = ()) -> None:
        need("websockets", extra="websocket", purpose="A WebSocket")
        self._dropped = 0
        self._clients: set[_Client] = set()
        self._allowed = None if "*" in origins else [None, _THIS_MACHINE, *origins]
        self._listening: Future[int] = Future()
        self._closed = False
        self._thread = threading.Thread(target=lambda: self._run(host, port), name="websocket server", daemon=True)
        self._thread.start()
        self.port = self._listening.result()

    @property
    def dropped(self) -> int:
        """How many messages were dropped because a client was slow to take them."""
        return self._dropped

    @property
    def clients(self) -> int:
        """How many clients are connected."""
        return len(self._clients)

    def append(self, frame: Frame, faces: Faces) -> None:
        """Puts the frame into every client's queue."""
        if not self._thread.is_alive() and not self._closed:
            raise StageError(f"The WebSocket server at port {self.port} ended.")
        if self._clients and not self._closed:
            self._loop.call_soon_threadsafe(self._publish, encode(frame, faces))

    def close(self) -> None:
        """Ends the server once the clients have taken what waits for them; may be called twice."""
        self._closed = True
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._closing.set)
            self._thread.join()

    def _run(self, host: str, port: int) -> None:
        try:
            asyncio.run(self._serve(host, port))
        except BaseException as error:
            if self._listening.done():
                raise
            self._listening.set_exception(error)

    async def _serve(self, host: str, port: int) -> None:
        from websockets.asyncio.server import serve

        self._loop, self._closing = asyncio.get_running_loop(), asyncio.Event()
        try:
            server = await serve(
                self._talk,
                host,
                port,
                origins=self._allowed,  # type: ignore[arg-type]  # any str will do for its NewType of str
                compression=None,  # costs more time than it saves on one machine
                max_size=LONGEST,
                close_timeout=PATIENCE,
                server_header=None,
                logger=logging.Logger("websockets", logging.CRITICAL),  # a client's mistakes are not the user's
            )
        except OSError as error:
            reason = "the port is taken" if error.errno == errno.EADDRINUSE else error.strerror
            self._listening.set_exception(OutputError(f"Port {port} of {host} cannot be listened at: {reason}."))
            return
        async with server:
            self._listening.set_result(next(iter(server.sockets)).getsockname()[1])
            await self._closing.wait()
            await self._taken()

    async def _talk(self, connection: "ServerConnection") -> None:
        """Sends to a client until it leaves."""
        import socket

        from websockets.exceptions import ConnectionClosed

        connection.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        if len(self._clients) >= MOST_CLIENTS:
            await connection.close(TRY_LATER, "too many clients")
            return
        client = _Client(connection)
        self._clients.add(client)
        sending = asyncio.create_task(self._send(client))
        try:
            async for _ in connection:
                pass
        except ConnectionClosed:
            pass
        finally:
            self._clients.discard(client)
            sending.cancel()

    async def _send(self, client: _Client) -> None:
        from websockets.exceptions import ConnectionClosed

        try:
            while await client.more.wait():
                client.more.clear()
                while client.waiting:
                    await client.connection.send(client.waiting.popleft(), text=True)
        except ConnectionClosed:
            pass  # _talk notices too

    def _publish(self, message: bytes) -> None:
        for client in self._clients:
            self._dropped += len(client.waiting) == WAITING
            client.waiting.append(message)
            client.more.set()

    async def _taken(self) -> None:
        """Waits a while until every client has taken what there is for it, and breaks off with those that do not."""
        end = self._loop.time() + PATIENCE
        while any(client.behind for client in self._clients) and self._loop.time() < end:
            await asyncio.sleep(0.01)
        for client in self._clients:
            if client.behind:
                client.connection.transport.abort()
