"""The sheet Hedge: sizing by holding, tickets by contract, deltas before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from xlhedge.templates import _charts as charts
from xlhedge.templates import _checks
from xlhedge.templates._formulas import equal_texts
from xlhedge.templates._layout import Book, Sheet
from xlhedge.templates._theme import AMBER, BLUE

HOLDINGS, CONTRACTS = 20, 10
"""Rows of the tables that the sheet reads."""

_LEFT = 1
_SIZING_TOP = 6
_TICKET_TOP = _SIZING_TOP + HOLDINGS + 5
_CHART_TOP = _TICKET_TOP + CONTRACTS + 2
_DELTA_TOP = _CHART_TOP + 18
_DELTA_ROWS, _CHARTED = 12, 6
_MOST = HOLDINGS + CONTRACTS + 1
"""Rows of the deltas when every holding and contract is of another coin, and the row TOTAL."""
AREAS = ("holdings", "contracts", "prices")
"""The areas of checks that every ticket depends on."""
_BOOK_TOP = 4

_SIZING = (
    ("row", "Row", "", "integer"), ("asset", "Asset", "coin", "text"),
    ("contract", "Contract", "", "text"), ("place", "Row of contract", "", "row"),
    ("quantity", "Quantity", "coins", "lots"), ("price", "Price", "USD", "price"),
    ("value", "Value", "USD", "money"), ("share", "Share", "to hedge", "percent"),
    ("type", "Type", "", "text"), ("size", "Size", "coins or USD", "quantity"),
    ("mark", "Mark", "USD", "price"), ("estimate", "Beta estimated", "log slope", "ratio"),
    ("beta", "Beta used", "log slope", "ratio"),
    ("effect", "Effectiveness", "of variance", "percent"),
    ("contracts", "Contracts, exact", "contracts", "price"),
    ("status", "Hedge", "", "text"),
)  # fmt: skip
_TICKETS = (
    ("row", "Row", "", "integer"), ("contract", "Contract", "", "text"),
    ("venue", "Venue", "", "text"), ("type", "Type", "", "text"),
    ("size", "Size", "coins or USD", "quantity"), ("mark", "Mark", "USD", "price"),
    ("lot", "Lot", "contracts", "quantity"), ("held", "Held", "contracts", "lots"),
    ("target", "Target, exact", "contracts", "price"), ("low", "Band from", "contracts", "price"),
    ("high", "Band to", "contracts", "price"), ("trade", "Trade", "contracts", "lots"),
    ("after", "After", "contracts", "lots"), ("side", "Side", "", "text"),
    ("notional", "Notional", "USD", "money"), ("limit", "Limit price", "USD", "price"),
    ("fee", "Fee", "USD", "money"),
)  # fmt: skip
_POSITION = ("asset", "instrument", "quantity", "price", "contract_size")
_DELTA = ("text", "price", "price", "price", "money", "percent")
_DELTA_TITLES = ("Asset", "Spot", "Futures", "Net", "Net value", "Hedged")


class _Block:
    """A block of rows with named columns: the cells of a row, the range of a column."""

    def __init__(self, top: int, rows: int, columns: Sequence[tuple[str, str, str, str]]) -> None:
        self.top, self.rows, self.columns = top, rows, columns
        self.places = {name: _LEFT + place for place, (name, *_) in enumerate(columns)}

    def cells(self, row: int) -> dict[str, str]:
        return {name: xl_rowcol_to_cell(row, place, col_abs=True)
                for name, place in self.places.items()}  # fmt: skip

    def area(self, name: str) -> str:
        place = self.places[name]
        return str(xl_range_abs(self.top, place, self.top + self.rows - 1, place))

    def anywhere(self, name: str) -> str:
        """The range of a column, as other sheets name it."""
        return f"Hedge!{self.area(name)}"

    @property
    def rows_cell(self) -> str:
        """The cell with the number of the last row."""
        place = self.places["row"]
        return f"Hedge!{xl_rowcol_to_cell(self.top + self.rows - 1, place, True, True)}"

    def numbers(self, name: str, otherwise: str = "1") -> str:
        """A column with a stand-in where it holds no number: elementwise functions take it."""
        return f"IF(ISNUMBER({self.area(name)}),{self.area(name)},{otherwise})"

    def write(self, sheet: Sheet, title: str, rows: Sequence[Mapping[str, str]]) -> None:
        sheet.section(self.top - 3, title, _LEFT, _LEFT + len(_TICKETS) - 1)
        texts = [place for place, (*_, number) in enumerate(self.columns) if number == "text"]
        sheet.headers(self.top - 1, _LEFT, [column[1] for column in self.columns], texts)
        sheet.cells.set_row(self.top - 1, 34)
        for name, _, unit, number in self.columns:
            place = self.places[name]
            sheet.write(self.top - 2, place, unit, "unit")
            for offset, formulas in enumerate(rows):
                if name == "row":
                    sheet.write(self.top + offset, place, offset + 1, "constant", "integer")
                elif name in formulas:
                    role = "entry" if number == "text" else "calculated"
                    sheet.write(self.top + offset, place, formulas[name], role, number)

    def spill(self, sheet: Sheet, name: str, formula: str) -> None:
        """One call for a whole column."""
        number = next(column[3] for column in self.columns if column[0] == name)
        sheet.spill(self.top, self.places[name], formula, self.rows, (number,))


SIZING = _Block(_SIZING_TOP, HOLDINGS, _SIZING)
TICKETS = _Block(_TICKET_TOP, CONTRACTS, _TICKETS)


def _entry(table: str, column: str, row: str) -> str:
    """A cell of a table by its row; blank stays blank."""
    cell = f"INDEX({table}[{column}],{row})"
    return f'IF({cell}="","",{cell})'


def _light(text: str) -> str:
    """What a row says, unless a check has failed that it depends on."""
    return _checks.guarded(f'="{text}"', *AREAS).removeprefix("=")


def _sizing(row: int) -> dict[str, str]:
    c = SIZING.cells(row)
    known = f'{c["asset"]}=""'
    specification = {
        name: f'=IF({c["place"]}=0,"",{_entry("Contracts", column, c["place"])})'
        for name, column in (("type", "Type"), ("size", "Size"), ("mark", "Mark"))
    }
    own = {
        name: f'=IF({known},"",{_entry("Holdings", column, c["row"])})'
        for name, column in (("contract", "Contract"), ("quantity", "Quantity"),
                             ("price", "Price"), ("share", "Share"))
    }  # fmt: skip
    series = ",".join(f"FILTER(Prices[price],Prices[asset]={c[name]})"
                      for name in ("asset", "contract"))  # fmt: skip
    enough = (
        f"OR(COUNTIF(Prices[asset],{c['asset']})<least_rows,"
        f"COUNTIF(Prices[asset],{c['contract']})<least_rows)"
    )
    numbers = ",".join(f"ISNUMBER({c[name]})"
                       for name in ("quantity", "price", "share", "size", "mark"))  # fmt: skip
    override = f"INDEX(Holdings[Beta],{c['row']})"
    return own | specification | {
        "asset": f'=IF({c["row"]}>ROWS(Holdings[Asset]),"",'
        f"{_entry('Holdings', 'Asset', c['row'])})",
        "place": f'=IF(OR({known},{c["contract"]}=""),0,'
        f"IFERROR(MATCH({c['contract']},Contracts[Contract],0),0))",
        "value": f'=IF(AND(ISNUMBER({c["quantity"]}),ISNUMBER({c["price"]})),'
        f'{c["quantity"]}*{c["price"]},"")',
        "estimate": f'=IF(OR({known},{c["place"]}=0,beta_lag="",least_rows=""),"",'
        f'IF({enough},"no prices",BETA({series},beta_lag)))',
        "beta": f'=IF({known},"",IF({override}<>"",{override},'
        f'IF(ISERROR({c["estimate"]}),"",{c["estimate"]})))',
        "effect": f'=IF(NOT(AND(ISNUMBER({c["beta"]}),ISNUMBER({c["share"]}),{c["place"]}>0)),"",'
        f'IF({enough},"",HEDGE_EFFECTIVENESS({series},{c["beta"]}*{c["share"]},"variance",)))',
        "status": f'=IF({known},"",IF({c["place"]}=0,"choose a contract",'
        f'IF(NOT(AND({numbers})),"complete the row",IF(NOT(ISNUMBER({c["beta"]})),'
        f'"enter a beta or prices",IF({_entry("Contracts", "Underlying", c["place"])}={c["asset"]},'
        f"{_light('OK: own contract')},{_light('OK: by proxy')})))))",
    }  # fmt: skip


def _ticket(row: int) -> dict[str, str]:
    c = TICKETS.cells(row)
    known = f'{c["contract"]}=""'
    own = {
        name: f'=IF({known},"",{_entry("Contracts", column, c["row"])})'
        for name, column in (("venue", "Venue"), ("type", "Type"), ("size", "Size"),
                             ("mark", "Mark"), ("lot", "Lot"), ("held", "Held"))
    }  # fmt: skip
    traded = f"NOT(ISNUMBER({c['trade']}))"
    tick, fee = (f"INDEX(Contracts[{column}],{c['row']})" for column in ("Tick", "Fee"))
    ends = {"low": ("-", "+"), "high": ("+", "-")}
    bands = {
        name: f'=IF(OR({known},rebalance_band=""),"",'
        f"{c['target']}{sign}rebalance_band*ABS({c['target']}))"
        for name, (sign, _) in ends.items()
    }
    return own | bands | {
        "contract": f'=IF({c["row"]}>ROWS(Contracts[Contract]),"",'
        f"{_entry('Contracts', 'Contract', c['row'])})",
        "target": f'=IF({known},"",SUMIF({SIZING.area("contract")},{c["contract"]},'
        f"{SIZING.area('contracts')}))",
        "after": f'=IF({traded},"",{c["held"]}+{c["trade"]})',
        "side": f'=IF({known},"",IF({traded},"complete the contract",IF({c["trade"]}=0,'
        f"{_light('OK: in its band')},IF({c['trade']}>0,{_light('TRADE: buy')},"
        f"{_light('TRADE: sell')}))))",
        "notional": f'=IF({traded},"",ABS({c["trade"]})*{c["size"]}*'
        f'IF({c["type"]}="inverse",1,{c["mark"]}))',
        "limit": f'=IF(OR({traded},slippage=""),"",IF(OR({c["trade"]}=0,N({tick})=0),"",'
        f"ROUND({c['mark']}*(1+SIGN({c['trade']})*slippage)/{tick},0)*{tick}))",
        "fee": f'=IF({traded},"",{c["notional"]}*{fee})',
    }  # fmt: skip


def write(book: Book) -> Sheet:
    """Write sizing and tickets."""
    widths = (2, 5, 9.5, 10.5, 7.5, 10.5, 9.5, 10.5, 9.5, *(10.5,) * 5, 14, 9.5, 16.5, 7.5)
    sheet = book.sheet("Hedge", BLUE, widths)
    sheet.heading("Hedge", "")
    _checks.banner(sheet, (1, _LEFT), (2, _LEFT + 8))
    for column, empty, hint in (
        (_LEFT + 1, "COUNTA(Holdings[Asset])=0", "enter the holdings on Portfolio"),
        (_LEFT + 5, "COUNTA(Contracts[Contract])=0", "enter the contracts on Portfolio"),
        (_LEFT + 7, "COUNT(Prices[price])=0", "paste the prices on Prices"),
    ):
        sheet.write(2, column, f'=IF({empty},"{hint}","")', "note")
    SIZING.write(sheet, "Sizing: one row for each holding",
                 [_sizing(_SIZING_TOP + row) for row in range(HOLDINGS)])  # fmt: skip
    TICKETS.write(sheet, "Tickets: one row for each contract",
                  [_ticket(_TICKET_TOP + row) for row in range(CONTRACTS)])  # fmt: skip
    needed = ("quantity", "price", "share", "size", "mark", "beta")
    ready = "*".join(f"ISNUMBER({SIZING.area(name)})" for name in needed)
    kind = f'IF({SIZING.area("type")}="inverse","inverse","linear")'
    SIZING.spill(
        sheet, "contracts",
        f"=IF({ready},HEDGE_CONTRACTS({SIZING.numbers('quantity')},{SIZING.numbers('price')},"
        f"{SIZING.numbers('size')},{SIZING.numbers('share')}*{SIZING.numbers('beta')},"
        f'{SIZING.numbers("mark")},{kind},0,),"")',
    )  # fmt: skip
    known = ("held", "target", "lot", "size", "mark")
    ready = "*".join(f"ISNUMBER({TICKETS.area(name)})" for name in known)
    trade = (
        f"=IF({ready},HEDGE_TRADE({TICKETS.numbers('held')},{TICKETS.numbers('target')},"
        f'rebalance_band,{TICKETS.numbers("lot")}),"")'
    )
    TICKETS.spill(sheet, "trade", f'=IF(rebalance_band="","enter the band",{trade[1:]})')
    for block, name in ((SIZING, "status"), (TICKETS, "side")):
        place = block.places[name]
        sheet.status_format((block.top, place, block.top + block.rows - 1, place), begins=True)
    _book(book)
    return sheet


def _book(book: Book) -> None:
    """The sheet Book: the positions before and after, as PORTFOLIO_DELTA takes them."""
    sheet = book.sheet("Book", AMBER, (2, *(14.0,) * 6, 3, *(14.0,) * 6))
    sheet.heading("Book", "Every position before and after the tickets: what Hedge adds up")
    rows = HOLDINGS + CONTRACTS
    for left, title, quantity in ((1, "Before", "held"), (8, "After", "after")):
        sheet.section(_BOOK_TOP - 2, title, left, left + 5)
        sheet.headers(_BOOK_TOP - 1, left, (*_POSITION, "counts"), texts=(0, 1))
        for place in range(rows):
            row = _BOOK_TOP + place
            for offset, formula in enumerate(_position(place, quantity)):
                role = "entry" if offset < 2 else "calculated"
                sheet.write(row, left + offset, formula, role,
                            ("text", "text", "quantity", "price", "quantity")[offset])  # fmt: skip
            first, last = (xl_rowcol_to_cell(row, left + offset) for offset in (2, 3))
            counts = f"=IF(AND(ISNUMBER({first}),ISNUMBER({last})),1,0)"
            sheet.write(row, left + 5, counts, "calculated", "integer")
    sheet.cells.freeze_panes(_BOOK_TOP, 0)
    sheet.page(_BOOK_TOP + rows - 1, 13, pages_high=1, repeat=_BOOK_TOP - 1)


def _position(place: int, quantity: str) -> tuple[str, ...]:
    if place < HOLDINGS:
        c = {name: f"Hedge!{cell}" for name, cell in SIZING.cells(_SIZING_TOP + place).items()}
        kind = f'=IF({c["asset"]}="","","spot")'
        return (f'={c["asset"]}&""', kind, f"={c['quantity']}", f"={c['price']}", '=""')
    row = _TICKET_TOP + place - HOLDINGS
    c = {name: f"Hedge!{cell}" for name, cell in TICKETS.cells(row).items()}
    underlying = f'=IF({c["contract"]}="","",{_entry("Contracts", "Underlying", c["row"])})'
    kind = f'=IF({c["contract"]}="","",IF({c["type"]}="inverse","inverse","linear"))'
    return (underlying, kind, f"={c[quantity]}", f"={c['mark']}", f"={c['size']}")


def total(title: str, column: int) -> str:
    """The cell of the deltas' row TOTAL: column 4 its value, column 5 the share hedged."""
    left = _DELTA_LEFT[title]
    first, last = _DELTA_TOP + 1, _DELTA_TOP + _MOST
    names = f"Hedge!{xl_range_abs(first, left, last, left)}"
    values = f"Hedge!{xl_range_abs(first, left + column, last, left + column)}"
    return f'INDEX({values},MATCH("TOTAL",{names},0))'


