"""What-if recalculation: a workbook whose named inputs are changed and whose results are read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlhedge.errors import InputError

if TYPE_CHECKING:
    from xlhedge.workbook.package import NamedArea


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
        from xlhedge.recalc.embedded import LoadedWorkbook
        from xlhedge.workbook.package import Package

        package = Package.open(Path(path))
        self._engine = LoadedWorkbook(package)
        self._named = package.named_areas

    @property
    def names(self) -> list[str]:
        """The names of cells and ranges that can be read and set, in lower case."""
        return sorted(self._named)

    def __getitem__(self, name: str) -> Any:
        """The value of a named cell, or a named range's as a list of rows."""
        found = self._find(name)
        return self._engine.value(found.sheet, str(found.area))

    def __setitem__(self, name: str, value: Any) -> None:
        """Put a number, text, bool, date or None into a named cell."""
        found = self._find(name)
        if not found.is_cell:
            raise InputError(f"{name} names the range {found.area}: set one cell at a time")
        self._engine.set_value(found.sheet, str(found.area), value)

    def cell(self, sheet: str, place: str) -> Any:
        """The value of a cell or range by its address, such as B7 or B7:D9."""
        return self._engine.value(sheet, place)

    def _find(self, name: str) -> NamedArea:
        try:
            return self._named[name.lower()]
        except KeyError:
            raise InputError(f"the workbook has no name {name!r} of a cell or range") from None
