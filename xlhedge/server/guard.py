"""What stands before every request: whose it is, from where, how large and how slow it may be."""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple

from xlhedge.server.access import Access

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

PRIVATE = ("/call", "/doctor", "/template/")
"""What is answered only to who may ask; the rest is the add-in itself and holds nothing of users'.

Excel fetches functions.json and the icons by itself, without the token.
"""

_WITH_BODY = "/call"

_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-cache"),
    (b"cross-origin-resource-policy", b"cross-origin"),  # icons are shown by Excel on the web
]
_DRAINED = 4  # times the limit is read of a body that is too large, so that the answer arrives


class Rules(NamedTuple):
    """The limits, and by which names the server is known.

    Parameters
    ----------
    origins
        As ``https://localhost:8443``: the pages that may ask are its own.
    access
        Who may ask.
    body_bytes
        Largest request.
    held_bytes
        Most that the requests together may hold, from their arrival until they are answered.
    body_seconds
        Time in which a request must have arrived.
    scripts
        Origins of scripts beside its own.
    """

    origins: tuple[str, ...]
    access: Access
    body_bytes: int
    held_bytes: int
    body_seconds: float
    scripts: tuple[str, ...] = ()


class Guard:
    """Passes on what keeps to the rules, with its whole body read; refuses the rest."""

    def __init__(self, app: App, rules: Rules) -> None:
        self._app = app
        self._rules = rules
        self._held = 0
        self._hosts = {origin.partition("://")[2].lower() for origin in rules.origins}
        policy = f"script-src 'self' {' '.join(rules.scripts)}".rstrip()
        policy += "; object-src 'none'; base-uri 'none'; form-action 'none'"
        self._headers = [*_HEADERS, (b"content-security-policy", policy.encode())]

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refused = await self._refusal(scope)
        if refused is not None:
            await self._refuse(send, *refused)
            return
        parts: list[bytes] = []
        try:
            refused = await self._read(scope, receive, parts)
            if refused is not None:
                await self._refuse(send, *refused)
                return
            await self._app(scope, _replayed(b"".join(parts), receive), self._with_headers(send))
        except Exception as problem:
            # Starlette has said so to the client. The log tells where, and quotes no cell.
            place = traceback.extract_tb(problem.__traceback__)[-1]
            logging.getLogger("xlhedge").error(  # noqa: TRY400
                "server: %s at %s:%s", type(problem).__name__, place.filename, place.lineno
            )
        finally:
            self._held -= sum(map(len, parts))

    async def _refusal(self, scope: Message) -> tuple[int, str] | None:
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        path = scope["path"]
        # A load balancer asks for the health by whatever name it knows the process.
        host = headers.get(b"host", "").lower().removesuffix(":443")
        if path != "/health" and host not in self._hosts:
            return 421, "the server is not known by that name"
        origin = headers.get(b"origin")
        if origin is not None and origin.lower() not in self._rules.origins:
            return 403, "only the add-in's own page may ask"
        if path.startswith(PRIVATE):
            text = await self._rules.access.refusal(headers.get(b"authorization", ""))
            if text is not None:
                return 401, text
        return None

    async def _read(
        self, scope: Message, receive: Receive, parts: list[bytes]
    ) -> tuple[int, str] | None:
        """Read the body into `parts`; why it is refused."""
        most = self._rules.body_bytes if scope["path"] == _WITH_BODY else 0
        size, more = 0, True
        try:
            async with asyncio.timeout(self._rules.body_seconds):
                while more:
                    message = await receive()
                    if message["type"] != "http.request":
                        return 499, "the client has gone"
                    part = message.get("body", b"")
                    size += len(part)
                    if size > _DRAINED * most:
                        break
                    if size <= most:
                        if self._held + len(part) > self._rules.held_bytes:
                            return 503, "the requests under way are too large: try again"
                        self._held += len(part)
                        parts.append(part)
                    more = message.get("more_body", False)
        except TimeoutError:
            return 408, "the request came too slowly"
        if size <= most:
            return None
        if not most:
            return 413, "this address takes no content"
        limit = most // 1_048_576
        return 413, f"the request is larger than {limit} MB: use fewer cells in one formula"

    async def _refuse(self, send: Send, status: int, text: str) -> None:
        logging.getLogger("xlhedge").info("server: %s refused: %s", status, text)
        body = json.dumps({"error": text}).encode()
        headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
        start = {"type": "http.response.start", "status": status, "headers": headers}
        send = self._with_headers(send)
        await send(start)
        await send({"type": "http.response.body", "body": body})

    def _with_headers(self, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *self._headers]
            await send(message)

        return sending


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Gives the body in one piece, then what comes after it: that the client has gone."""
    whole: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receiving() -> Message:
        return whole.pop() if whole else await receive()

    return receiving
