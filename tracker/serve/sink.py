"""The sink that shows frames and their faces on a page."""

import threading
from collections.abc import Callable, Sequence
from time import monotonic
from typing import NamedTuple

from tracker.errors import StageError
from tracker.extras import need
from tracker.faces import Faces
from tracker.frame import Frame
from tracker.meter import Rate
from tracker.serve.address import Address, is_local, listen, location, names
from tracker.serve.history import History
from tracker.serve.hub import Hub
from tracker.serve.message import Message, encode_header, encode_picture
from tracker.sinks.base import BaseSink

RATE = 30.0
"""So many frames per second are sent at most; a camera may give more."""


class _Newest(NamedTuple):
    serial: int
    grabbed: float
    rate: float
    frame: Frame
    faces: Faces


class ServeSink(BaseSink):
    """Serves a page that shows the frames and draws their faces.

    `append` keeps the newest frame and returns; what viewers wait for is encoded in a thread, once for all of them, and
    nothing if nobody waits.

    Args:
        address: where.
        pictures: whether viewers may have the pictures, or points only.
        grabbed: says when a frame's picture was taken, by `time.monotonic()`; when it came here if None.
        measures: names of the measures that the faces will have.

    Attributes:
        url: the page's address, with the token.
        sentences: what the user is to be told: the address, and a warning where other machines can reach it.

    Raises:
        OutputError: the address cannot be used, or the packages that serve are not installed.
    """

    def __init__(
        self,
        address: Address,
        *,
        pictures: bool = True,
        grabbed: Callable[[Frame], float] | None = None,
        measures: Sequence[str] = (),
    ) -> None:
        for module in ("fastapi", "uvicorn", "websockets"):
            need(module, extra="serve", purpose="The page")
        from tracker.serve.app import make_app
        from tracker.serve.guard import TOKEN, Guard, new_token
        from tracker.serve.server import Server

        self._grabbed = grabbed or (lambda _: monotonic())
        self._history, self._rate = History(measures=measures), Rate()
        self._newest: _Newest | None = None
        self._changed, self._closing = threading.Event(), threading.Event()
        self._error: Exception | None = None
        listener = listen(address)
        port, token = listener.getsockname()[1], new_token()
        self.url = f"http://{location(listener)}/?{TOKEN}={token}"
        self.sentences = [f"page: {self.url}", *([] if is_local(listener) else [_warning(pictures)])]
        self._hub = Hub(self._changed.set, pictures=pictures)
        app = Guard(make_app(self._hub, self._history, token, port), token, port, names(listener, address))
        self._server = Server(app, listener, self._hub)
        self._worker = threading.Thread(target=self._work, name="page encoder", daemon=True)
        self._worker.start()

    def append(self, frame: Frame, faces: Faces) -> None:
        """Shows the frame and its faces; returns at once."""
        self._raise()
        if not (self._closing.is_set() or (self._worker.is_alive() and self._server.alive)):
            raise StageError("A thread of the page ended.")
        self._history.append(frame, faces)
        serial = self._newest.serial + 1 if self._newest else 1
        self._newest = _Newest(serial, self._grabbed(frame), self._rate.count(), frame, faces)
        self._changed.set()

    def close(self) -> None:
        """Tells the viewers that it is over and stops the server, within about a second; may be called twice."""
        self._closing.set()
        self._changed.set()
        self._server.close()
        self._worker.join()
        self._raise()

    def _work(self) -> None:
        try:
            self._encode_what_is_wanted()
        except Exception as error:  # noqa: BLE001 - raised again in the loop's thread
            self._error = error

    def _encode_what_is_wanted(self) -> None:
        due, message = 0.0, None
        while not self._closing.is_set():
            self._changed.wait()
            self._changed.clear()
            if self._newest is None or not self._hub.wanted().frame:
                continue
            if message is None or not self._serves(message):
                now = monotonic()
                if self._closing.wait(max(0.0, due - now)):
                    return
                due = max(due, now - 1 / RATE) + 1 / RATE  # on time on average, though frames come early and late
                message = self._encoded(self._newest)
            self._hub.publish(message)

    def _serves(self, message: Message) -> bool:
        """Whether a message made before is still what viewers wait for."""
        fits = message.picture is not None or not self._hub.wanted().picture
        return fits and self._newest is not None and message.serial == self._newest.serial

    def _encoded(self, newest: _Newest) -> Message:
        header = encode_header(newest.frame, newest.faces, newest.serial, newest.rate)
        picture = encode_picture(newest.frame.image) if self._hub.wanted().picture else None
        return Message(newest.serial, newest.grabbed, header, picture)

    def _raise(self) -> None:
        if self._error is not None:
            error, self._error = self._error, None
            raise error


def _warning(pictures: bool) -> str:
    what = "picture and points" if pictures else "points"
    return (
        f"Warning: other machines of the network can reach this page, and it is not encrypted. Who has or overhears "
        f"its address sees {what}; serve on 127.0.0.1 (--serve PORT) where that matters."
    )
