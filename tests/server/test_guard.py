"""Who is let through to the server, and what is refused before anything is calculated."""

import asyncio
import json
import logging

import pytest
from asgi import ask

from xlhedge.server.access import Token
from xlhedge.server.guard import Guard, Rules

OWN = "https://localhost:8443"
SECRET = {"authorization": "Bearer secret"}


async def reached(scope, receive, send):
    """Gives back the body that it was given."""
    message = await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": message["body"]})


def guard(app=reached, **changes):
    rules = Rules((OWN, "https://127.0.0.1:8443"), Token("secret"), 1000, 5000, 5.0)
    return Guard(app, rules._replace(**changes))


@pytest.mark.parametrize("host", ["localhost:8443", "127.0.0.1:8443", "LOCALHOST:8443"])
def test_the_servers_own_names_are_let_through(host):
    status, _, body = ask(
        guard(), "/call", "POST", [b"a", b"b"], SECRET | {"host": host, "origin": OWN}
    )  # fmt: skip
    assert (status, body) == (200, b"ab")


@pytest.mark.parametrize("host", ["evil.test:8443", "localhost:1", "localhost", ""])
def test_a_name_that_leads_here_by_a_strangers_dns_is_refused(host):
    assert ask(guard(), "/pane.html", headers={"host": host})[0] == 421


def test_the_health_is_told_under_any_name():
    assert ask(guard(), "/health", headers={"host": "10.0.0.7"})[0] == 200


@pytest.mark.parametrize("origin", ["https://evil.test", "null", "http://localhost:8443", ""])
def test_a_page_of_another_origin_is_refused_also_with_the_token(origin):
    status, headers, _ = ask(guard(), "/call", "POST", headers=SECRET | {"origin": origin})
    assert status == 403
    assert not [name for name in headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", ["/call", "/doctor", "/template/hedge_desk"])
@pytest.mark.parametrize(
    "given", [{}, {"authorization": "Bearer Secret"}, {"authorization": "secret"},
              {"authorization": "Bearer sécret"}]
)  # fmt: skip
def test_what_is_private_is_refused_without_the_token(path, given):
    status, _, body = ask(guard(), path, "POST", headers=given)
    assert status == 401
    assert json.loads(body)["error"].startswith("the add-in's token")


@pytest.mark.parametrize("path", ["/functions.json", "/pane.html", "/icon-32.png"])
def test_what_excel_itself_fetches_needs_no_token(path):
    assert ask(guard(), path)[0] == 200


def test_a_body_that_is_too_large_is_refused_and_not_passed_on():
    never = guard(app=None)
    status, _, body = ask(never, "/call", "POST", [b"x" * 600] * 3, SECRET)
    assert (status, json.loads(body)["error"][:27]) == (413, "the request is larger than ")
    assert ask(never, "/call", "POST", [b"x" * 600] * 100_000, SECRET)[0] == 413


@pytest.mark.parametrize("path", ["/health", "/pane.html", "/template/hedge_desk", "/call/", "/x"])
def test_only_calls_may_send_content(path):
    status, _, body = ask(guard(app=None), path, "POST", [b"x"], SECRET)
    assert (status, json.loads(body)["error"]) == (413, "this address takes no content")


def test_requests_that_hold_too_much_together_are_told_to_come_again():
    others = []

    async def asked_meanwhile(scope, receive, send):
        message = await receive()
        for size in (500, 400):
            if len(message["body"]) == 600:
                asked = (door, "/call", "POST", [b"x" * size], SECRET)
                others.append((await asyncio.to_thread(ask, *asked))[0])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    door = guard(asked_meanwhile, held_bytes=1000)
    for _ in range(3):
        assert ask(door, "/call", "POST", [b"x" * 600], SECRET)[0] == 200
    assert others == [503, 200] * 3


def test_a_part_of_a_request_is_not_taken_for_the_whole():
    sent = []

    async def receive():
        parts.append(parts.pop(0))
        return parts[-1]

    async def send(message):
        sent.append(message)

    parts = [{"type": "http.request", "body": b"{}", "more_body": True}]
    parts.append({"type": "http.disconnect"})
    headers = [(b"host", b"localhost:8443"), (b"authorization", b"Bearer secret")]
    scope = {"type": "http", "path": "/call", "headers": headers}
    asyncio.run(guard(app=None)(scope, receive, send))
    assert sent[0]["status"] == 499


def test_a_client_that_takes_too_long_is_refused():
    slow = guard(body_seconds=0.05)
    assert ask(slow, "/call", "POST", [b"x"] * 100, SECRET, pause=0.01)[0] == 408


def test_scripts_come_from_the_server_and_microsofts_address_alone():
    _, headers, _ = ask(guard(scripts=("https://office.test",)), "/pane.html")
    assert headers["content-security-policy"].startswith("script-src 'self' https://office.test;")
    assert headers["x-content-type-options"] == "nosniff"


def test_a_failure_is_logged_by_its_kind_and_place_without_what_it_says(caplog, monkeypatch):
    async def broken(scope, receive, send):
        await send({"type": "http.response.start", "status": 500, "headers": []})
        raise ValueError("SECRETFUND")

    monkeypatch.setattr(logging.getLogger("xlhedge"), "propagate", True)
    assert ask(guard(broken), "/call", "POST", headers=SECRET)[0] == 500
    assert "ValueError at" in caplog.text
    assert "SECRETFUND" not in caplog.text
