"""Times as files write them, as milliseconds since 1970 in UTC; two readings are refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from xlhedge.errors import FileError
from xlhedge.market import fixed_width
from xlhedge.market.checks import HOUR, MINUTE, Times

Column = Any
"""A pandas Series: its stubs know no labels of cells."""

_CLOCK = r"(?:[ T_D]+(?P<clock>\d{1,2}(?::?\d{2}(?::?\d{2}(?:[.,]\d+)?)?|-(?=[AP]M))))?"
_HALF = r"\s*-?(?P<half>[AaPp][Mm])?"
_ZONE = r"\s*(?P<zone>Z|z|UTC|GMT|[+-]\d{2}:?(?:\d{2})?(?::\d{2})?)?"
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_FORMS = {
    "year first": re.compile(
        r"(?P<a>\d{4})[-/.](?P<b>\d{1,2})[-/.](?P<c>\d{1,2})" + _CLOCK + _HALF + _ZONE
    ),
    "compact": re.compile(r"(?P<a>\d{4})(?P<b>\d{2})(?P<c>\d{2})" + _CLOCK + _HALF + _ZONE),
    "year last": re.compile(
        r"(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<c>\d{4})" + _CLOCK + _HALF + _ZONE
    ),
    "month named": re.compile(
        r"(?P<b>[A-Za-z]{3,9})\.? (?P<a>\d{1,2}),? (?P<c>\d{4})" + _CLOCK + _HALF + _ZONE
    ),
    "day, month named": re.compile(
        r"(?P<a>\d{1,2})[- ](?P<b>[A-Za-z]{3,9})\.?[-, ]+(?P<c>\d{4})" + _CLOCK + _HALF + _ZONE
    ),
}
_EPOCH = re.compile(r"\d{9,10}(\.\d+)?|\d{12,13}(\.\d+)?|\d{15,16}(\.0*)?|\d{18,19}")
_UNITS = ((10**11, 1000.0), (10**14, 1.0), (10**17, 1e-3), (10**20, 1e-6))
_SUMMER = 100


@dataclass(frozen=True)
class Instants:
    """Times of a column.

    Parameters
    ----------
    time
        Milliseconds since 1970 in UTC, shape (n,), in the file's order.
    whole_days
        Whether they are dates without a clock.
    said
        How they were read, in a few words.
    """

    time: Times
    whole_days: bool
    said: str


def looks_like_time(text: str) -> bool:
    """Whether a text is a time in one of the forms that are read."""
    text = text.strip()
    return bool(_EPOCH.fullmatch(text)) or any(form.fullmatch(text) for form in _FORMS.values())


def instants(
    column: Column,
    where: str,
    first_row: int,
    *,
    day_first: bool | None = None,
    zone: str | None = None,
) -> Instants:
    """The instants of a column of times.

    Parameters
    ----------
    column
        Numbers since 1970, dates, or texts; the index counts rows from 0.
    where
        File and column, for sentences.
    first_row
        Row of the file where the index is 0.
    day_first
        Whether 03/04/2025 is 3 April; None refuses what can be read both ways.
    zone
        The clock of times that carry no zone, such as Europe/Berlin or +03:00; UTC by default.

    Raises
    ------
    FileError
        For what is no time, what can be read two ways, and zones that change from row to row.
    """
    reader = _Reader(where, first_row, day_first, zone)
    kind = column.dtype.kind
    if kind in "iuf":
        return reader.epochs(column)
    if kind == "M":
        return reader.dates(column)
    return reader.texts(column)


@dataclass(frozen=True)
class _Reader:
    where: str
    first_row: int
    day_first: bool | None
    zone: str | None

    def _place(self, index: Any) -> str:
        file, _, name = self.where.rpartition(", ")
        return f"{file} row {int(index) + self.first_row}, {name}"

    def epochs(self, column: Column) -> Instants:
        values = column.to_numpy()
        whole = values.dtype.kind in "iu"
        size = np.abs(values.astype(float))
        low, high = (float(size.min()), float(size.max())) if len(size) else (1e9, 1e9)
        if not (low >= 10**8 and high < 10**20):
            wrong = np.flatnonzero(~((size >= 10**8) & (size < 10**20)))
            value = values[wrong[0]]
            raise FileError(
                f"{self._place(column.index[wrong[0]])}: {value:.15g} is not a time: seconds, "
                "milliseconds, micro- or nanoseconds since 1970, or a text such as "
                "2025-01-31T08:00Z"
            )
        if whole and low >= _UNITS[0][0] and high < _UNITS[1][0]:
            return Instants(
                values.astype(np.int64), whole_days=False, said="milliseconds since 1970"
            )
        time = np.zeros(len(values), dtype=np.int64)
        said = []
        lower = 0
        for (upper, factor), word in zip(
            _UNITS, ("seconds", "milliseconds", "microseconds", "nanoseconds"), strict=True
        ):
            inside = (size >= lower) & (size < upper)
            lower = upper
            if not np.any(inside):
                continue
            said.append(word)
            if whole and factor < 1:
                time[inside] = values[inside] // round(1 / factor)
            else:
                time[inside] = np.floor(values[inside].astype(float) * factor + 1e-3)
        return Instants(time, whole_days=False, said=f"{' and '.join(said)} since 1970")

    def dates(self, column: Column) -> Instants:
        aware = column.dt.tz is not None
        utc = column.dt.tz_convert("UTC") if aware else self._localized(column)
        time = utc.dt.as_unit("ms").astype("int64").to_numpy()
        return Instants(time, whole_days=False, said="in UTC" if aware else self._said())

    def _said(self) -> str:
        return f"on the clock of {self.zone}" if self.zone else "taken as UTC"

    def _localized(self, naive: Column) -> Column:
        """Times without a zone as UTC, from the clock of the zone that was said."""
        if not self.zone:
            return naive.dt.tz_localize("UTC")
        offset = re.fullmatch(r"([+-])(\d{2}):?(\d{2})", self.zone)
        if offset:
            minutes = int(offset[2]) * 60 + int(offset[3])
            sign = 1 if offset[1] == "+" else -1
            return (naive - np.timedelta64(sign * minutes, "m")).dt.tz_localize("UTC")
        try:
            clock = ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise FileError(
                f"--zone {self.zone} is unknown: write Europe/Berlin or +03:00"
            ) from None
        # The hour that comes twice in autumn is told apart by the order of the rows.
        rising = len(naive) < 2 or bool(naive.iloc[0] <= naive.iloc[-1])
        try:
            ordered: Column = naive if rising else naive[::-1]
            local = ordered.dt.tz_localize(clock, ambiguous="infer")
        except ValueError as problem:
            raise FileError(f"{self.where}: {' '.join(str(problem).split())}") from None
        return local.dt.tz_convert("UTC").reindex(naive.index)

    def texts(self, column: Column) -> Instants:
        missing = column.isna().to_numpy()
        if np.any(missing):
            raise FileError(f"{self._place(column.index[np.argmax(missing)])}: the time is blank")
        if not all(isinstance(cell, str) for cell in column.iloc[:5]):
            return self._objects(column)
        first = str(column.iloc[0]).strip()
        if _EPOCH.fullmatch(first):
            return self.epochs(self._numbers(column))
        zoned = first.endswith("Z")
        alike = fixed_width.read(column) if zoned or not self.zone else None
        if alike is not None:
            return Instants(alike, whole_days=False, said="in UTC" if zoned else self._said())
        text = column.astype(str).str.strip()
        for name, form in _FORMS.items():
            if form.fullmatch(first):
                parts = text.str.extract("^" + form.pattern + "$")
                return self._parsed(text, parts, name)
        raise self._no_time(column.index[0], first)

    def _no_time(self, index: Any, text: str) -> FileError:
        return FileError(
            f"{self._place(index)}: {text[:40]!r} is not a time such as 2025-01-31T08:00Z"
        )

    def _numbers(self, column: Column) -> Column:
        import pandas as pd

        text = column.astype(str).str.strip()
        if text.str.fullmatch(r"\d+").all():
            return text.astype("int64")
        wrong = ~text.str.fullmatch(_EPOCH.pattern)
        if wrong.any():
            index = wrong.idxmax()
            raise self._no_time(index, text[index])
        return pd.to_numeric(text)

    def _objects(self, column: Column) -> Instants:
        """Dates of a workbook."""
        import pandas as pd

        wrong = [index for index, cell in column.items() if not hasattr(cell, "year")]
        if wrong:
            raise self._no_time(wrong[0], str(column[wrong[0]]))
        zones = {getattr(cell, "tzinfo", None) is not None for cell in column}
        if len(zones) > 1:
            raise FileError(f"{self.where}: some times carry a zone, others none")
        days = all(not hasattr(cell, "hour") for cell in column)
        moments: Column = pd.to_datetime(column)
        found = self.dates(moments)
        return Instants(found.time, whole_days=days, said=found.said)

    def _parsed(self, text: Column, parts: Any, form: str) -> Instants:
        wrong = parts["a"].isna()
        if wrong.any():
            index = wrong.idxmax()
            raise self._no_time(index, text[index])
        year, month, day, said = self._ordered(text, parts, form)
        naive = self._moments(text, year, month, day, parts)
        zoned = parts["zone"].notna()
        whole_days = bool(parts["clock"].isna().all())
        if not zoned.any():
            utc = self._localized(naive)
            time = utc.dt.as_unit("ms").astype("int64").to_numpy()
            return Instants(time, whole_days, ", ".join(filter(None, (said, self._said()))))
        if not zoned.all():
            index = zoned.idxmin() if bool(zoned.iloc[0]) else zoned.idxmax()
            raise FileError(
                f"{self._place(index)}: some times carry a time zone and others none "
                f"({text[index]!r} beside {text.iloc[0]!r}): write one zone in all"
            )
        offsets = self._offsets(text, parts["zone"])
        time = naive.dt.as_unit("ms").astype("int64").to_numpy() - offsets
        said = ", ".join(filter(None, (said, "in UTC" if not offsets.any() else "with their zone")))
        return Instants(time, whole_days, said)

    def _offsets(self, text: Column, zone: Column) -> Times:
        """Offsets from UTC; more than one only where a clock changes to summer time and back."""
        known = {name: _offset(str(name)) for name in zone.unique()}
        offsets: Times = zone.map(known).to_numpy(dtype=np.int64)
        distinct = sorted(set(known.values()))
        changes = np.flatnonzero(np.diff(offsets)) + 1
        summer = len(distinct) == 2 and distinct[1] - distinct[0] == HOUR
        if len(distinct) > 1 and not (summer and _seldom(changes, text)):
            index = int(changes[0])
            raise FileError(
                f"{self._place(text.index[index])}: the time zone changes from row to row "
                f"({text.iloc[index]!r} after {text.iloc[index - 1]!r}): write one zone in all"
            )
        return offsets

    def _ordered(self, text: Column, parts: Any, form: str) -> tuple[Column, Column, Column, str]:
        """Year, month and day; which is which is refused where both are possible."""
        if form in ("year first", "compact"):
            return parts["a"].astype(int), parts["b"].astype(int), parts["c"].astype(int), ""
        year = parts["c"].astype(int)
        if form != "year last":
            names = parts["b"].str[:3].str.lower()
            unknown = ~names.isin(_MONTHS)
            if unknown.any():
                raise self._no_time(unknown.idxmax(), text[unknown.idxmax()])
            return year, names.map(_MONTHS.index) + 1, parts["a"].astype(int), ""
        one, other = parts["a"].astype(int), parts["b"].astype(int)
        may = {True: bool((other <= 12).all()), False: bool((one <= 12).all())}
        if self.day_first is None and all(may.values()):
            raise FileError(
                f"{self._place(text.index[0])}: {text.iloc[0]!r} can be read two ways, day or "
                "month first: say --day-first or --month-first"
            )
        first = may[True] if self.day_first is None else self.day_first
        if not may[first]:
            index = ((other if first else one) > 12).idxmax()
            what = "day" if first else "month"
            raise FileError(
                f"{self._place(index)}: {text[index]!r} has no {what} first: --day-first or "
                "--month-first is wrong for this file"
            )
        said = "day first" if first else "month first"
        return (year, other, one, said) if first else (year, one, other, said)

    def _moments(self, text: Column, year: Any, month: Any, day: Any, parts: Any) -> Column:
        import pandas as pd

        clock = parts["clock"].fillna("00:00").str.replace(",", ".").str.rstrip("-")
        pieces = clock.str.extract(r"^(\d{1,2}):?(\d{2})?:?(\d{2}(?:\.\d+)?)?$").fillna("0")
        hour = pieces[0].astype(int)
        half = parts["half"].str.lower()
        hour = hour.where(half.isna(), hour % 12 + 12 * (half == "pm"))
        dates = pd.to_datetime({"year": year, "month": month, "day": day}, errors="coerce")
        wrong = dates.isna() | (hour > 23) | (pieces[1].astype(int) > 59)
        if wrong.any():
            raise self._no_time(wrong.idxmax(), text[wrong.idxmax()])
        seconds = pieces[2].astype(float)
        clock_ms = (
            hour * HOUR + pieces[1].astype(int) * MINUTE + (seconds * 1000 + 1e-6).astype("int64")
        )
        return dates.astype("datetime64[ms]") + pd.to_timedelta(clock_ms, unit="ms")


def _offset(zone: str) -> int:
    if zone.upper() in ("Z", "UTC", "GMT"):
        return 0
    digits = re.sub(r"\D", "", zone).ljust(4, "0")
    size = int(digits[:2]) * HOUR + int(digits[2:4]) * MINUTE
    return -size if zone[0] == "-" else size


def _seldom(changes: Times, text: Column) -> bool:
    """Whether a clock changes as summer time does: some months apart, so never row by row."""
    return len(changes) == 1 or _days(text, changes) >= _SUMMER


def _days(text: Column, changes: Times) -> float:
    """The least time between changes, in days, by the dates that the texts begin with."""
    import pandas as pd

    dates = pd.to_datetime(text.iloc[changes].str[:10], errors="coerce", utc=True)
    gaps = dates.diff().abs().dropna()
    return float(gaps.min().days) if len(gaps) else 0.0
