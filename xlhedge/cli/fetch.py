"""`xlhedge fetch` and `xlhedge venues`."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from xlhedge.cli.console import console, print_rows
from xlhedge.errors import InputError
from xlhedge.system.files import destination

if TYPE_CHECKING:
    from xlhedge.market.connection import Connection
    from xlhedge.market.series import Progress

HOUR = 3_600_000

fetch = typer.Typer(
    name="fetch",
    help="Fetch market data and accounts from exchanges (needs the extra market).",
    no_args_is_help=True,
    rich_markup_mode=None,
)

VenueName = Annotated[str, typer.Argument(metavar="VENUE", help="The exchange: xlhedge venues.")]
Symbols = Annotated[
    list[str], typer.Argument(metavar="SYMBOL...", help="Markets, such as BTC/USDT:USDT.")
]
Target = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="FILE", help="Where to save, as CSV.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace FILE if it exists.")]
Since = Annotated[
    str, typer.Option("--since", metavar="T", help="From this time on, such as 2025-01-01 (UTC).")
]
Until = Annotated[
    str | None, typer.Option("--until", metavar="T", help="Up to this time; now by default.")
]
AllowGaps = Annotated[
    bool, typer.Option("--allow-gaps", help="Keep what is there; the manifest names the rest.")
]
Account = Annotated[
    str | None, typer.Option("--account", help="What to call the account; the exchange's name.")
]


@fetch.command()
def history(
    venue: VenueName,
    symbols: Symbols,
    since: Since,
    output: Target = None,
    until: Until = None,
    interval: Annotated[str, typer.Option(help="Length of the bars, such as 1h or 8h.")] = "8h",
    spot: Annotated[
        str | None,
        typer.Option(metavar="[VENUE:]SYMBOL", help="The spot market, where it is another."),
    ] = None,
    allow_gaps: AllowGaps = False,
    overwrite: Overwrite = False,
) -> None:
    """Spot, futures and funding of markets as one history, whole or refused with what is missing.

    Beside FILE stands FILE.manifest.json: what was asked for, what came, and the gaps.

    Examples:

      xlhedge fetch history binance BTC/USDT:USDT --since 2024-01-01 -o btc.csv

      xlhedge fetch history deribit BTC/USD:BTC --spot binance:BTC/USDT --since 2025-01-01 -o d.csv
    """
    from xlhedge.market import download, manifest

    target = _target(venue, output, overwrite=overwrite)
    if target is None:
        raise InputError("name the file to save to with -o")
    with connections() as (connect, progress):
        came = download.fetch(
            connect,
            venue,
            symbols,
            since=moment(since),
            until=None if until is None else moment(until),
            interval=length(interval),
            spot=spot,
            allow_gaps=allow_gaps,
            progress=progress,
        )
        now = connect(venue).now()
    if not came.histories:
        raise InputError(f"no bar of {interval} has ended since {since}")
    manifest.write(came.content, target, "history", came.sources, now)
    came.done()
    for part in came.parts:
        gaps = f", {len(part.gaps)} gaps" if part.gaps else ""
        print(f"{part.symbol} of {part.venue}, {part.kind}: {len(part.rows):,} rows{gaps}")
        for gap in part.gaps:
            print(f"  missing: {gap}")
    for item in came.histories:
        for note in item.notes:
            print(f"  {note}")
    print(f"{target}: {len(came.histories[0]):,} rows")


@fetch.command()
def funding(
    venue: VenueName,
    symbols: Symbols,
    since: Since,
    output: Target = None,
    until: Until = None,
    allow_gaps: AllowGaps = False,
    overwrite: Overwrite = False,
) -> None:
    """Funding rates as they were settled; a positive rate is paid by longs to shorts.

    Example:

      xlhedge fetch funding bybit BTC/USDT:USDT --since 2024-01-01 -o funding.csv
    """
    from xlhedge.market import manifest, series
    from xlhedge.market.checks import stamp
    from xlhedge.market.contracts import contract

    target = _target(venue, output, overwrite=overwrite)
    with connections() as (connect, progress):
        connection = connect(venue)
        end = connection.now() if until is None else moment(until)
        parts = [
            series.funding(connection, symbol, moment(since), end, progress) for symbol in symbols
        ]
        contracts = [contract(venue, connection.market(symbol)) for symbol in symbols]
    for part in parts:
        if not allow_gaps:
            part.refuse_gaps()
    rows = [
        {
            "time": stamp(time), "asset": future.asset, "contract": future.name,
            "funding_rate": rate, "interval_hours": hours,
        }
        for part, future in zip(parts, contracts, strict=True)
        for (time, rate), hours in zip(part.rows, part.hours, strict=True)
    ]  # fmt: skip
    header = ("time", "asset", "contract", "funding_rate", "interval_hours")
    sources = [manifest.of(part) for part in parts]
    _give(header, rows, target, "funding", sources, connection.now())
    for part in parts:
        if part.journal is not None:
            part.journal.forget()


@fetch.command()
def tiers(
    venue: VenueName,
    symbols: Symbols,
    output: Target = None,
    schedule: Annotated[
        Literal["marginal", "whole"] | None,
        typer.Option(help="Of an exchange whose replies do not tell it: look it up there."),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Maintenance brackets in the columns of the range tiers, checked for continuity.

    Example:

      xlhedge fetch tiers okx BTC/USDT:USDT ETH/USDT:USDT -o tiers.csv
    """
    from xlhedge.market import tiers as brackets

    target = _target(venue, output, overwrite=overwrite)
    with connections(keys=_needs_key(venue)) as (connect, _):
        connection = connect(venue)
        rows = [row for symbol in symbols for row in brackets.fetch(connection, symbol, schedule)]
    _give(brackets.HEADER, rows, target, "tiers", _asked(venue, symbols), connection.now())


