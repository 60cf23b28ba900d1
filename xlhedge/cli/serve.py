"""`xlhedge serve`: the server of the Office add-in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xlhedge.errors import FileError, InputError
from xlhedge.system.files import save

if TYPE_CHECKING:
    from xlhedge.server.run import Team

_PORT = 8443


def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = _PORT,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that calculate; one a processor.")
    ] = None,
    seconds: Annotated[
        float, typer.Option(min=1, max=86_400, help="Time for the calls of one request.")
    ] = 60.0,
    manifest: Annotated[
        Path | None,
        typer.Option(help="Write the add-in's manifest to a new file, and stop.", dir_okay=False),
    ] = None,
    trust: Annotated[
        bool, typer.Option("--trust", help="Have this user's system trust the server, and stop.")
    ] = False,
    distrust: Annotated[bool, typer.Option("--distrust", help="Undo --trust, and stop.")] = False,
    office_js: Annotated[
        Path | None,
        typer.Option(
            help="Folder with Microsoft's office.js, where its address cannot be reached.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    team: Annotated[
        bool, typer.Option("--team", help="Serve a team, behind the company's proxy.")
    ] = False,
    public_url: Annotated[
        str, typer.Option(help="With --team: address at which users reach the proxy.")
    ] = "",
    issuer: Annotated[
        str, typer.Option(help="With --team: address of the OpenID Connect provider.")
    ] = "",
    audience: Annotated[
        str, typer.Option(help="With --team: what the tokens' aud must name.")
    ] = "",
    host: Annotated[
        str, typer.Option(help="With --team: address to listen on, for the proxy.")
    ] = "127.0.0.1",
) -> None:
    """Serve the Office add-in: the functions in Excel on the Mac, on the web and on Windows.

    Listens on 127.0.0.1 for this user alone, until it is stopped with Ctrl+C.

    Examples:

      xlhedge serve --trust

      xlhedge serve --manifest xlhedge.xml

      xlhedge serve

      xlhedge serve --team --public-url https://xlhedge.company.com --issuer https://login.company.com --audience xlhedge --port 8080
    """  # noqa: E501  # a command is one line
    from xlhedge.server import certificates, run
    from xlhedge.server import trust as trusted

    members = _team(team, public_url, issuer, audience, host)
    stopping = {"--trust": trust, "--distrust": distrust, "--manifest": manifest is not None}
    wanted = [name for name, value in stopping.items() if value]
    if len(wanted) > 1 or (members and (trust or distrust)):
        wanted += ["--team"] if members else []
        raise InputError(f"{' and '.join(wanted)} do not go together: one at a time")
    if trust:
        print(trusted.add(certificates.identity(certificates.folder()).authority))
        return
    if distrust:
        print(trusted.remove(certificates.folder() / certificates.AUTHORITY))
        return
    if manifest is not None:
        _refuse_existing(manifest)
        text = (
            run.team_manifest(members)
            if members
            else run.local_manifest(port, certificates.identity(certificates.folder()))
        )
        save(text.encode(), manifest, private=True)
        print(f"written: {manifest}")
        return
    limits = run.Limits(seconds=seconds)
    if workers is not None:
        limits = limits._replace(workers=workers)
    if members:
        where = f"{public_url}, on {host} port {port}"
        run.serve_team(port, limits, members, started=_told(where), office_js=office_js)
    else:
        run.serve_local(
            port, limits, started=_told(f"https://localhost:{port}"), office_js=office_js
        )
    print("stopped")


def _told(where: str) -> Callable[[], None]:
    return lambda: print(f"serving {where}; stop with Ctrl+C", flush=True)


def _team(team: bool, public_url: str, issuer: str, audience: str, host: str) -> Team | None:
    from xlhedge.server.run import Team

    given = {"--public-url": public_url, "--issuer": issuer, "--audience": audience}
    if not team:
        wrong = [name for name, value in given.items() if value]
        wrong += ["--host"] if host != "127.0.0.1" else []
        if wrong:
            raise InputError(f"{', '.join(wrong)} needs --team")
        return None
    lacking = [name for name, value in given.items() if not value]
    if lacking:
        raise InputError(f"--team needs {', '.join(lacking)}")
    return Team(public_url, issuer, audience, host)


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise FileError(f"{path} exists already")
    if not path.parent.is_dir():
        raise FileError(f"the folder {path.parent} does not exist")