_DELTA_LEFT = {"Before": 2, "After": 9}


def finish(sheet: Sheet) -> None:
    """Write the chart, and deltas before and after, which may spill as far as they need."""
    row = sheet.section(_DELTA_TOP - 2, "Delta by coin, before and after the tickets", _LEFT,
                        _LEFT + len(_TICKETS) - 1)  # fmt: skip
    rows = _BOOK_TOP + HOLDINGS + CONTRACTS - 1
    places = {}
    for title, left in (("Before", 1), ("After", 8)):
        column = _DELTA_LEFT[title]
        sheet.write(row, column, f"{title}: coins, USD, share hedged", "note")
        flags = f"Book!{xl_range_abs(_BOOK_TOP, left + 5, rows, left + 5)}"
        table = f"Book!{xl_range_abs(_BOOK_TOP - 1, left, rows, left + 4)}"
        marks = f"Book!{xl_range_abs(_BOOK_TOP - 1, left + 5, rows, left + 5)}"
        kept = f'FILTER({table},({marks}=1)+({marks}="counts"))'
        formula = (
            f'=IF(SUM({flags})=0,"complete the holdings",LET(deltas,PORTFOLIO_DELTA({kept}),'
            f'FILTER({equal_texts("deltas")},INDEX(deltas,0,1)&""<>"asset")))'
        )
        sheet.headers(row + 1, column, _DELTA_TITLES)
        sheet.spill(row + 2, column, formula, _DELTA_ROWS, _DELTA)
        places[title] = (
            sheet.absolute(row + 2, column, row + 1 + _CHARTED, column),
            sheet.absolute(row + 2, column + 4, row + 1 + _CHARTED, column + 4),
        )
    sheet.write(_CHART_TOP - 1, _LEFT, "A coin hedged by proxy stays open here and its proxy seems "
                "over-hedged: that gap is the risk that a proxy leaves.", "note")  # fmt: skip
    charts.bars(
        sheet,
        charts.Frame(_CHART_TOP, _LEFT, 900, 360),
        "Open exposure by coin, before and after the tickets",
        [
            charts.Line("Before", *places["Before"], AMBER),
            charts.Line("After", places["Before"][0], places["After"][1], BLUE),
        ],
        ("USD million", "#,##0.0,,"),
    )
    sheet.cells.freeze_panes(2, 0)
    last = _DELTA_TOP + _DELTA_ROWS
    sheet.calculated_by(2, _LEFT, "Holdings[#Data],Prices[#Data],rebalance_band")
    sheet.page(last, _LEFT + len(_TICKETS) - 1)
