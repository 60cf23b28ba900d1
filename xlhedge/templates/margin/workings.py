"""The sheet Workings: every account revalued at the moves of Calls and of Ladder."""

from __future__ import annotations

from typing import NamedTuple

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from xlhedge.templates._formulas import explained
from xlhedge.templates._layout import Book, Hints, Sheet, with_hints
from xlhedge.templates._spills import body
from xlhedge.templates._theme import MUTED

_SHEET = "Workings"
_HEADER = 6
_FIRST = _HEADER + 1
_LAST = _FIRST + 3999
_TITLES = ("Scenario", "Account", "Equity", "Maintenance", "Margin ratio", "Top-up", "Liquidated",
           "Balance lost")  # fmt: skip
_NUMBERS = ("text", "text", "money", "money", "percent", "money", "flag", "money")


ALL = "all"
"""What the ladder's asset says where all coins move."""
_ALL = f'ladder_asset="{ALL}"'


class Moves(NamedTuple):
    """The moves of a sheet: their cells, and the hints of what needs them."""

    cells: tuple[str, ...]
    hints: Hints


class _Block(NamedTuple):
    """Where scenarios and the accounts in each of them stand."""

    left: int
    title: str
    shocks: tuple[tuple[str, str], ...]

    @property
    def spill(self) -> int:
        """The column in which the accounts begin."""
        return self.left + len(self.shocks) + 2

    def column(self, place: int) -> str:
        """A column of the accounts, as other sheets name it."""
        return f"{_SHEET}!{xl_range_abs(_FIRST, self.spill + place, _LAST, self.spill + place)}"


CALLS = _Block(1, "Moves of Calls", (("spot_shock", "{0}"),))
LADDER = _Block(
    CALLS.spill + len(_TITLES) + 1,
    "Moves of Ladder",
    (
        ("spot_shock", f"IF({_ALL},{{0}},0)"),
        (f'=IF({_ALL},"basis_shock",ladder_asset&"")', f"IF({_ALL},0,{{0}})"),
    ),
)
SCENARIO, ACCOUNT, EQUITY, MAINTENANCE, RATIO = range(5)
"""The places of what other sheets read."""


def label(place: int) -> str:
    """What a scenario is called, by its place."""
    return f"move {place + 1}"


def write(book: Book, of_calls: Moves, of_ladder: Moves) -> Sheet:
    """Write the sheet."""
    block = (12, 16, 15, 14, 12, 14, 11, 14)
    widths = (2, 12, 12, 3, *block, 3, 12, 12, 12, 3, *block)
    sheet = book.sheet(_SHEET, MUTED, widths)
    sheet.heading(_SHEET, "Every account at the moves of Calls and of Ladder; nothing is entered "
                  "here")  # fmt: skip
    _write(sheet, CALLS, of_calls)
    _write(sheet, LADDER, of_ladder)
    sheet.cells.freeze_panes(_FIRST, 0)
    last = LADDER.spill + len(_TITLES) - 1
    sheet.page(_FIRST + 40, last, pages_wide=2, repeat=_HEADER)
    sheet.cells.set_v_pagebreaks([LADDER.left])
    return sheet


def _write(sheet: Sheet, item: _Block, moves: Moves) -> None:
    sheet.section(3, item.title, item.left, item.spill + len(_TITLES) - 1)
    heading = sheet.style("header")
    sheet.constant(_HEADER, item.left, "scenario", heading)
    for offset, (title, _) in enumerate(item.shocks, item.left + 1):
        if title.startswith("="):
            sheet.formula(_HEADER, offset, title, heading)
        else:
            sheet.constant(_HEADER, offset, title, heading)
    for row, move in enumerate(moves.cells, _FIRST):
        sheet.write(row, item.left, label(row - _FIRST), "calculated")
        for offset, (_, formula) in enumerate(item.shocks, item.left + 1):
            shock = "=" + formula.format(f'IF({move}="",0,{move})')
            sheet.write(row, offset, shock, "calculated", "percent")
    last = _FIRST + len(moves.cells) - 1
    scenarios = sheet.area(_HEADER, item.left, last, item.left + len(item.shocks))
    call = f"STRESS_ACCOUNTS(Positions[#All],{scenarios},Accounts[#All],Brackets[#All])"
    sheet.headers(_HEADER, item.spill, _TITLES, texts=(0, 1, 6))
    formula = with_hints(body(call, 'IFERROR(x,"no equity")'), moves.hints)
    sheet.spill(_FIRST, item.spill, formula, len(moves.cells) * 2, _NUMBERS, 400)
    cell = xl_rowcol_to_cell(_FIRST, item.spill)
    sheet.write(4, item.left, explained(f"={call}", cell, "Top-up: to a margin ratio of one half."),
                "note")  # fmt: skip
