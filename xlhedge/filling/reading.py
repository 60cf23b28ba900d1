"""A table of an existing workbook as a data frame."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlhedge.sheet.cells import Cell, CellError
from xlhedge.system.limits import Limits
from xlhedge.workbook.cells import cells_named
from xlhedge.workbook.package import Package

if TYPE_CHECKING:
    import pandas as pd


def read_table(path: Path | str, name: str, *, limits: Limits | None = None) -> pd.DataFrame:
    """A table of a workbook as a data frame.

    Parameters
    ----------
    path
        An .xlsx or .xlsm file.
    name
        The table, as formulas name it.
    limits
        How large a file may be.

    Returns
    -------
    pandas.DataFrame
        One column per column of the table, with the values that the file holds (cached ones for
        formulas). Dates have no time zone. Among numbers, a blank, an error value and the empty
        text that formulas leave are NaN; among dates they are NaT.

    Raises
    ------
    FileError
        When the file cannot be read or has no such table.
    """
    return table_frame(Package.open(Path(path), limits), name)


def table_frame(package: Package, name: str) -> pd.DataFrame:
    """A table of a workbook that is open; see `read_table`."""
    import pandas as pd

    table = package.table(name)
    rows = cells_named(package, table.sheet).values(table.data, dates=True)
    data = {
        column: _column([row[place] for row in rows]) for place, column in enumerate(table.columns)
    }
    return pd.DataFrame(data, columns=list(table.columns))


def _column(values: list[Cell]) -> Any:
    import pandas as pd

    known = [None if value == "" or type(value) is CellError else value for value in values]
    kinds = set(map(type, known)) - {type(None)}
    if kinds == {datetime}:
        return pd.to_datetime(pd.Series(known, dtype=object)).astype("datetime64[ns]")
    if kinds == {float}:
        return pd.Series(known, dtype=float)
    texts = [str(value) if type(value) is CellError else value for value in values]
    return pd.Series(texts, dtype=object)
