"""The canonical history: one form for the prices and funding of a market, whatever they come from.

Columns time, spot, futures, funding_rate, interval_hours; rows oldest first. `time` is the instant
in UTC at which the bar closed. `funding_rate` is the sum of all rates settled in (close −
interval, close], a decimal (0.0001 is 0.01 %); futures and funding may be missing as a whole.

How other modules make one::

    spot = Series.sorted("BTC/USDT of binance", open_times + bar, closes, interval=bar)
    futures = Series.sorted("BTC/USDT:USDT of binance", ..., interval=bar)
    funding = Series.sorted("funding of BTC/USDT:USDT", settled_at(times), rates)
    history = join(spot, futures, funding, interval=8 * HOUR)      # every check, or a FileError
    save(history.to_csv(), target)

Times are int64 arrays of milliseconds since 1970 in UTC, prices float arrays. `Series.sorted`
turns rows round, drops rows that came twice and refuses a time with two values. `join`, in
`xlhedge.market.joining`, resamples (the close at the end of a longer bar, never one from before),
refuses missing bars and settlements (`missing_bars` and `missing_settlements` in
`xlhedge.market.checks` list them), funding in per cent, and spot and futures that are out of step
or of different coins, and says in `notes` what it left out. `CanonicalHistory.read` takes a
history back from its own CSV.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from xlhedge.core.types import Floats
from xlhedge.errors import FileError
from xlhedge.market.checks import HOUR, Times, stamp, stamps

COLUMNS = ("time", "spot", "futures", "funding_rate", "interval_hours")


def exact_floats() -> dict[str, Any]:
    """What pandas' reader must be told to read numbers to the last bit; from 3.1 on it does."""
    import pandas as pd

    major, minor = map(int, pd.__version__.split(".")[:2])
    return {} if (major, minor) >= (3, 1) else {"float_precision": "round_trip"}


@dataclass(frozen=True)
class Series:
    """Closes of one price, or settlements of funding, oldest first.

    Parameters
    ----------
    name
        How sentences call it: the file, or the symbol and its venue.
    time
        Closes of bars or settlements, strictly rising, shape (n,), milliseconds since 1970, UTC.
    value
        Prices or rates, shape (n,); NaN is a missing one.
    interval
        Length of a bar in milliseconds; 0 for funding.
    declared
        For funding: the venue's own interval in hours per row, where it gives one.
    row
        Row of each element in its file, for sentences.
    file
        Place in `files` of each element's file.
    files
        Names of the files.
    column
        The column that the times come from.
    notes
        What was done to the rows, for the user.
    """

    name: str
    time: Times
    value: Floats
    interval: int = 0
    declared: Floats | None = None
    row: Times | None = None
    file: Times | None = None
    files: tuple[str, ...] = ()
    column: str = "time"
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        """How many elements there are."""
        return len(self.time)

    def place(self, index: int) -> str:
        """File and row of an element."""
        if self.row is None:
            return self.name
        file = self.name if self.file is None else self.files[int(self.file[index])]
        return f"{file} row {int(self.row[index])}"

    def taken(self, which: Times | slice) -> Series:
        """Some of the elements."""
        return replace(
            self,
            time=self.time[which],
            value=self.value[which],
            declared=None if self.declared is None else self.declared[which],
            row=None if self.row is None else self.row[which],
            file=None if self.file is None else self.file[which],
        )

    @classmethod
    def sorted(
        cls, name: str, time: Times, values: Floats, *, interval: int = 0, **more: object
    ) -> Series:
        """A series from rows in any order, without those that came twice.

        Raises
        ------
        FileError
            When one time has two values.
        """
        series = cls(
            name,
            np.asarray(time, dtype=np.int64),
            np.asarray(values, dtype=float),
            interval,
            **more,  # type: ignore[arg-type]  # fields of the class, by name
        )
        if not len(series):
            raise FileError(f"{name} has no rows")
        steps = np.diff(series.time)
        if np.any(steps < 0):
            series = series.taken(np.argsort(series.time, kind="stable"))
            steps = np.diff(series.time)
        again = np.flatnonzero(steps == 0) + 1
        if not len(again):
            return series
        same = series.value[again] == series.value[again - 1]
        same |= np.isnan(series.value[again]) & np.isnan(series.value[again - 1])
        if not np.all(same):
            index = int(again[np.flatnonzero(~same)[0]])
            raise FileError(
                f"{series.place(index)}: the time {stamp(series.time[index])} comes twice, with "
                f"{series.value[index]:.15g} and, in {series.place(index - 1)}, "
                f"{series.value[index - 1]:.15g}: delete the wrong row"
            )
        note = f"{name}: {len(again):,} rows that came twice, the same, were taken once"
        kept = series.taken(np.flatnonzero(np.concatenate(([1], steps))))
        return replace(kept, notes=(*series.notes, note))


