"""The sheets of the self-test: verdict, checks, tables that functions give, their arguments."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any, NamedTuple

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from xlhedge import CellError, __version__, call
from xlhedge.catalog import CATALOG
from xlhedge.templates._layout import PRINTED_ROWS, Book, Result, Sheet
from xlhedge.templates._theme import BLUE, GREEN, MUTED, SKY, VERDICT
from xlhedge.templates.self_test.rows import Row, is_error

_ERRORS = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")
"""In the order in which ERROR.TYPE numbers them."""
_TOP = 4
_NUMBER, _FUNCTION, _CALL, _PART, _WANT, _GOT, _DIFFERENCE, _TOLERANCE, _RESULT = range(1, 10)
_FIRST_ARGUMENT = 11
_LONG = 40
_PRINTED_COLUMNS = 8
_CALL_WIDTH = 56
_VALUE_WIDTH = 22

_STEPS = (
    "Every row of Checks calls a function on cells and compares with a result that was published",
    "or computed by another program. PASS: within the row's tolerance, where Difference shows 0.",
    "FAIL, an error as installed version: not installed (#NAME?), or Python does not start.",
    "not calculated: no program with the functions has calculated this file yet.",
    "FAIL, another version is installed: `xlhedge new self_test` writes the file of yours.",
    "Nothing is entered here. In Excel: Ctrl+Alt+F9 calculates all of it again.",
)


Part = tuple[int, int] | str | None
"""A cell of a table by row and column, a line by its label, or the whole of a single value."""


class Table(NamedTuple):
    """Where a table that a call gives lies on Results."""

    top: int
    labels: list[Any]
    width: int

    def cell(self, row: int, column: int) -> str:
        """One of its cells, counted from 0."""
        return f"Results!{xl_rowcol_to_cell(self.top + row, 1 + column)}"


class Pile:
    """A sheet on which rectangles lie one below the other, each under its caption."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.row = _TOP
        self.width = 2
        self.places: dict[str, tuple[int, int, int, int]] = {}

    def caption(self, text: str) -> None:
        """The line above a rectangle."""
        self.sheet.write(self.row, 1, text, "note")
        self.row += 1

    def lay(self, rows: list[list[Any]]) -> str:
        """Write a rectangle, each only once, and name its cells."""
        key = repr(rows)
        if key not in self.places:
            self.caption(f"{len(rows)} × {len(rows[0])}")
            place = (self.row, 1, self.row + len(rows) - 1, len(rows[0]))
            _write_rows(self.sheet, place[:2], rows)
            self.advance(len(rows), len(rows[0]))
            self.places[key] = place
        return self.sheet.absolute(*self.places[key])

    def advance(self, rows: int, columns: int) -> None:
        """Go below a rectangle."""
        self.row += rows + 1
        self.width = max(self.width, columns)


