"""The history range: prices and funding rates of a book's assets and contracts, row by row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from xlhedge.core.book.ranges import BLANK, refuse
from xlhedge.core.types import Floats, OtherColumns
from xlhedge.errors import DomainError, InputError, TooFewData

KINDS = ("spot", "futures", "funding")


@dataclass(frozen=True, slots=True)
class History:
    """Prices and funding rates of a market, oldest first, equally spaced.

    Parameters
    ----------
    time
        When each row was observed; NaN where it is blank.
    interval_hours
        Not used here; tables of histories have it.
    spot, futures, funding_rate
        Those of a book's only asset.
    columns
        Columns named "ASSET spot", "ASSET futures", "ASSET funding" and, for a contract of its own,
        "ASSET CONTRACT futures" or "ASSET CONTRACT funding". A row's rate is the sum of all rates
        paid after the row before, up to it.
    """

    time: Floats = BLANK
    interval_hours: Floats = BLANK
    spot: Floats = BLANK
    futures: Floats = BLANK
    funding_rate: Floats = BLANK
    columns: OtherColumns = field(default_factory=dict)


class Column(NamedTuple):
    """One column of numbers: its header as written, and its values."""

    header: str
    values: Floats


class BookHistory:
    """A history as a book reads it, without the blank rows at its ends.

    Parameters
    ----------
    history
        The range.
    assets
        Distinct assets of the book's positions and coin balances.
    """

    def __init__(self, history: History, assets: list[str]) -> None:
        self._only = len(assets) == 1
        self._columns = _columns(history)
        if not self._only:
            _refuse_bare(self._columns, assets)
        part = _filled([column.values for column in self._columns.values()])
        self._first = part.start
        self._columns = {
            key: Column(column.header, column.values[part]) for key, column in self._columns.items()
        }
        self.rows = part.stop - part.start
        """Rows between the first and the last that are not blank."""
        time = _given(history.time)
        self.time = None if time is None else time[part]
        """The times of the rows; None where the history has none."""
        self._check_time()

    @property
    def step_hours(self) -> float | None:
        """Median distance of two rows; None without times."""
        if self.time is None or self.rows < 2:
            return None
        return float(np.median(np.diff(self.time))) * 24

    def names(self, rows: Any) -> list[float]:
        """The times of rows, counted from 0; without times their numbers, counted from 1."""
        if self.time is None:
            return (np.asarray(rows) + 1.0).tolist()  # type: ignore[no-any-return]
        return self.time[rows].tolist()  # type: ignore[no-any-return]

    def require_rows(self, least: int) -> None:
        """Refuse a history that is too short."""
        if self.rows < least:
            message = f"must have at least {least} rows, got {self.rows}"
            raise TooFewData(message, argument="history")

    def has_spot(self, asset: str) -> bool:
        """Whether there are spot prices of an asset."""
        return self._find("spot", asset) is not None

    def spot(self, asset: str) -> Column:
        """Spot prices of an asset."""
        return self._price("spot", asset)

    def futures(self, asset: str, contract: str = "") -> Column:
        """Futures prices of a contract: its own column, else its asset's."""
        return self._price("futures", asset, contract)

    def funding(self, asset: str, contract: str = "") -> Column | None:
        """Funding rates of a contract: its own column, else its asset's; None without any."""
        column = self._find("funding", asset, contract)
        if column is not None:
            self._check_filled(column)
        return column

    def _find(self, kind: str, asset: str, contract: str = "") -> Column | None:
        keys = [_key(asset, contract, kind), _key(asset, kind)]
        if self._only:
            keys.append(kind)
        return next((self._columns[key] for key in keys if key in self._columns), None)

    def _price(self, kind: str, asset: str, contract: str = "") -> Column:
        column = self._find(kind, asset, contract)
        if column is None:
            raise InputError(f"lacks the column {asset} {kind}", argument="history")
        self._check_filled(column)
        if column.values.min() <= 0:
            row = int(np.argmax(column.values <= 0))
            value = float(column.values[row])
            refuse(
                "history", self._first + row, "must be positive", column.header, DomainError, value
            )
        return column

    def _check_filled(self, column: Column) -> None:
        blank = np.isnan(column.values)
        if blank.any():
            refuse("history", self._first + int(blank.argmax()), "is blank", column.header)

    def _check_time(self) -> None:
        if self.time is None:
            return
        for row in np.flatnonzero(np.isnan(self.time))[:1].tolist():
            refuse("history", self._first + row, "is blank", "time")
        for row in np.flatnonzero(np.diff(self.time) <= 0)[:1].tolist():
            refuse("history", self._first + row + 1, "must be after the row above", "time")


def _filled(columns: list[Floats]) -> slice:
    """The rows from the first to the last that any column fills."""
    if any(not np.isnan(values).any() for values in columns):
        return slice(0, len(columns[0]))
    filled = np.flatnonzero(~np.isnan(columns).all(axis=0))
    return slice(int(filled[0]), int(filled[-1]) + 1)


def _given(values: Floats | None) -> Floats | None:
    """The column unless it is blank throughout."""
    if values is None or (np.isnan(values[:1]).all() and np.isnan(values).all()):
        return None
    return values


def _key(*words: str) -> str:
    """What headers are compared by: without case, underscores as spaces."""
    key = " ".join(" ".join(words).replace("_", " ").casefold().split())
    return key.removesuffix(" rate") if key.endswith(" funding rate") else key


def _columns(history: History) -> dict[str, Column]:
    """The columns of prices and rates that are not blank throughout, by what they are called."""
    bare = {"spot": history.spot, "futures": history.futures, "funding": history.funding_rate}
    columns = {
        kind: Column("funding_rate" if kind == "funding" else kind, given)
        for kind, values in bare.items()
        if (given := _given(values)) is not None
    }
    for header, values in history.columns.items():
        key = _key(header)
        words = key.split()
        if len(words) < 2 or words[-1] not in KINDS:
            message = f"has the unknown column {header}: known are time, ASSET spot, ASSET futures,"
            raise InputError(
                f"{message} ASSET funding and ASSET CONTRACT futures", argument="history"
            )
        if key in columns:
            raise InputError(f"has the column {header} twice", argument="history")
        if not np.isnan(values).all():
            columns[key] = Column(header, values)
    if not columns:
        raise InputError("must have a column ASSET spot that is not blank", argument="history")
    return columns


def _refuse_bare(columns: dict[str, Column], assets: list[str]) -> None:
    """A column without an asset is of the book's only one."""
    for kind in KINDS:
        if kind in columns:
            message = f"has the column {columns[kind].header} without an asset, and the book has "
            message += (
                f"{len(assets)} assets: name each column, as in {(assets or ['BTC'])[0]} spot"
            )
            raise InputError(message, argument="history")