@dataclass(frozen=True)
class CanonicalHistory:
    """Prices and funding of a market on common closes.

    Parameters
    ----------
    time
        Closes, strictly rising, shape (n,), milliseconds since 1970, UTC.
    spot
        Spot closes, shape (n,).
    futures
        Futures closes, shape (n,), or None.
    funding_rate
        Sum of the rates settled in each bar, shape (n,), decimals, or None.
    interval
        Length of the bars in milliseconds.
    asset
        The coin, where it was said.
    notes
        What was recognised and left out, for the user.
    """

    time: Times
    spot: Floats
    futures: Floats | None
    funding_rate: Floats | None
    interval: int
    asset: str = ""
    notes: tuple[str, ...] = field(default=(), compare=False)

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.time)

    @property
    def interval_hours(self) -> float:
        """The length of the bars in hours."""
        return self.interval / HOUR

    def columns(self) -> dict[str, list[str] | Floats | None]:
        """The columns by name; times as ISO 8601, None for what is missing as a whole."""
        return {
            "time": stamps(self.time),
            "spot": self.spot,
            "futures": self.futures,
            "funding_rate": self.funding_rate,
            "interval_hours": np.full(len(self), self.interval_hours),
        }

    def to_csv(self) -> bytes:
        """The history as a CSV file; numbers have the digits that bring them back exactly."""
        return written([self])

    @classmethod
    def read(cls, content: bytes, name: str = "history") -> CanonicalHistory:
        """A history from its own CSV, as `to_csv` writes it.

        Raises
        ------
        FileError
            When it is none.
        """
        import pandas as pd

        try:
            frame = pd.read_csv(io.BytesIO(content), **exact_floats())
        except (ValueError, UnicodeDecodeError) as problem:
            raise FileError(f"{name} is not a canonical history: {problem}") from None
        if list(frame.columns) != list(COLUMNS) or not len(frame):
            raise FileError(f"{name} is not a canonical history: its columns are not {COLUMNS}")
        try:
            time = pd.to_datetime(frame["time"], utc=True).dt.as_unit("ms").astype("int64")
            numbers = frame[list(COLUMNS[1:])].to_numpy(dtype=float)
        except ValueError as problem:
            raise FileError(f"{name} is not a canonical history: {problem}") from None
        columns = [None if np.all(np.isnan(column)) else column for column in numbers.T]
        if columns[0] is None or columns[3] is None:
            raise FileError(f"{name} is not a canonical history: it lacks spot or interval_hours")
        return cls(time.to_numpy(), columns[0], columns[1], columns[2], round(columns[3][0] * HOUR))


def written(histories: list[CanonicalHistory]) -> bytes:
    """Histories of one or several assets on the same closes, side by side, as a CSV file.

    The columns of several assets are "BTC spot", "BTC futures", "BTC funding".
    """
    several = len(histories) > 1
    header, columns = ["time"], [stamps(histories[0].time)]
    for history in histories:
        for name, word, values in (
            ("spot", "spot", history.spot),
            ("futures", "futures", history.futures),
            ("funding_rate", "funding", history.funding_rate),
        ):
            if several and values is None:
                continue
            header.append(f"{history.asset} {word}" if several else name)
            columns.append(_texts(values, len(history)))
    hours = np.array([histories[0].interval_hours])
    header.append("interval_hours")
    columns.append(_texts(hours, 1) * len(histories[0]))
    lines = [",".join(header), *map(",".join, zip(*columns, strict=True))]
    return ("\n".join(lines) + "\n").encode()


def _texts(values: Floats | None, count: int) -> list[str]:
    if values is None:
        return [""] * count
    return [
        "" if value != value else str(int(value)) if value == int(value) else repr(value)  # noqa: PLR0124  # NaN
        for value in values.tolist()
    ]