@fetch.command()
def contracts(venue: VenueName, output: Target = None, overwrite: Overwrite = False) -> None:
    """All futures of an exchange: linear or inverse, size, lot, tick, settlement, expiry.

    Example:

      xlhedge fetch contracts okx -o contracts.csv
    """
    from xlhedge.errors import VenueError
    from xlhedge.market.checks import stamp
    from xlhedge.market.contracts import HEADER, contract

    target = _target(venue, output, overwrite=overwrite)
    with connections() as (connect, _):
        connection = connect(venue)
    rows, refused = [], []
    for market in connection.markets():
        if market["type"] not in {"swap", "future"}:
            continue
        try:
            future = contract(connection.venue.name, market)
        except VenueError as problem:
            refused.append(str(problem))
            continue
        rows.append({
            "asset": future.asset, "contract": future.name, "instrument": future.instrument,
            "contract_size": future.size, "lot": future.lot, "tick": future.tick,
            "settle": future.settle, "quote": future.quote, "symbol": future.symbol,
            "expiry": None if future.expiry is None else stamp(future.expiry),
        })  # fmt: skip
    _give(HEADER, rows, target, "contracts", _asked(venue, ()), connection.now())
    for sentence in refused:
        typer.echo(f"left out: {sentence}", err=True)


@fetch.command()
def positions(
    venue: VenueName, output: Target = None, account: Account = None, overwrite: Overwrite = False
) -> None:
    """Open futures positions in the columns of the range positions; needs a read-only key.

    Example:

      xlhedge fetch positions binance -o positions.csv
    """
    from xlhedge.market import positions as holdings

    target = _target(venue, output, overwrite=overwrite)
    with connections(keys=True) as (connect, _):
        connection = connect(venue)
        rows = holdings.fetch(connection, account or connection.venue.name)
    _give(holdings.HEADER, rows, target, "positions", _asked(venue, ()), connection.now())


@fetch.command()
def balances(
    venue: VenueName, output: Target = None, account: Account = None, overwrite: Overwrite = False
) -> None:
    """Wallets that margin futures, in the columns of the range accounts; needs a read-only key.

    Example:

      xlhedge fetch balances binance -o accounts.csv
    """
    from xlhedge.market import balances as wallets

    target = _target(venue, output, overwrite=overwrite)
    with connections(keys=True) as (connect, _):
        connection = connect(venue)
        rows = wallets.fetch(connection, account or connection.venue.name)
    _give(wallets.HEADER, rows, target, "balances", _asked(venue, ()), connection.now())


