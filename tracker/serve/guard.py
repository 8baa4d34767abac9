"""Who may see the page: token, Host and Origin are checked before anything else looks at a request.

The token is in the printed address. The first request brings it in the query and gets it back as a cookie, which
scripts cannot read and other sites cannot send (HttpOnly, SameSite=Strict); the page then takes it out of the address
bar. A fragment would stay out of requests, but then the page itself had to be given to everybody.

A web site of somebody else can make a browser ask for 127.0.0.1 under a name of its own (DNS rebinding); the Host
header then has that name and is refused. It can also open a WebSocket here, which browsers allow across sites; the
Origin header then has the other site's name and is refused.
"""

from collections.abc import Iterable
from ipaddress import ip_address
from secrets import compare_digest, token_urlsafe

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOKEN = "token"
"""Name of the token in the query."""
_TOKEN_BYTES = 16
_REFUSED = "Refused. Open the whole address that fkd-live printed, with its token."


def new_token() -> str:
    """Returns 128 random bits, as 22 letters, digits, - and _."""
    return token_urlsafe(_TOKEN_BYTES)


class Guard:
    """Passes only requests with the token that mean this host, and adds headers that keep the page to itself.

    Args:
        app: what answers the requests that pass.
        token: what they must bring.
        port: where the server listens.
        names: by which names, in lower case, the host may be called besides the IP address that was reached.
    """

    def __init__(self, app: ASGIApp, token: str, port: int, names: Iterable[str]) -> None:
        self._app, self._token, self._port, self._names = app, token, port, frozenset(names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers a request (ASGI)."""
        connection = HTTPConnection(scope)
        host = connection.headers.get("host", "").lower()
        meant = self._means_this_host(connection, host)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_headers(host if meant else ""))
            await send(message)

        if meant and _is_own_origin(connection, host) and self._has_token(connection):
            await self._app(scope, receive, send_guarded)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # before it was accepted: the answer is 403
        else:
            await PlainTextResponse(_REFUSED, 403)(scope, receive, send_guarded)

    def _means_this_host(self, connection: HTTPConnection, host: str) -> bool:
        reached = str((connection.scope.get("server") or ("",))[0]).partition("%")[0].lower()
        allowed = {f"[{reached}]" if ":" in reached else reached, *self._names}
        if reached and ip_address(reached).is_loopback:
            allowed.add("localhost")
        return len(connection.headers.getlist("host")) == 1 and host in {
            form for name in allowed for form in (f"{name}:{self._port}", *([name] if self._port == 80 else []))
        }

    def _has_token(self, connection: HTTPConnection) -> bool:
        said = [connection.cookies.get(cookie_name(self._port), "")]
        if connection.scope["path"] == "/":
            said.append(connection.query_params.get(TOKEN, ""))
        matches = [compare_digest(each.encode("utf-8", "replace"), self._token.encode()) for each in said]
        return any(matches)


def cookie_name(port: int) -> str:
    """Name of the cookie: browsers share cookies between the ports of a host, so two trackers need two names."""
    return f"fkd-{port}"


def _is_own_origin(connection: HTTPConnection, host: str) -> bool:
    origins = connection.headers.getlist("origin")
    if not origins:
        return bool(connection.scope["type"] == "http")  # browsers leave it out there, but never for a WebSocket
    return [origin.lower() for origin in origins] == [f"http://{host}"]


def _headers(host: str) -> dict[str, str]:
    """Headers of every answer; older browsers take 'self' for pages alone, so that the stream's address is named."""
    stream = f" ws://{host}" if host else ""
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "connect-src": f"'self'{stream}",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
    }
    return {
        "content-security-policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "cache-control": "no-store",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=()",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
