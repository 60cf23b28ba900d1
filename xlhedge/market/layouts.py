"""Layouts of venues' files, recognised by their columns: which holds what, and what a time names.

A column open_time, startTime or ticks, or a time beside open, high and low, is the opening of a
bar; close_time the closing; a time or date beside closes alone the closing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from xlhedge.errors import FileError
from xlhedge.market import column_names as names_of
from xlhedge.market.column_names import normal
from xlhedge.market.containers import RawTable

Role = Literal["spot", "futures", "funding"]
ROLES = (
    "time", "open_time", "close_time", "close", "spot", "futures", "funding_rate",
    "interval_hours", "confirm", "symbol",
)  # fmt: skip
"""What a column can be, as `--map COLUMN=ROLE` names it."""


@dataclass(frozen=True)
class Layout:
    """What the columns of a table hold, by their places.

    Parameters
    ----------
    name
        The layout, in words.
    kind
        `bars`, `settlements` or `trades`.
    time
        Place of the times.
    names
        What a time names: `opening`, `closing` or `settlement`.
    prices
        Place of the price of each role.
    rate
        Place of the funding rate; None where there is none.
    close_time
        Place of the closing times beside opening ones.
    confirm, symbol, interval
        Places of what says that a bar is finished, of the instrument, and of the hours.
    per_cent
        Whether the rate's header says per cent.
    labels
        Name of each column, for sentences.
    candle
        Places of open, high and low, where there are.
    """

    name: str
    kind: Literal["bars", "settlements", "trades"]
    time: int
    names: Literal["opening", "closing", "settlement"]
    prices: dict[str, int]
    rate: int | None = None
    close_time: int | None = None
    confirm: int | None = None
    symbol: int | None = None
    interval: int | None = None
    per_cent: bool = False
    labels: list[str] = field(default_factory=list)
    candle: dict[str, int] = field(default_factory=dict)

    @property
    def canonical(self) -> bool:
        """Whether the file is a canonical history: its rates are sums over bars."""
        return "spot" in self.prices and self.interval is not None and self.kind == "bars"


def recognise(table: RawTable, role: Role, mapping: Mapping[str, str]) -> Layout:
    """The layout of a table that was given for a role.

    Raises
    ------
    FileError
        When it is none that is known; the sentence shows the header and a `--map` line.
    """
    labels = table.header or [f"{place}" for place in range(1, table.width + 1)]
    bare = not table.header or _is_numbered(table.header)
    names = [""] * table.width if bare else [normal(name) for name in table.header]
    given = _mapped(labels, mapping, table.name)
    if bare and not given:
        return _without_header(table, role, labels)
    layout = _with_header(table, role, labels, names, given)
    for place in (layout.time, layout.rate, *layout.prices.values()):
        if place is not None and names[place] and names.count(names[place]) > 1 and not given:
            raise FileError(f"{table.name} has two columns {labels[place]}: delete one")
    return layout


def _is_numbered(header: list[str]) -> bool:
    filled = [name for name in header if name]
    return filled == [str(number) for number in range(len(filled))]


def _mapped(labels: list[str], mapping: Mapping[str, str], file: str) -> dict[str, int]:
    """Place of each role that `--map` names in this file, by COLUMN or FILE:COLUMN."""
    found: dict[str, int] = {}
    lower = {label.strip().lower(): place for place, label in reversed(list(enumerate(labels)))}
    for name, role in mapping.items():
        wanted = normal(role)
        if wanted not in ROLES:
            raise FileError(f"--map gives {role!r}: a column is one of {', '.join(ROLES)}")
        place = lower.get(name.strip().lower())
        of, colon, column = name.rpartition(":")
        if place is None and colon and of and re.split(r"[\\/]", file)[-1] == of:
            place = lower.get(column.strip().lower())
        if place is not None:
            found[wanted] = place
    return found


def _first(names: list[str], wanted: Any) -> int | None:
    for name in wanted:
        if name in names:
            return names.index(name)
    return None


def _with_header(
    table: RawTable, role: Role, labels: list[str], names: list[str], given: dict[str, int]
) -> Layout:
    known = set(names)
    venue = next(
        (venue for venue, needs in names_of.VENUES if needs <= known), "columns by their names"
    )
    if given:
        venue = "as --map says"
    symbol = given.get("symbol", _first(names, names_of.SYMBOL))
    interval = given.get("interval_hours", _first(names, sorted(names_of.INTERVAL & known)))
    common = {"symbol": symbol, "interval": interval, "labels": labels}
    if role == "funding":
        if "local_timestamp" in known and not given:
            raise FileError(
                f"{table.name} holds running estimates of the funding rate ({venue}), not what was "
                "settled: give the venue's own funding history"
            )
        rate, per_cent = _rate(names, given, labels, table)
        time = _settling(names, given)
        if rate is None or time is None:
            raise _unknown(table, labels, role)
        return Layout(
            venue, "settlements", time, "settlement", {}, rate, per_cent=per_cent,
            **common,  # type: ignore[arg-type]  # places by name
        )  # fmt: skip
    prices = _prices(names, given, role, labels, table)
    if not prices:
        raise _unknown(table, labels, role)
    trades = any(needs <= known for needs in names_of.TRADES) and not given
    time, meaning, close_time = _times(names, given, prices)
    if time is None:
        raise _unknown(table, labels, role)
    rate = None
    per_cent = False
    if role == "spot" and "futures" in prices:
        rate, per_cent = _rate(names, given, labels, table)
    if rate is not None and meaning == "opening":
        raise FileError(
            f"{table.name}: its column {labels[rate]} stands beside opening times "
            f"({labels[time]}), which does not say when the funding was paid: give the funding "
            f"in a file of its own, or say --map {labels[time]}=close_time if it names closings"
        )
    confirm = given.get("confirm", _first(names, sorted(names_of.CONFIRM & known)))
    return Layout(
        venue, "trades" if trades else "bars", time, meaning, prices, rate, close_time, confirm,
        per_cent=per_cent, candle=_candle(names),
        **common,  # type: ignore[arg-type]  # places by name
    )  # fmt: skip


def _candle(names: list[str]) -> dict[str, int]:
    """Places of open, high and low, by their names."""
    found = {}
    for word in ("open", "high", "low"):
        place = _first(names, (word, f"{word}_price", f"price_{word}", word[0]))
        if place is not None:
            found[word] = place
    return found


def _rate(
    names: list[str], given: dict[str, int], labels: list[str], table: RawTable
) -> tuple[int | None, bool]:
    if "funding_rate" in given:
        return given["funding_rate"], False
    bare = [re.sub(r"(_%|_pct|_percent(age)?|%)$", "", name) for name in names]
    plain = [re.sub(r"_\d+h$", "", name) if "funding" in name else name for name in bare]
    place = _first(plain, names_of.RATES)
    if place is None:
        return None, False
    hours = re.search(r"_(\d+)h$", bare[place])
    if hours and hours[1] != "1":
        raise FileError(
            f"{table.name}: the column {labels[place]} may hold a rate per {hours[1]} hours or the "
            f"rate of each settlement: say --map {labels[place]}=funding_rate if it is the latter"
        )
    return place, bare[place] != names[place]


def _settling(names: list[str], given: dict[str, int]) -> int | None:
    for role in ("time", "close_time", "open_time"):
        if role in given:
            return given[role]
    place = _first(names, sorted(names_of.SETTLING & set(names)))
    return place if place is not None else _first(names, names_of.NEUTRAL)


def _prices(
    names: list[str], given: dict[str, int], role: Role, labels: list[str], table: RawTable
) -> dict[str, int]:
    mapped: dict[str, int] = {key: given[key] for key in ("spot", "futures") if key in given}
    if mapped:
        return mapped if role == "spot" else {"futures": mapped[role]} if role in mapped else {}
    if "close" in given:
        return {str(role): given["close"]}
    spot = _one(names, names_of.SPOT, labels, table)
    futures = _one(names, names_of.FUTURES, labels, table)
    if futures is not None and spot is None:
        spot = _first(names, ("index_price", "index_close", "underlying_price"))
    if spot is not None and futures is not None:
        both = {"spot": spot, "futures": futures}
        return both if role == "spot" else {"futures": futures}
    if {"last", "settle"} <= set(names):
        raise FileError(
            f"{table.name} has both {labels[names.index('last')]} and "
            f"{labels[names.index('settle')]}: say which with --map COLUMN=close"
        )
    close = _first(names, names_of.CLOSES)
    _refuse_two_prices(names, close, labels, table)
    if close is None and (spot if role == "spot" else futures) is not None:
        close = spot if role == "spot" else futures
    return {} if close is None else {str(role): close}


def _refuse_two_prices(
    names: list[str], close: int | None, labels: list[str], table: RawTable
) -> None:
    """Refuse a price column beside another, where neither is called the close."""
    if close is None or "close" in names[close].split("_") or names[close] == "c":
        return
    others = [
        place
        for place, name in enumerate(names)
        if (tokens := set(name.split("_"))) & names_of.PRICES and not tokens & names_of.NO_PRICE
    ]
    if len(others) > 1 and "local_timestamp" not in names:
        listed = ", ".join(labels[place] for place in others)
        raise FileError(f"{table.name} has several prices ({listed}): say --map COLUMN=close")


def _one(names: list[str], words: frozenset[str], labels: list[str], table: RawTable) -> int | None:
    """The only price column that one of some words names."""
    found = [
        place
        for place, name in enumerate(names)
        if (tokens := set(name.split("_"))) & words and not tokens & names_of.NO_PRICE
    ]
    closes = [place for place in found if "close" in names[place].split("_")] or found
    if len(closes) > 1:
        listed = " and ".join(labels[place] for place in closes)
        word = "spot" if words is names_of.SPOT else "futures"
        raise FileError(f"{table.name}: both {listed} may be it: say --map COLUMN={word}")
    return closes[0] if closes else None


def _times(
    names: list[str], given: dict[str, int], prices: dict[str, int]
) -> tuple[int | None, Literal["opening", "closing"], int | None]:
    if "open_time" in given:
        return given["open_time"], "opening", given.get("close_time")
    if "close_time" in given:
        return given["close_time"], "closing", None
    if "time" in given:
        return given["time"], "closing", None
    known = set(names)
    closing = _first(names, sorted(names_of.CLOSING & known))
    opening = _first(names, sorted(names_of.OPENING & known))
    if opening is not None:
        return opening, "opening", closing
    if closing is not None:
        return closing, "closing", None
    neutral = _first(names, names_of.NEUTRAL)
    words = [set(name.split("_")) for name in names]
    candle = all(
        any(long in word or short == name for word, name in zip(words, names, strict=True))
        for long, short in (("open", "o"), ("high", "h"), ("low", "l"))
    )
    return neutral, "opening" if candle else "closing", None


def _without_header(table: RawTable, role: Role, labels: list[str]) -> Layout:
    """Candles as venues' interfaces and archives list them: an epoch, then four prices."""
    shift = int(_counts_rows(table.sample))
    rows = [row[shift:] for row in table.sample]
    width = table.width - shift
    if role != "funding" and width >= 5 and rows and _is_epoch(rows[0][0]):
        fitting = [
            order
            for order in ((4, 2, 3, 1), (2, 3, 4, 1), (2, 3, 4, 5))
            if max(order) < width and _is_candle(rows, *order)
        ]
        orders = {order[0] + shift for order in fitting}
        if len(orders) == 1:
            twelve = width == 12 and _is_epoch(rows[0][6])
            return Layout(
                _headerless(width, rows, orders == {4 + shift}, twelve=twelve), "bars", shift,
                "opening", {role: orders.pop()}, close_time=6 + shift if twelve else None,
                confirm=8 + shift if width == 9 else None, labels=labels,
                candle={
                    name: place + shift
                    for name, place in zip(("high", "low", "open"), fitting[0][1:], strict=True)
                },
            )  # fmt: skip
    raise _unknown(table, labels, role)


