"""The sheet Brackets: the venue's table, and the part of it that each asset needs."""

from __future__ import annotations

from typing import NamedTuple

from xlsxwriter.utility import xl_range_abs

from xlhedge.templates._layout import Book, Input, Sheet, with_hints
from xlhedge.templates._theme import SKY

SOURCE = (
    "Source: Binance USDT-margined futures, leverage brackets of BTCUSDT, ETHUSDT and SOLUSDT as "
    "published in October 2024. Venues change them: enter today's."
)
_BRACKETS = {
    "BTC": (
        (0, 0.004, 0, 125),
        (50_000, 0.005, 50, 100),
        (600_000, 0.0065, 950, 75),
        (3_000_000, 0.01, 11_450, 50),
        (12_000_000, 0.02, 131_450, 25),
        (70_000_000, 0.025, 481_450, 20),
        (100_000_000, 0.05, 2_981_450, 10),
        (230_000_000, 0.1, 14_481_450, 5),
        (480_000_000, 0.125, 26_481_450, 4),
        (600_000_000, 0.15, 41_481_450, 3),
        (800_000_000, 0.25, 121_481_450, 2),
        (1_200_000_000, 0.5, 421_481_450, 1),
    ),
    "ETH": (
        (0, 0.004, 0, 125),
        (50_000, 0.005, 50, 100),
        (600_000, 0.0065, 950, 75),
        (3_000_000, 0.01, 11_450, 50),
        (12_000_000, 0.02, 131_450, 25),
        (50_000_000, 0.025, 381_450, 20),
        (65_000_000, 0.05, 2_006_450, 10),
        (150_000_000, 0.1, 9_506_450, 5),
        (320_000_000, 0.125, 17_506_450, 4),
        (400_000_000, 0.15, 27_506_450, 3),
        (530_000_000, 0.25, 80_506_450, 2),
        (800_000_000, 0.5, 280_506_450, 1),
    ),
    "SOL": (
        (0, 0.005, 0, 100),
        (20_000, 0.0065, 30, 75),
        (100_000, 0.01, 380, 50),
        (800_000, 0.02, 8_380, 25),
        (4_000_000, 0.025, 28_380, 20),
        (8_000_000, 0.05, 228_380, 10),
        (40_000_000, 0.1, 2_228_380, 5),
        (80_000_000, 0.125, 4_228_380, 4),
        (100_000_000, 0.25, 16_728_380, 2),
        (200_000_000, 0.5, 66_728_380, 1),
    ),
}
_SHEET = "Brackets"
_LEFT = 1
_FIRST_SLOT = 7
_SLOT_WIDTH = 5
_TOP = 3
_HEADER = _TOP + 3
_ROOM = 40
"""Brackets that one asset may have."""
_COLUMNS = (
    ("floor", "money", "USDT, above"),
    ("rate", "share", "of notional"),
    ("amount", "money", "USDT"),
    ("max_leverage", "integer", "times"),
)


class Slot(NamedTuple):
    """One asset's brackets: the name of the cell with the asset, and their place."""

    asset: str
    number: int

    @property
    def column(self) -> int:
        """The first column."""
        return _FIRST_SLOT + self.number * _SLOT_WIDTH

    @property
    def tiers(self) -> str:
        """The range with its header, as formulas name it."""
        last = self.column + len(_COLUMNS) - 1
        return f"{_SHEET}!{xl_range_abs(_HEADER, self.column, _HEADER + _ROOM, last)}"


SLOTS = tuple(Slot(f"asset_{number + 1}", number) for number in range(len(_BRACKETS)))
"""The assets that positions may be in."""
LADDER = Slot("ladder_asset", len(_BRACKETS))
"""The brackets of the position on the sheet Ladder."""


def write(book: Book) -> Sheet:
    """Write the sheet: the table, then a block for each asset."""
    slots = (*SLOTS, LADDER)
    widths = [2, 9, 15, 10, 15, 13, 3, *[15.0, 9.0, 14.0, 13.0, 3.0] * len(slots)]
    sheet = book.sheet(_SHEET, SKY, widths)
    sheet.heading("Brackets", "Maintenance margin by size of the position: one table, and from it "
                  "the part that each asset needs")  # fmt: skip
    sheet.write(2, _LEFT, SOURCE, "note")
    sheet.section(_TOP, "The venue's brackets", _LEFT, _LEFT + 4)
    for offset, unit in enumerate(("coin", *(unit for _, _, unit in _COLUMNS))):
        sheet.write(_HEADER - 1, _LEFT + offset, unit, "unit")
    rows = [(asset, *row) for asset, table in _BRACKETS.items() for row in table]
    columns = [("asset", "text", ""), *((name, number, "") for name, number, _ in _COLUMNS)]
    last = sheet.table("Brackets", (_HEADER, _LEFT), columns, rows)
    for offset, name, low, high, text in (
        (1, "floor", 0.0, None, "The bracket holds for notionals above this; the first is 0."),
        (2, "rate", 0.0, 1.0, "Maintenance margin as a share of the notional."),
        (
            3,
            "amount",
            0.0,
            None,
            "What the venue deducts ('cum'). Blank: it follows from the rates.",
        ),
        (4, "max_leverage", 0.0, None, "Highest leverage that the venue allows. May be blank."),
    ):
        item = Input("", name, None, "", "general", text, low=low, high=high)
        sheet.guard((_HEADER + 1, _LEFT + offset, last, _LEFT + offset), item)
    for slot, asset in zip(SLOTS, _BRACKETS, strict=True):
        place = sheet.section(_TOP, "Brackets of asset", slot.column, slot.column + 3)
        sheet.write(place, slot.column, asset, "input")
        text = "A coin of the table on the left; positions in other coins have no brackets."
        item = Input(slot.asset, "Asset", asset, "", "text", text)
        sheet.guard((place, slot.column, place, slot.column), item)
        book.name(slot.asset, _SHEET, place, slot.column)
        _block(sheet, slot, max(len(table) for table in _BRACKETS.values()))
    place = sheet.section(_TOP, "Brackets of the ladder", LADDER.column, LADDER.column + 3)
    sheet.write(place, LADDER.column, f"={LADDER.asset}", "entry")
    _block(sheet, LADDER, max(len(table) for table in _BRACKETS.values()))
    sheet.cells.freeze_panes(_HEADER + 1, 2)
    sheet.page(last, LADDER.column + 3, pages_high=1)
    return sheet


def _block(sheet: Sheet, slot: Slot, rows: int) -> None:
    for offset, (_, _, unit) in enumerate(_COLUMNS):
        sheet.write(_HEADER - 1, slot.column + offset, unit, "unit")
    sheet.headers(_HEADER, slot.column, [name for name, _, _ in _COLUMNS], texts=())
    # A blank cell that FILTER passes on would be a zero: an empty text stays blank.
    table = "Brackets[[floor]:[max_leverage]]"
    formula = with_hints(
        f'=FILTER(IF({table}="","",{table}),Brackets[asset]={slot.asset},"")',
        (("COUNT(Brackets[rate])=0", ""), (slot.asset, "")),
    )
    numbers = [number for _, number, _ in _COLUMNS]
    sheet.spill(_HEADER + 1, slot.column, formula, rows, numbers)
