"""The routes of the page: its files, the table of the last minute, and the stream of frames."""

import asyncio
from contextlib import suppress
from functools import cache
from pathlib import Path
from time import monotonic, strftime

from fastapi import FastAPI, Request, Response, WebSocket
from starlette.websockets import WebSocketDisconnect

from tracker.drawing import SURE
from tracker.keypoints import KEYPOINTS, SKELETON
from tracker.serve.guard import TOKEN, cookie_name
from tracker.serve.history import History
from tracker.serve.hub import Hub, Viewer

MOST_WORDS = 240
"""So often a viewer may speak in a second; it has no more to say than it gets frames."""
PAGE = Path(__file__).with_name("page")
_KINDS = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_GOING_AWAY, _POLICY, _TRY_LATER = 1001, 1008, 1013
"""Codes with which a WebSocket is closed (RFC 6455, section 7.4.1, and its registry)."""


def make_app(hub: Hub, history: History, token: str, port: int) -> FastAPI:
    """Returns the application behind the guard.

    Args:
        hub: where viewers get their frames.
        history: what can be downloaded.
        token: given back as a cookie to who brought it in the address.
        port: where the server listens.
    """
    # FastAPI reports requests, tokens included, to an OpenTelemetry that the environment or another part of the
    # program set up; nothing may leave this way.
    app = FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        telemetry={
            "tracing": False,
            "metrics": False,
            "logs": False,
            "operation_spans": False,
            "auto_configure": False,
        },
    )

    @app.get("/")
    async def index(request: Request) -> Response:
        response = _file("index.html")
        if TOKEN in request.query_params:
            response.set_cookie(cookie_name(port), token, httponly=True, samesite="strict")
        return response

    @app.get("/alive")
    async def alive() -> Response:
        return Response(status_code=204)

    @app.get("/last-minute.csv")
    async def last_minute() -> Response:
        name = strftime("fkd-%Y%m%d-%H%M%S.csv")
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(await history.table(), media_type="text/csv", headers=headers)

    @app.websocket("/stream")
    async def stream(websocket: WebSocket) -> None:
        await websocket.accept()
        with hub.viewer() as viewer:
            if viewer is None:
                await websocket.close(_TRY_LATER, "too many viewers, or the end")
                return
            await websocket.send_json(
                {"keypoints": KEYPOINTS, "skeleton": SKELETON, "sure": SURE, "pictures": hub.pictures}
            )
            if not await _talk(websocket, viewer):
                await websocket.close(_POLICY, "not understood")

    @app.get("/{name}")
    async def file(name: str) -> Response:
        return _file(name) if name in _files() and name != "index.html" else Response(status_code=404)

    return app


async def _talk(websocket: WebSocket, viewer: Viewer) -> bool:
    """Sends frames and listens until one side ends it; False if the viewer said what it should not."""
    sending, listening = asyncio.create_task(_send(websocket, viewer)), asyncio.create_task(_listen(websocket, viewer))
    try:
        done, _ = await asyncio.wait({sending, listening}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        sending.cancel()
        listening.cancel()
        await asyncio.wait({sending, listening})
    if sending in done:
        sending.result()
    return listening not in done or listening.result()


async def _send(websocket: WebSocket, viewer: Viewer) -> None:
    with suppress(WebSocketDisconnect):
        while (message := await viewer.next()) is not None:
            await websocket.send_bytes(message.packed(viewer.latency, picture=viewer.pictures))
        await websocket.close(_GOING_AWAY, "ended")


async def _listen(websocket: WebSocket, viewer: Viewer) -> bool:
    since, words = monotonic(), 0
    while (message := await websocket.receive())["type"] != "websocket.disconnect":
        words += 1
        if words > MOST_WORDS and monotonic() - since < 1:
            return False
        if words > MOST_WORDS:
            since, words = monotonic(), 0
        if not viewer.hear(message.get("text") or ""):
            return False
    return True


@cache
def _files() -> dict[str, bytes]:
    """The page's files by name; only these can be asked for."""
    return {path.name: path.read_bytes() for path in PAGE.iterdir() if path.suffix in _KINDS}


def _file(name: str) -> Response:
    return Response(_files()[name], media_type=_KINDS[Path(name).suffix])
