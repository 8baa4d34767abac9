import pytest

from tests.tracker.serve.serving import UPGRADE, ask, cookie, faces, frame, knock, place, token
from tracker.serve.app import PAGE
from tracker.serve.sink import ServeSink

PATHS = ["/", "/page.js", "/page.css", "/icon.svg", "/last-minute.csv", "/alive", "/nothing", "/docs", "/openapi.json"]


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_shown_without_the_token(sink: ServeSink, path: str) -> None:
    sink.append(frame(0), faces(50))
    port = place(sink)[1]
    wrong = token(sink)[:-1] + ("A" if token(sink)[-1] != "A" else "B")
    refused = [ask(sink, path), ask(sink, f"{path}?token="), ask(sink, f"{path}?token={wrong}")]
    refused += [ask(sink, path, Cookie=said) for said in (f"fkd-{port}={wrong}", f"fkd-{port}=", f"fkd={token(sink)}")]
    refused += [ask(sink, path, Cookie=f"fkd-{port}=\xff\xfe")]
    for answer in refused:
        assert answer.status == 403
        assert b"address that fkd-live printed" in answer.body
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", [path for path in PATHS if path != "/"])
def test_the_token_is_taken_from_the_address_of_the_page_alone(sink: ServeSink, path: str) -> None:
    assert ask(sink, f"{path}?token={token(sink)}").status == 403


def test_the_token_becomes_a_cookie_that_scripts_and_other_sites_cannot_use(sink: ServeSink) -> None:
    answer = ask(sink, f"/?token={token(sink)}")
    assert answer.status == 200
    name, *traits = answer.headers["set-cookie"].split("; ")
    assert name == f"fkd-{place(sink)[1]}={token(sink)}"
    assert {"HttpOnly", "SameSite=strict"} <= set(traits)
    assert not any(trait.startswith(("Domain", "Max-Age", "expires")) for trait in traits)
    assert ask(sink, "/", **cookie(sink)).headers["set-cookie"] is None


def test_tokens_are_long_and_different() -> None:
    from tracker.serve.guard import new_token

    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert min(map(len, tokens)) >= 22  # 128 bits at 6 bits a letter


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil.example:{port}", ""]
)
def test_another_host_is_refused(sink: ServeSink, host: str) -> None:
    named = host.format(port=place(sink)[1])
    assert ask(sink, Host=named, **cookie(sink)).status == 403
    assert knock(sink, Host=named, **cookie(sink)) == 403
    assert knock(sink, Host=named, Origin=f"http://{named}", **cookie(sink)) == 403


def test_localhost_is_this_host(sink: ServeSink) -> None:
    named = f"localhost:{place(sink)[1]}"
    assert ask(sink, Host=named, **cookie(sink)).status == 200
    assert knock(sink, Host=named, Origin=f"http://{named}", **cookie(sink)) == 101


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "null", "", "https://127.0.0.1:{port}", "http://127.0.0.1:1", "http://localhost:{port}"],
)
def test_another_origin_is_refused(sink: ServeSink, origin: str) -> None:
    foreign = origin.format(port=place(sink)[1])
    assert knock(sink, Origin=foreign, **cookie(sink)) == 403
    assert ask(sink, "/last-minute.csv", Origin=foreign, **cookie(sink)).status == 403


def test_the_stream_needs_token_and_origin(sink: ServeSink) -> None:
    assert knock(sink, **cookie(sink)) == 101
    assert knock(sink) == 403
    assert ask(sink, f"/stream?token={token(sink)}", **UPGRADE).status == 403
    assert ask(sink, "/stream", **UPGRADE, **cookie(sink)).status == 403  # no Origin at all


@pytest.mark.parametrize(
    "path",
    [
        "/../app.py",
        "/..%2fapp.py",
        "/%2e%2e/%2e%2e/etc/passwd",
        "//etc/passwd",
        "/page/../../guard.py",
        "/page.js/",
        "/page.js%00.css",
        "/./page.js",
        "/index.html",
        "/C:%5Cwindows%5Cwin.ini",
        "/page.css/../page.js",
    ],
)
def test_no_path_leads_out_of_the_page(sink: ServeSink, path: str) -> None:
    answer = ask(sink, path, **cookie(sink))
    assert answer.status == 404
    assert b"import" not in answer.body
    assert ask(sink, path).status == 403


def test_only_what_the_page_is_made_of_is_served(sink: ServeSink) -> None:
    for path in PAGE.iterdir():
        if path.name != "index.html":
            assert ask(sink, f"/{path.name}", **cookie(sink)).body == path.read_bytes()
    for name in ("docs", "redoc", "openapi.json", "stream", "__init__.py"):
        assert ask(sink, f"/{name}", **cookie(sink)).status == 404
    assert ask(sink, "/", method="POST", **cookie(sink)).status == 405


def test_every_answer_keeps_the_page_to_itself(sink: ServeSink) -> None:
    for answer in (ask(sink, **cookie(sink)), ask(sink, "/nothing", **cookie(sink)), ask(sink), ask(sink, Host="evil")):
        policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert not any(
            word in value for value in policy.values() for word in ("unsafe", "*", "data:", "https:", "evil")
        )
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in answer.headers
        assert "server" not in answer.headers