def venues() -> None:
    """List the exchanges and what each can; opens no connection.

    Example:

      xlhedge venues
    """
    from xlhedge.market.venues import VENUES

    words = {"public": "yes", "key": "with a key", "none": "no brackets"}
    header = ["venue", "history", "funding", "contracts", "tiers", "positions, balances with"]
    rows: list[list[Any]] = [header]
    for item in VENUES.values():
        told = words[item.tiers]
        if item.tiers == "public" and item.schedule is None:
            told = "yes, --schedule"
        rows.append([item.name, "yes", "yes", "yes", told, ", ".join(item.secrets)])
    print_rows(rows)


def moment(text: str) -> int:
    """A time in ISO 8601 as milliseconds since 1970; without a zone it is UTC."""
    try:
        given = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InputError(f"{text!r} is no time such as 2025-01-31 or 2025-01-31T08:00Z") from None
    if given.tzinfo is None:
        given = given.replace(tzinfo=UTC)
    return round(given.timestamp() * 1000)


def length(text: str) -> int:
    """A bar's length such as 8h in milliseconds."""
    units = {"m": HOUR // 60, "h": HOUR, "d": 24 * HOUR}
    number, unit = text.strip()[:-1], units.get(text.strip()[-1:].lower())
    if unit is None or not number.isdigit() or not 0 < int(number) * unit <= 24 * HOUR:
        raise InputError(f"{text!r} is no length of a bar such as 15m, 1h, 8h or 1d")
    if 24 * HOUR % (int(number) * unit):
        raise InputError(f"bars of {text} do not fill a day")
    return int(number) * unit


def _target(venue: str, output: Path | None, *, overwrite: bool) -> Path | None:
    """Where to save, after every reason to refuse that needs no connection."""
    from xlhedge.market.venues import venue as known

    known(venue)
    if output is None:
        return None
    from xlhedge.market.manifest import path

    destination(Path(), path(output), in_place=False, overwrite=overwrite)
    return destination(Path(), output, in_place=False, overwrite=overwrite)


def _needs_key(venue: str) -> bool:
    from xlhedge.market.venues import venue as known

    return known(venue).tiers == "key"


@contextmanager
def connections(*, keys: bool = False) -> Iterator[tuple[Callable[[str], Connection], Progress]]:
    """Connections by their names, each opened once, and a bar on a terminal."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from xlhedge.market import keys as secret
    from xlhedge.market.connection import connect
    from xlhedge.market.venues import venue as known

    screen = console(error=True)
    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(),
        console=screen, transient=True, disable=not screen.is_terminal,
    )  # fmt: skip

    def told(sentence: str) -> None:
        typer.echo(sentence, err=True)

    @cache
    def opened(name: str) -> Connection:
        connection = connect(name, secret.read(known(name)) if keys else None, told)
        if keys:
            secret.refuse_rights(connection)
        return connection

    with bar:
        tasks: dict[str, Any] = {}

        def step(what: str, share: float) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=1.0)
            bar.update(tasks[what], completed=min(1.0, share))

        yield lambda name: opened(known(name).name), step


def _asked(venue: str, symbols: Sequence[str]) -> list[dict[str, Any]]:
    return [{"venue": venue, "symbols": list(symbols)}]


def _give(
    header: Sequence[str],
    rows: Sequence[dict[str, Any]],
    target: Path | None,
    what: str,
    sources: Sequence[dict[str, Any]],
    now: int,
) -> None:
    """Save rows as CSV with their manifest, or print them."""
    from xlhedge.market import manifest

    text = io.StringIO()
    writer = csv.DictWriter(text, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {key: repr(value) if isinstance(value, float) else value for key, value in row.items()}
        for row in rows
    )
    if target is None:
        print(text.getvalue(), end="")
        return
    manifest.write(text.getvalue().encode(), target, what, sources, now)
    print(f"{target}: {len(rows):,} rows")
