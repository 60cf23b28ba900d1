"""`xlhedge history`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from xlhedge.cli.console import steps
from xlhedge.errors import FileError
from xlhedge.system.watchdog import limited

_FILES = ("--spot", "--futures", "--funding")
_BETWEEN = "\n"
ROLES = frozenset({"open_time", "close_time", "close", "interval_hours", "confirm", "symbol"})
"""What `--map` calls columns of venues' files, and no table of a template does."""


class TakesFiles(TyperCommand):
    """A command whose options for files take several: `--spot jan.zip feb.zip`, as shells expand.

    The files of one option reach the function as one text, divided by line breaks.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Join the words that follow an option for files."""
        return super().parse_args(ctx, joined(args))


def joined(args: Sequence[str]) -> list[str]:
    """Arguments with the files of each option as one word."""
    found: list[str] = []
    collecting = False
    for word in args:
        if word in _FILES:
            found.append(word)
            collecting = True
            fresh = True
        elif collecting and not word.startswith("-"):
            if fresh:
                found.append(word)
                fresh = False
            else:
                found[-1] += _BETWEEN + word
        else:
            collecting = False
            found.append(word)
    return found


Spot = Annotated[
    list[str] | None,
    typer.Option("--spot", metavar="FILE...", help="Spot prices; may hold futures and funding."),
]
Futures = Annotated[
    list[str] | None, typer.Option("--futures", metavar="FILE...", help="Futures prices.")
]
Funding = Annotated[
    list[str] | None, typer.Option("--funding", metavar="FILE...", help="Funding settlements.")
]
Interval = Annotated[
    str | None, typer.Option(metavar="8h", help="Length of the bars: 15m, 1h, 8h, 1d.")
]
Since = Annotated[str | None, typer.Option(metavar="T", help="First close, such as 2025-01-31.")]
Until = Annotated[str | None, typer.Option(metavar="T", help="Last close.")]
Decimal = Annotated[
    str | None, typer.Option(metavar="comma|point", help="Decimal sign of the files' numbers.")
]
DayFirst = Annotated[
    bool | None,
    typer.Option("--day-first/--month-first", help="How to read 03/04/2025."),
]
Zone = Annotated[
    str | None,
    typer.Option(metavar="ZONE", help="Clock of times without a zone: Europe/Berlin, +03:00."),
]
FundingUnit = Annotated[
    str | None,
    typer.Option("--funding-unit", metavar="decimal|percent", help="Unit of the funding rates."),
]
Mapping = Annotated[
    list[str] | None,
    typer.Option("--map", metavar="COLUMN=ROLE", help="What a column holds; repeatable."),
]
AllowGaps = Annotated[
    bool, typer.Option("--allow-gaps", help="Keep what is there where rows are missing.")
]


def history(
    spot: Spot = None,
    futures: Futures = None,
    funding: Funding = None,
    interval: Interval = None,
    since: Since = None,
    until: Until = None,
    decimal: Decimal = None,
    day_first: DayFirst = None,
    zone: Zone = None,
    funding_unit: FundingUnit = None,
    asset: Annotated[
        list[str] | None,
        typer.Option("--asset", metavar="COIN", help="The coin; repeat it for several, in order."),
    ] = None,
    mapping: Mapping = None,
    allow_gaps: AllowGaps = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="OUT.csv", help="Where to save.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace OUT.csv if it exists.")
    ] = False,
) -> None:
    """Join venues' files into one history: time, spot, futures, funding_rate, interval_hours.

    Layouts are recognised by content; gaps, two readings and series out of step are refused.
    Each option for files takes one, several, or a pattern, in any order.

    Examples:

      xlhedge history --spot BTCUSDT-8h-*.zip --futures um/*.zip --funding fr/*.zip -o btc.csv

      xlhedge history --spot spot_1h.csv --funding funding.csv --interval 8h -o btc.csv
    """
    from xlhedge.market.history import written
    from xlhedge.system.files import save

    target = _target(output, overwrite=overwrite)
    options = {
        "interval": interval, "since": since, "until": until, "decimal": decimal,
        "day_first": day_first, "zone": zone, "funding_unit": funding_unit,
        "mapping": mapping, "allow_gaps": allow_gaps,
    }  # fmt: skip
    with limited(str(target)), steps(f"writing {target.name}"):
        found = gathered(spot, futures, funding, asset, **options)
        save(written(found), target)
    for one in found:
        for note in dict.fromkeys(one.notes):
            print(note)
    print(f"{target}: {described(found[0])}")