class Columns:
    """A sheet on which long series stand side by side."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.column = 1
        self.last = _TOP
        self.places: dict[str, tuple[int, int, int, int]] = {}

    def lay(self, rows: list[list[Any]]) -> str:
        """Write a series, each only once, and name its cells."""
        key = repr(rows)
        if key not in self.places:
            right = self.column + len(rows[0]) - 1
            self.sheet.headers(
                _TOP, self.column, [f"{len(rows)} rows", *[""] * (right - self.column)], ()
            )
            place = (_TOP + 1, self.column, _TOP + len(rows), right)
            _write_rows(self.sheet, place[:2], rows)
            self.column = right + 1
            self.last = max(self.last, place[2])
            self.places[key] = place
        return self.sheet.absolute(*self.places[key])


def _write_rows(sheet: Sheet, corner: tuple[int, int], rows: list[list[Any]]) -> None:
    style = sheet.style("constant")
    for row, line in enumerate(rows, corner[0]):
        for column, value in enumerate(line, corner[1]):
            sheet.constant(row, column, None if value == "" else value, style)


def write(book: Book, rows: list[Row]) -> None:
    """Write all sheets."""
    first = book.sheet("Verdict", GREEN, (2, 29, 25, 11.5, 11.5, 11.5, 15.5, 15.5))
    most = max(len(row.arguments) for row in rows)
    widths = (
        2,
        6,
        19.5,
        _CALL_WIDTH,
        19.5,
        _VALUE_WIDTH,
        _VALUE_WIDTH,
        12,
        12,
        9,
        3,
        *[13] * most,
        60,
    )
    checks = Checks(book.sheet("Checks", BLUE, widths), most)
    checks.results = Pile(book.sheet("Results", SKY, (2, *[16] * 12)))
    checks.ranges = Pile(book.sheet("Ranges", MUTED, (2, *[16] * 12)))
    checks.series = Columns(book.sheet("Series", MUTED, (2, *[11] * 400)))
    for row in rows:
        checks.add(row)
    checks.finish()
    _verdict(first, rows, checks)


class Checks:
    """The sheet of comparisons, one value a row."""

    results: Pile
    ranges: Pile
    series: Columns

    def __init__(self, sheet: Sheet, most: int) -> None:
        self.sheet = sheet
        self.row = _TOP + 1
        self.source = _FIRST_ARGUMENT + most
        sheet.heading("Checks", "Calls with their expected and their actual results")
        titles = ["No.", "Function", "Call", "Compared", "Expected", "Actual", "Difference",
                  "Tolerance", "Result"]  # fmt: skip
        sheet.headers(_TOP, _NUMBER, titles, (1, 2, 3))
        arguments = [f"Argument {place}" for place in range(1, most + 1)]
        sheet.headers(_TOP, _FIRST_ARGUMENT, [*arguments, "Source"], (most,))

    def add(self, row: Row) -> None:
        """Write a call and a line for every value that is compared."""
        formula, shown = self.arguments(row)
        table = self.spill(row, formula, shown) if isinstance(row.want, (list, dict)) else None
        first = self.row
        lines = math.ceil(len(shown) * 1.1 / _CALL_WIDTH)
        value = self.sheet.style("constant", align="right", indent=1, text_wrap=True)
        for part, want in row.parts():
            line = self.row
            texts = math.ceil(len(want) * 1.2 / _VALUE_WIDTH) if isinstance(want, str) else 1
            self.sheet.cells.set_row(line, 18 * max(texts, lines if line == first else 1))
            self.sheet.write(line, _NUMBER, line - _TOP, "calculated", "integer")
            self.sheet.write(line, _FUNCTION, row.function, "entry")
            style = self.sheet.style("entry", text_wrap=line == first)
            self.sheet.constant(line, _CALL, shown, style)
            self.compare(part, want)
            self.sheet.constant(line, _WANT, want, value)
            got = self.sheet.style("calculated", indent=1, text_wrap=True)
            self.sheet.formula(line, _GOT, self.actual(formula, table, part, want), got)
            self.sheet.write(line, _TOLERANCE, row.tolerance(want), "calculated", "tiny")
            self.sheet.write(line, self.source, row.source, "note")
            self.row += 1

    def arguments(self, row: Row) -> tuple[str, str]:
        """The call on cells, and the call as one would type it."""
        cells, shown = [], []
        for place, item in enumerate(row.arguments):
            if isinstance(item, list):
                where = self.series if len(item) > _LONG else self.ranges
                cells.append(where.lay(item).replace("$", ""))
                shown.append(cells[-1])
            elif item == "":
                cells.append('""')
                shown.append("")
            else:
                column = _FIRST_ARGUMENT + place
                self.sheet.write(self.row, column, item, "constant")
                cells.append(xl_rowcol_to_cell(self.row, column))
                shown.append(f'"{item}"' if isinstance(item, str) else f"{item:.12g}")
        return (
            f"{row.function}({','.join(cells)})",
            f"{row.function}({', '.join(shown)})",
        )

    def spill(self, row: Row, formula: str, shown: str) -> Table:
        """Lay out a call that gives a table; errors in it are a word, Checks tells which."""
        pile = self.results
        rows = call(row.function, *row.arguments)
        pile.caption(shown)
        table = Table(pile.row, [line[0] for line in rows], len(rows[0]))
        # Ranges and Series are named with their sheet; single cells are on Checks.
        cells = ",".join(
            item if "!" in item or item == '""' else f"Checks!{item}"
            for item in formula.partition("(")[2].removesuffix(")").split(",")
            if item
        )
        spilt = f"{row.function}({cells})"
        if any(isinstance(value, CellError) for line in rows for value in line):
            spilt = f'IFERROR({spilt},"error")'
        numbers = ["text"] + ["general"] * (table.width - 1)
        pile.sheet.spill(pile.row, 1, f"={spilt}", len(rows), numbers)
        pile.advance(len(rows), table.width)
        return table

    def compare(self, part: Part, want: Any) -> None:
        """Write what is compared, the difference and its result."""
        line = self.row
        if isinstance(part, tuple):
            part = f"row {part[0] + 1}, column {part[1] + 1}"
        self.sheet.write(line, _PART, part or ("error" if is_error(want) else "value"), "entry")
        expected, got, difference, tolerance = (
            xl_rowcol_to_cell(line, column) for column in (_WANT, _GOT, _DIFFERENCE, _TOLERANCE)
        )
        both = f"AND(ISNUMBER({expected}),ISNUMBER({got}))"
        same = f'IF(EXACT({expected},{got}),0,"differs")'
        # Spreadsheets take a difference in the last digits for 0, each by a rule of its own.
        apart = f"IF(ABS({got}-{expected})<={tolerance},0,ABS({got}-{expected}))"
        self.sheet.write(
            line,
            _DIFFERENCE,
            f'=IF(ISERROR({got}),"error",IF({both},{apart},{same}))',
            "calculated",
            "tiny",
        )
        result = f'=IF(ISNUMBER({difference}),IF({difference}<={tolerance},"PASS","FAIL"),"FAIL")'
        self.sheet.write(line, _RESULT, result, "status")

    def actual(self, formula: str, table: Table | None, part: Part, want: Any) -> str:
        """The live formula that gives the compared value, or the error's name."""
        if table is not None:
            row, column = part if isinstance(part, tuple) else (table.labels.index(part), 1)
            cell = table.cell(row, column)
            if is_error(want):
                down = xl_range_abs(table.top, 1, table.top + row, 1)
                across = xl_range_abs(table.top, 1, table.top, 1 + column)
                formula = f"INDEX({formula},ROWS(Results!{down}),COLUMNS(Results!{across}))"
            elif isinstance(part, tuple):
                return f'=IF(ISBLANK({cell}),"",{cell})'
            else:
                label = xl_rowcol_to_cell(self.row, _PART)
                return f'=IF(EXACT({table.cell(row, 0)},{label}),{cell},"another label")'
        elif is_error(want):
            # Calc takes the error's type of a cell of an array, not of the array.
            formula = f"INDEX({formula},1,1)"
        else:
            return f"={formula}"
        name = f"INDEX(error_names,ERROR.TYPE({formula}))"
        return f"=IF(ISERROR({formula}),{name},{formula})"

    def finish(self) -> None:
        """Names, formats, headings of the sheets of arguments, pages."""
        sheet, last = self.sheet, self.row - 1
        define = sheet.book.workbook.define_name
        for name, column in (("checks_function", _FUNCTION), ("checks_result", _RESULT)):
            define(name, f"={sheet.absolute(_TOP + 1, column, last, column)}")
        sheet.status_format((_TOP + 1, _RESULT, last, _RESULT), words=VERDICT)
        sheet.cells.autofilter(_TOP, _NUMBER, last, _RESULT)
        sheet.cells.freeze_panes(_TOP + 1, _CALL)
        sheet.page(last, _RESULT, repeat=_TOP)
        pile = self.results
        pile.sheet.heading("Results", "Calls that give tables; Checks compares their cells")
        pile.sheet.page(min(pile.row, PRINTED_ROWS), min(max(pile.width, 7), _PRINTED_COLUMNS))
        pile = self.ranges
        pile.sheet.heading("Ranges", "Tables and short columns that calls read")
        pile.caption("Names of the errors, as ERROR.TYPE numbers them")
        place = (pile.row, 1, pile.row + len(_ERRORS) - 1, 1)
        _write_rows(pile.sheet, place[:2], [[name] for name in _ERRORS])
        define("error_names", f"={pile.sheet.absolute(*place)}")
        pile.sheet.page(min(place[2], PRINTED_ROWS), min(max(pile.width, 7), _PRINTED_COLUMNS))
        series = self.series
        series.sheet.heading("Series", "Long columns that calls read")
        series.sheet.cells.freeze_panes(_TOP + 1, 0)
        series.sheet.page(min(series.last, PRINTED_ROWS), _PRINTED_COLUMNS, repeat=_TOP)


