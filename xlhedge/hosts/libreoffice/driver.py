"""The UNO component that calculates a workbook and writes its values down.

It runs inside a LibreOffice that was started for one file, and ends it. The environment variable
XLHEDGE_JOB names the workbook; the values go into a file in JSON beside it.
"""

from __future__ import annotations

import json
import os
import traceback
from pathlib import Path
from typing import Any

import uno
import unohelper
from com.sun.star.task import XJobExecutor

SERVICE = "org.xlhedge.calc.Driver"
_LOGICAL = 1024  # com.sun.star.util.NumberFormat


class Driver(unohelper.Base, XJobExecutor):  # type: ignore[misc]  # made at run time
    """The job that LibreOffice starts: it loads a workbook, calculates it and writes the values."""

    def __init__(self, context: Any) -> None:
        self._context = context

    def trigger(self, event: str) -> None:
        """Do the job and end LibreOffice."""
        workbook = Path(os.environ["XLHEDGE_JOB"])
        try:
            told: dict[str, Any] = {"sheets": self._calculate(workbook.as_uri())}
        except Exception:
            told = {"problem": traceback.format_exc()}
        partial = workbook.with_suffix(".partial")
        partial.write_text(json.dumps(told), encoding="utf-8")
        partial.replace(workbook.with_suffix(".json"))
        # The profile is thrown away, so there is nothing to put in order.
        os._exit(0)

    def _calculate(self, workbook: str) -> list[Any]:
        desktop = self._context.ServiceManager.createInstanceWithContext(
            "com.sun.star.frame.Desktop", self._context
        )
        hidden = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
        hidden.Name, hidden.Value = "Hidden", True
        # Calc calculates while it loads: the file has no values of its own.
        document = desktop.loadComponentFromURL(workbook, "_blank", 0, (hidden,))
        if document is None:
            raise ValueError(f"{workbook} cannot be loaded")
        formats = document.NumberFormats
        return [_values(sheet, formats) for sheet in document.Sheets]


def _values(sheet: Any, formats: Any) -> list[list[Any]]:
    """The values from A1 to the last cell in use; an error is ``{"error": code}``."""
    cursor = sheet.createCursor()
    cursor.gotoEndOfUsedArea(False)
    last = cursor.RangeAddress
    area = sheet.getCellRangeByPosition(0, 0, last.EndColumn, last.EndRow)
    rows = [list(row) for row in area.getDataArray()]
    logical: dict[int, bool] = {}
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            if value is None:
                values[column] = {"error": sheet.getCellByPosition(column, row).getError()}
            elif value in {0.0, 1.0}:
                # TRUE and FALSE are numbers that are shown as words.
                key = sheet.getCellByPosition(column, row).NumberFormat
                if key not in logical:
                    logical[key] = bool(formats.getByKey(key).Type & _LOGICAL)
                if logical[key]:
                    values[column] = bool(value)
    return rows


g_ImplementationHelper = unohelper.ImplementationHelper()  # noqa: N816  # the loader's name for it
g_ImplementationHelper.addImplementation(Driver, f"{SERVICE}Implementation", (SERVICE,))
