"""Runs the server until it is asked to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import signal
import socket
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from xlhedge.errors import FileError, InputError
from xlhedge.hosts.office_js import manifest, render
from xlhedge.server import app, certificates
from xlhedge.server.access import Access, OpenIdConnect, Token
from xlhedge.server.guard import Guard, Rules
from xlhedge.server.workers import Pool
from xlhedge.system import log as logs
from xlhedge.system.files import sentence

LOOPBACK = "127.0.0.1"
_HTTPS = 443
_HOST = re.compile(r"[a-z0-9._:-]+")
_MEGABYTE = 1_048_576
_BODY_SECONDS = 30.0
_STOP_SECONDS = 10
_HEADER_SECONDS = 10.0
_BACKLOG = 2048
_RENEWAL_SECONDS = 86_400
_KEPT_SECONDS = 60  # a cell asks again without a new handshake


class Limits(NamedTuple):
    """What one request may take, and how many are taken at a time."""

    workers: int = os.cpu_count() or 1
    seconds: float = 60.0
    body_bytes: int = 32 * _MEGABYTE
    queue: int = 1000
    held_bytes: int = 256 * _MEGABYTE
    connections: int = 2000


class Team(NamedTuple):
    """A server for a team: its public address, and who signs the users' tokens."""

    public_url: str
    issuer: str
    audience: str
    host: str = LOOPBACK


def local_manifest(port: int, identity: certificates.Identity) -> str:
    """The manifest of this user's own server, with the token."""
    return manifest.render(_origin(f"https://localhost:{port}"), fragment=f"token={identity.token}")


def team_manifest(team: Team) -> str:
    """The manifest that all users of a team's server get."""
    return manifest.render(_public_origin(team), domains=[_origin(team.issuer)])


def serve_local(
    port: int, limits: Limits, *, started: Callable[[], None], office_js: Path | None = None
) -> None:
    """Serve the user of this machine: on the loopback address, with TLS and a token.

    Parameters
    ----------
    port
        Where to listen.
    limits
        What a request may take.
    started
        Called when the first request can be answered.
    office_js
        A folder with Microsoft's library, to be used in place of Microsoft's address.

    Raises
    ------
    FileError
        When the port is taken, the user's folder cannot be written, or no process can be started.
    """
    identity = certificates.identity(certificates.folder())
    origins = tuple(_origin(f"https://{name}:{port}") for name in ("localhost", LOOPBACK))
    rules = _rules(origins, Token(identity.token), limits, office_js)
    application = app.build(rules, _pool(limits), started=started, office_js=office_js)
    _run(application, LOOPBACK, port, limits, identity)


def serve_team(
    port: int,
    limits: Limits,
    team: Team,
    *,
    started: Callable[[], None],
    office_js: Path | None = None,
) -> None:
    """Serve a team, behind the company's proxy: it ends TLS and signs users in.

    Parameters
    ----------
    port, limits, started, office_js
        As for `serve_local`.
    team
        Its addresses.

    Raises
    ------
    InputError
        When an address is not https, or the identity provider does not answer.
    FileError
        When the port is taken or no process can be started.
    """
    shared_manifest = team_manifest(team)
    access = OpenIdConnect(team.issuer, team.audience)
    rules = _rules((_public_origin(team),), access, limits, office_js)
    access.read()
    application = app.build(
        rules,
        _pool(limits),
        started=started,
        shared_manifest=shared_manifest,
        office_js=office_js,
    )
    _run(application, team.host, port, limits)


def _origin(address: str) -> str:
    """An address's origin as browsers send it: in lower case, and without the port 443."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port or _HTTPS
    except ValueError:
        parts, host, port = urlsplit(""), "", 0
    if parts.scheme != "https" or parts.username is not None or not _HOST.fullmatch(host):
        raise InputError(f"an address such as https://xlhedge.company.com is needed, got {address}")
    name = f"[{host}]" if ":" in host else host
    return f"https://{name}" + (f":{port}" if port != _HTTPS else "")


def _public_origin(team: Team) -> str:
    origin = _origin(team.public_url)
    parts = urlsplit(team.public_url)
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise InputError(f"the add-in needs {origin} for itself, got {team.public_url}")
    return origin


def _rules(
    origins: tuple[str, ...], access: Access, limits: Limits, office_js: Path | None
) -> Rules:
    parts = urlsplit(render.OFFICE_JS)
    scripts = () if office_js else (f"{parts.scheme}://{parts.netloc}",)
    return Rules(origins, access, limits.body_bytes, limits.held_bytes, _BODY_SECONDS, scripts)


def _pool(limits: Limits) -> Pool:
    return Pool(limits.workers, seconds=limits.seconds, queue=limits.queue)


def _run(
    application: Guard,
    host: str,
    port: int,
    limits: Limits,
    identity: certificates.Identity | None = None,
) -> None:
    logs.to_file()
    for name in ("uvicorn.error", "asyncio"):
        logger = logging.getLogger(name)
        logger.propagate = False
        logger.addHandler(logging.NullHandler())
    config = uvicorn.Config(
        application,
        http=Protocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=_BACKLOG,
        timeout_keep_alive=_KEPT_SECONDS,
        limit_concurrency=limits.connections,
        timeout_graceful_shutdown=_STOP_SECONDS,
        ssl_certfile=identity.certificate if identity else None,
        ssl_keyfile=identity.key if identity else None,
        callback_notify=_renewal(lambda: config.ssl) if identity else None,
        timeout_notify=_RENEWAL_SECONDS,
    )
    # Uvicorn finishes what is under way and then sends itself the signal once more.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with _bound(host, port) as listening, contextlib.suppress(KeyboardInterrupt):
        try:
            uvicorn.Server(config).run([listening])
        except SystemExit:  # so uvicorn ends when the application cannot be started
            raise FileError("the processes that calculate could not be started") from None


def _renewal(context: Callable[[], ssl.SSLContext | None]) -> Callable[[], Awaitable[None]]:
    """Has a server that runs for months show a certificate that has not ended."""

    async def renew() -> None:
        # What cannot be renewed today may be tomorrow: the certificate still has weeks.
        with contextlib.suppress(FileError, ssl.SSLError):
            current = await asyncio.to_thread(certificates.identity, certificates.folder())
            if (used := context()) is not None:
                used.load_cert_chain(current.certificate, current.key)

    return renew


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    try:
        if os.name == "nt":  # there another program could take the port away
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)  # type: ignore[attr-defined,unused-ignore]  # Windows only
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        # Linux lets two bind that do not listen yet; who asks early waits until there is an answer.
        listening.listen(_BACKLOG)
    except (OSError, OverflowError) as problem:
        listening.close()
        reason = sentence(problem) if isinstance(problem, OSError) else str(problem)
        raise FileError(f"cannot listen at {host} port {port}: {reason}") from None
    return listening


class Protocol(H11Protocol):
    """HTTP as uvicorn speaks it, with a limit on how long a client takes to ask."""

    _asking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take a part of a request; the time counts until its headers are whole."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._wait_no_more()
        elif self._asking is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._wait_no_more()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._asking = self.loop.call_later(_HEADER_SECONDS, self.transport.close)

    def _wait_no_more(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None
