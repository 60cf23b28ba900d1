"""What filling tables did."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from xlhedge.recalc.run import Report


class Reference(NamedTuple):
    """A reference to a table's rows: where it stands, how it read before and how it reads now."""

    where: str
    before: str
    after: str


@dataclass(slots=True)
class Filled:
    """What became of one table.

    Parameters
    ----------
    table
        Its name.
    source
        Where the rows come from.
    before, after
        Its data rows.
    extended
        References that spanned the rows and follow them now.
    partial
        References to some of the rows; they stay as they were.
    passed_over
        Columns of the source that were not used.
    zones
        The statement about the time zone of each column of times.
    blanks
        Blank cells that came, by column.
    notes
        What else a user should know.
    """

    table: str
    source: str
    before: int
    after: int
    extended: list[Reference] = field(default_factory=list)
    partial: list[Reference] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)
    zones: dict[str, str] = field(default_factory=dict)
    blanks: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class FillReport:
    """What a filling did; `recalculation` is None where none was asked for."""

    source: Path
    target: Path
    tables: list[Filled] = field(default_factory=list)
    charts: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    recalculation: Report | None = None
