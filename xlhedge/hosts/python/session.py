"""What-if recalculation: a workbook whose named inputs are changed and whose results are read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xlhedge.errors import InputError


class Session:
    """A workbook, loaded into the embedded engine; the file itself is never changed.

    Parameters
    ----------
    path
        An .xlsx or .xlsm file.

    Examples
    --------
    >>> session = Session("workbooks/hedge_desk.xlsx")
    >>> session["dash_contracts"]
    -720.0
    >>> session["hedge_fraction"] = 1.0
    >>> session["dash_contracts"]
    -900.0
    """

    def __init__(self, path: Path | str) -> None:
        from xlhedge.formula.addresses import area_or_none, sheet_of_prefix
        from xlhedge.recalc.embedded import Session as Engine
        from xlhedge.workbook.package import Package

        package = Package.open(Path(path))
        self._engine = Engine(package)
        self._places: dict[str, tuple[str, str]] = {}
        for name in package.defined_names:
            prefix, _, area = name.text.lstrip("=").rpartition("!")
            if name.sheet is None and prefix and area_or_none(area) is not None:
                self._places[name.name.lower()] = sheet_of_prefix(prefix), area.replace("$", "")

    @property
    def names(self) -> list[str]:
        """The names of cells and ranges that can be read and set, in lower case."""
        return sorted(self._places)

    def __getitem__(self, name: str) -> Any:
        """The value of a named cell, or a named range's as a list of rows."""
        return self._engine.value(*self._place(name))

    def __setitem__(self, name: str, value: Any) -> None:
        """Put a number, text, bool, date or None into a named cell."""
        sheet, area = self._place(name)
        if ":" in area:
            raise InputError(f"{name} names the range {area}: set one cell at a time")
        self._engine.set_value(sheet, area, value)

    def cell(self, sheet: str, place: str) -> Any:
        """The value of a cell or range by its address, such as B7 or B7:D9."""
        return self._engine.value(sheet, place)

    def _place(self, name: str) -> tuple[str, str]:
        try:
            return self._places[name.lower()]
        except KeyError:
            raise InputError(f"the workbook has no name {name!r} of a cell or range") from None