def _headerless(width: int, rows: list[list[Any]], usual: bool, *, twelve: bool) -> str:
    if twelve:
        return "Binance candles without header"
    seconds = float(rows[0][0]) < 1e11
    if width == 7 and seconds and usual:
        return "Kraken OHLCVT"
    if width == 6 and usual:
        return "ccxt candles"
    return f"candles without header, {width} columns" if usual else "candles, the close third"


def _counts_rows(sample: list[list[Any]]) -> bool:
    """Whether the first column counts the rows from 0, as data frames write it."""
    return len(sample) > 1 and all(
        str(row[0]).strip() == str(place) for place, row in enumerate(sample)
    )


def _is_epoch(cell: Any) -> bool:
    return (
        re.fullmatch(r"\d{9,10}(\.\d+)?|(\d{13}|\d{16}|\d{19})(\.0)?", str(cell).strip())
        is not None
    )


def _is_candle(rows: list[list[Any]], close: int, high: int, low: int, opened: int) -> bool:
    """Whether in all rows no price lies above the highest or below the lowest."""
    try:
        for row in rows:
            prices = [float(str(row[place]).replace(",", ".")) for place in (opened, close)]
            if not float(str(row[low]).replace(",", ".")) <= min(prices):
                return False
            if not max(prices) <= float(str(row[high]).replace(",", ".")):
                return False
    except (TypeError, ValueError, IndexError):
        return False
    return True


def _unknown(table: RawTable, labels: list[str], role: Role) -> FileError:
    what = "funding_rate" if role == "funding" else "close"
    seen = ", ".join(table.header) if table.header else "none"
    first = "" if table.header else f", its first row {', '.join(map(str, table.sample[0]))}"
    quoted = [f'"{label}"' if " " in label else label for label in labels]
    last = quoted[min(4 if not table.header and len(quoted) > 4 else 1, len(quoted) - 1)]
    return FileError(
        f"{table.name} has no known layout for {role}: its header is {seen}{first}; name the "
        f"columns, for example --map {quoted[0]}=time --map {last}={what}"
    )
