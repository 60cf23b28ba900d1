"""The sheet Correlations: pairs of coins with a correlation of their own, and the matrix used."""

from __future__ import annotations

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from xlhedge.filling.provenance import YOURS
from xlhedge.templates import _book_tables as tables
from xlhedge.templates._book_tables import Column
from xlhedge.templates._layout import Book, with_hints
from xlhedge.templates._sources import Rows, rows_of
from xlhedge.templates._theme import AMBER

TABLE = "Correlations"
_COLUMNS = (
    Column("asset", "text", "coin", "One coin of the pair."),
    Column("other_asset", "text", "coin", "The other one."),
    Column("correlation", "ratio", "of returns", "CORREL over RETURNS of both prices estimates it.",
           -1.0, 1.0),
)  # fmt: skip
_BLANK = ((None, None, None),)
_LEFT, _HEADER = 1, 5
_NAMES = _LEFT + len(_COLUMNS) + 1
_FIRST = _NAMES + 1
_ROOM = 60
_PRINTED = 12
_COINS = "Volatilities[asset]"
_ONE, _OTHER, _VALUE = (f"{TABLE}[{column.name}]" for column in _COLUMNS)
_CELLS = xl_range_abs(_HEADER + 1, _FIRST, _HEADER + _ROOM, _FIRST + _ROOM - 1)
MATRIX = f"INDEX({TABLE}!{_CELLS},1,1):INDEX({TABLE}!{_CELLS},ROWS({_COINS}),ROWS({_COINS}))"
"""The matrix, in the order of Volatilities."""
HINT = ("asset_correlation", "enter the correlation")


def _matrix() -> str:
    """Each pair's own correlation, named in either order, or that of all the others."""

    def of_pairs(value: str) -> str:
        first = f"(a=TRANSPOSE({_ONE}))*TRANSPOSE({value})"
        return f"MMULT({first},({_OTHER}=TRANSPOSE(a))*1)"

    one = f"SEQUENCE(ROWS({_COINS}))=SEQUENCE(1,ROWS({_COINS}))"
    return (
        f"=LET(a,{_COINS},n,{of_pairs(f'ISNUMBER({_VALUE})*1')},"
        f"s,{of_pairs(f'IF(ISNUMBER({_VALUE}),{_VALUE},0)')},m,n+TRANSPOSE(n),"
        f"IF({one},1,IF(m>0,(s+TRANSPOSE(s))/IF(m>0,m,1),asset_correlation)))"
    )


def write(book: Book) -> Rows:
    """Write the sheet; gives back what its table holds."""
    widths = (2, 12, 12, 13, 3, 10, *[8.0] * _ROOM)
    sheet = book.sheet(TABLE, AMBER, widths)
    sheet.heading(TABLE, "Pairs of coins with a correlation of their own; every other pair has the "
                  "one of the first sheet")  # fmt: skip
    sheet.section(2, "Pairs", _LEFT, _NAMES - 2)
    sheet.write(3, _LEFT, f"=summary_of_{TABLE}", "note")
    tables.write(sheet, TABLE, (_HEADER, _LEFT), _COLUMNS, _BLANK)
    sheet.section(2, "Correlations used, in the order of Volatilities", _NAMES, _FIRST + 7)
    sheet.headers(_HEADER, _NAMES, ("Coin",), texts=(0,))
    hints = ((f"COUNTA({_COINS})=0", ""), HINT)
    names = with_hints(f'={_COINS}&""', hints[:1])
    sheet.spill(_HEADER + 1, _NAMES, names, 3, ("text",), _ROOM)
    style = sheet.style("header", align="right")
    cells = xl_range_abs(_HEADER + 1, _NAMES, _HEADER + _ROOM, _NAMES)
    for column in range(_FIRST, _FIRST + _ROOM):
        place = f"COLUMN()-COLUMN({xl_rowcol_to_cell(_HEADER, _NAMES, True, True)})"
        sheet.formula(_HEADER, column, f'=INDEX({cells},{place})&""', style)
    sheet.spill(_HEADER + 1, _FIRST, with_hints(_matrix(), hints), 3, ("ratio",) * 3)
    rule = {"type": "no_blanks", "format": book.theme.grown("ratio")}
    last = _HEADER + _ROOM, _FIRST + _ROOM - 1
    sheet.cells.conditional_format(_HEADER + 1, _FIRST, *last, rule)
    sheet.cells.freeze_panes(_HEADER + 1, 0)
    sheet.page(_HEADER + _PRINTED, _FIRST + 7, repeat=_HEADER)
    names_of_columns = [column.name for column in _COLUMNS]
    return rows_of(TABLE, names_of_columns, _BLANK, ("correlation",), kind=YOURS,
                   source="not used", area="volatilities", optional=True)  # fmt: skip
