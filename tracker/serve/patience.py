"""How long a connection may take, and how many there may be: what keeps slow and many clients from holding the page up.

Uvicorn waits for ever for the rest of a request. Whoever opens connections and dribbles into them would take all there
are, without a token, for what is checked by `guard` comes with the request.
"""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

PATIENCE = 10.0
"""Seconds in which a connection must bring a whole request, the first and each further one."""
READING = 30.0
"""Seconds in which an answer must be taken."""
MOST_CONNECTIONS = 256
"""Further ones are cut at once."""
LONGEST_HEAD = 32 << 10
"""Bytes of a request's head; cookies of other programs on the same host come with it."""


class PatientProtocol(H11Protocol):
    """HTTP/1.1 as Uvicorn speaks it, with limits."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Takes a connection in, if there are not too many, and begins to wait."""
        super().connection_made(transport)
        self._wait()
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Begins to wait for the next request."""
        super().on_response_complete()
        self._wait()

    def _wait(self) -> None:
        self._stop_waiting()
        self._waiting = self.loop.call_later(PATIENCE, self._late)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()

    def _late(self) -> None:
        """Cuts the connection, unless it has become a WebSocket; an answer that is on its way has longer."""
        if self.transport.get_protocol() is not self:
            return
        if self.cycle is not None and not self.cycle.response_complete:
            self._waiting = self.loop.call_later(READING, self.transport.abort)
        else:
            self.transport.abort()
