"""What the server answers: the add-in's files, calls, the doctor, templates, and its health."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

import xlhedge
from xlhedge import doctor
from xlhedge.errors import HedgeError
from xlhedge.hosts.excel import help as manual
from xlhedge.hosts.office_js import manifest, render
from xlhedge.server import books
from xlhedge.server.access import Token
from xlhedge.server.guard import Guard, Rules
from xlhedge.server.workers import BusyError, LateError, Pool
from xlhedge.templates import TEMPLATES

_JSON, _TEXT = "application/json", "text/plain; charset=utf-8"
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TYPES = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}
_STATUS: dict[type[HedgeError], int] = {BusyError: 503, LateError: 504}


def build(
    rules: Rules,
    pool: Pool,
    *,
    started: Callable[[], None],
    shared_manifest: str | None = None,
    office_js: Path | None = None,
) -> Guard:
    """The server's application.

    Parameters
    ----------
    rules
        Who may ask, and how much.
    pool
        Who calculates.
    started
        Called when the first request can be answered.
    shared_manifest
        The manifest, where it is the same for all users and holds no secret.
    office_js
        A folder with Microsoft's library, to be used in place of Microsoft's address.
    """

    @asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        await pool.start()
        started()
        try:
            yield
        finally:
            await pool.stop()

    routes = _pages(rules, pool, "/office-js/office.js" if office_js else render.OFFICE_JS)
    routes += [
        Route("/call", _calls(pool), methods=["POST"]),
        Route("/doctor", _doctor, methods=["POST"]),
        Route("/template/{name}", _template, methods=["POST"]),
        Route("/health", _health(pool)),
    ]
    if shared_manifest is not None:
        routes.append(_fixed("/manifest.xml", shared_manifest.encode(), "application/xml"))
    mounts = [Mount("/office-js", StaticFiles(directory=office_js))] if office_js else []
    return Guard(Starlette(routes=[*routes, *mounts], lifespan=life), rules)


def _pages(rules: Rules, pool: Pool, office_js: str) -> list[Route]:
    """What is the same for everybody and each time."""
    bounds = render.Bounds(rules.body_bytes, pool.seconds)
    functions = render.functions(f"{rules.origins[0]}/functions.html")
    by_token = isinstance(rules.access, Token)
    catalog = render.catalog() | books.listing() | {"asksForToken": by_token}
    html = "text/html; charset=utf-8"
    pages = [
        _fixed("/functions.json", json.dumps(functions).encode(), _JSON),
        _fixed("/catalog.json", json.dumps(catalog, default=str).encode(), _JSON),
        _fixed("/functions.js", render.functions_script(bounds).encode(), _TYPES["js"]),
        _fixed("/functions.html", manual.render().encode(), html),
        _fixed("/pane.html", render.pane(office_js).encode(), html),
    ]
    pages += [
        _fixed(f"/{name}", render.part(name).encode(), _TYPES[name.rpartition(".")[2]])
        for name in ("pane.js", "pane.css")
    ]
    pages += [_fixed(f"/icon-{n}.png", render.icon(n), "image/png") for n in manifest.SIZES]
    return pages


def _fixed(path: str, content: bytes, media_type: str) -> Route:
    async def page(_: Request) -> Response:
        return Response(content, media_type=media_type)

    return Route(path, page)


def _calls(pool: Pool) -> Callable[[Request], Awaitable[Response]]:
    async def calls(request: Request) -> Response:
        body = await request.body()
        answering = asyncio.create_task(pool.answer(body))
        leaving = asyncio.create_task(_gone(request))
        try:
            await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not answering.done():
                return Response(status_code=499)  # nobody is there to read it
            return Response(answering.result(), media_type=_JSON)
        except HedgeError as problem:
            return refusal(_STATUS.get(type(problem), 400), str(problem))
        finally:
            answering.cancel()
            leaving.cancel()

    return calls


async def _gone(request: Request) -> None:
    """Return when the client is not there any more."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _doctor(_: Request) -> Response:
    findings = await asyncio.to_thread(doctor.run)
    return Response(json.dumps(doctor.as_data(findings)), media_type=_JSON)


async def _template(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in TEMPLATES:
        return refusal(404, f"there is no template {name!r}")
    return Response(await asyncio.to_thread(books.workbook, name), media_type=_WORKBOOK)


def _health(pool: Pool) -> Callable[[Request], Awaitable[Response]]:
    async def health(_: Request) -> Response:
        state = {
            "status": "ok",
            "version": xlhedge.__version__,
            "workers": pool.count,
            "idle": pool.idle,
            "waiting": pool.waiting,
            "answered": pool.answered,
        }
        return Response(json.dumps(state), media_type=_JSON)

    return health


def refusal(status: int, text: str) -> Response:
    """An answer that says what is wrong."""
    headers = {"Retry-After": "1"} if status == 503 else None
    return Response(json.dumps({"error": text}), status, headers, media_type=_JSON)