def _target(output: Path | None, *, overwrite: bool) -> Path:
    if output is None:
        raise FileError("say where to save the history: -o history.csv")
    if output.is_dir():
        raise FileError(f"{output} is a folder, not a file")
    if not output.parent.is_dir():
        raise FileError(f"the folder {output.parent} does not exist")
    if output.exists() and not overwrite:
        raise FileError(f"{output} exists already: add --overwrite to replace it")
    return output


def described(history: Any) -> str:
    """How many rows there are, from when to when."""
    from xlhedge.market.checks import length, stamp

    return (
        f"{len(history):,} rows of {length(history.interval)}, "
        f"{stamp(history.time[0])} to {stamp(history.time[-1])}"
    )


def gathered(
    spot: list[str] | None,
    futures: list[str] | None,
    funding: list[str] | None,
    assets: list[str] | None,
    **options: Any,
) -> list[Any]:
    """Histories of the assets, on common closes."""
    from xlhedge.market.assembly import history_of, side_by_side

    names = list(dict.fromkeys(assets or [""]))
    of = {
        word: _by_asset(given or [], names, word)
        for word, given in (("--spot", spot), ("--futures", futures), ("--funding", funding))
    }
    found = []
    for name in names:
        request = requested(
            of["--spot"][name], of["--futures"][name], of["--funding"][name], asset=name, **options
        )
        found.append(history_of(request))
    return found if len(found) == 1 else side_by_side(found)


def requested(
    spot: Sequence[str],
    futures: Sequence[str],
    funding: Sequence[str],
    *,
    asset: str = "",
    interval: str | None = None,
    since: str | None = None,
    until: str | None = None,
    decimal: str | None = None,
    day_first: bool | None = None,
    zone: str | None = None,
    funding_unit: str | None = None,
    mapping: list[str] | None = None,
    allow_gaps: bool = False,
) -> Any:
    """What the options ask for."""
    from xlhedge.market.assembly import Request, interval_of
    from xlhedge.market.reading import Reading

    if decimal not in (None, "comma", "point"):
        raise FileError(f"--decimal is comma or point, not {decimal!r}")
    if funding_unit not in (None, "decimal", "percent"):
        raise FileError(f"--funding-unit is decimal or percent, not {funding_unit!r}")
    reading = Reading(
        decimal=decimal,  # type: ignore[arg-type]  # looked at above
        day_first=day_first,
        zone=zone,
        mapping=_roles(mapping or []),
        interval=interval_of(interval) if interval else None,
        percent=funding_unit == "percent",
        asset=asset,
    )
    return Request(
        spot, futures, funding, _moment(since, "--since"), _moment(until, "--until"),
        allow_gaps=allow_gaps, decimal_funding=funding_unit == "decimal", reading=reading,
    )  # fmt: skip


def _roles(texts: list[str]) -> dict[str, str]:
    found = {}
    for text in texts:
        name, equals, role = text.rpartition("=")
        if not equals or not name.strip() or not role.strip():
            raise FileError(f"{text!r} is not of the form --map COLUMN=ROLE")
        found[name.strip()] = role.strip()
    return found


def _moment(text: str | None, option: str) -> int | None:
    if text is None:
        return None
    import pandas as pd

    from xlhedge.market.instants import instants

    try:
        return int(instants(pd.Series([text]), f"{option}, {text}", 1).time[0])
    except FileError:
        raise FileError(f"{option} {text} is not a time such as 2025-01-31T08:00Z") from None


def _by_asset(given: list[str], names: list[str], option: str) -> dict[str, list[str]]:
    """The files of each asset: named ASSET=FILE, else one use of the option per asset, in order."""
    groups = [text.split(_BETWEEN) for text in given]
    if len(names) == 1:
        return {names[0]: [file for group in groups for file in group]}
    upper = {name.upper(): name for name in names}
    found: dict[str, list[str]] = {name: [] for name in names}
    rest = []
    for group in groups:
        head, equals, tail = group[0].partition("=")
        if equals and head.upper() in upper and not Path(group[0]).exists():
            found[upper[head.upper()]] += [tail, *group[1:]]
        else:
            rest.append(group)
    if rest and len(rest) != len(names):
        raise FileError(
            f"{option} stands {len(rest)} times for {len(names)} assets: give it once for each, "
            f"in their order, or as {option} {names[0]}=FILE"
        )
    for name, group in zip(names, rest, strict=False):
        found[name] += group
    return found