def _verdict(sheet: Sheet, rows: list[Row], checks: Checks) -> None:
    sheet.heading("Self-test", "Is this installation right? Every function, on published results")
    sheet.cells.set_row(3, 36)
    sheet.write(3, 1, "Verdict", "headline")
    verdict = (
        '=IF(ISERROR(installed_version),"FAIL: the functions do not answer: not installed, or '
        'Python cannot start",IF(NOT(EXACT(installed_version,version_of_file)),'
        '"FAIL: version "&installed_version&" is installed, this file is of "&version_of_file,'
        'IF(checks_passed=checks_total,"PASS: "&checks_total&" checks of "&functions_tested'
        '&" functions","FAIL: "&checks_failed&" of "&checks_total&" checks")))'
    )
    sheet.write(3, 2, verdict, "headline")
    sheet.book.name("verdict", sheet.name, 3, 2)
    sheet.book.name("xlhedge_not_calculated", sheet.name, 3, 2)
    for column in range(3, 8):
        sheet.write(3, column, None, "headline")
    for word in VERDICT:
        rule = {
            "type": "formula",
            "criteria": f'=COUNTIF($C$4,"{word}*")>0',
            "format": sheet.book.theme.status(word),
        }
        sheet.cells.conditional_format(3, 2, 3, 7, rule)
    row = sheet.section(5, "Counts", 1, 7)
    row = sheet.results(row, 1, _counts(len(CATALOG)))
    sheet.write(row, 1, "Version that made this file", "label")
    sheet.write(row, 2, __version__, "result")
    sheet.book.name("version_of_file", sheet.name, row, 2)
    sheet.write(row, 3, "", "measure")
    sheet.write(row, 4, "", "note")
    row = sheet.section(row + 2, "How to read it", 1, 7)
    row = sheet.steps(row, 1, _STEPS)
    row = sheet.section(row + 1, "Functions", 1, 5)
    sheet.headers(row, 1, ["Topic", "Function", "Checks", "Passed", "Result"], (0, 1))
    calls = Counter(item.function for item in rows)
    first = row + 1
    for name, spec in CATALOG.items():
        row += 1
        cell, count, passed = (xl_rowcol_to_cell(row, column) for column in (2, 3, 4))
        sheet.write(row, 1, spec.topic, "entry")
        sheet.write(row, 2, name, "entry")
        sheet.write(row, 3, f"=COUNTIF(checks_function,{cell})", "calculated", "integer")
        both = f'=COUNTIFS(checks_function,{cell},checks_result,"PASS")'
        sheet.write(row, 4, both, "calculated", "integer")
        judged = f'=IF(AND({count}>0,{passed}={count}),"PASS","FAIL")'
        sheet.write(row, 5, judged, "status")
        if not calls[name]:
            raise ValueError(f"no golden row calls {name}")
    sheet.status_format((first, 5, row, 5), words=VERDICT)
    define = sheet.book.workbook.define_name
    define("functions_checks", f"={sheet.absolute(first, 3, row, 3)}")
    sheet.cells.freeze_panes(4, 0)
    sheet.page(row, 7, portrait=True)


def _counts(functions: int) -> tuple[Result, ...]:
    return (
        Result("checks_total", "Checks", "=ROWS(checks_result)", "values", "integer",
               "Values compared on the sheet Checks."),
        Result("checks_passed", "Passed", '=COUNTIF(checks_result,"PASS")', "values", "integer"),
        Result("checks_failed", "Failed", "=checks_total-checks_passed", "values", "integer",
               "Filter the column Result of Checks for FAIL."),
        Result("functions_tested", "Functions tested", '=COUNTIF(functions_checks,">0")',
               "functions", "integer", f"The catalogue has {functions}."),
        # NOW: a saved verdict must not outlive the functions, and what changes by itself is
        # calculated whenever the file is opened.
        Result("installed_version", "Version installed", "=IF(NOW()>0,XLHEDGE_VERSION())", "",
               "text", "What XLHEDGE_VERSION() says."),
    )  # fmt: skip
