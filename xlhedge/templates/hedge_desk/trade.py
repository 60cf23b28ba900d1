"""The sheet Trade: exposure by coin, the size of the hedge, its ticket, the book afterwards."""

from __future__ import annotations

from xlsxwriter.utility import xl_rowcol_to_cell

from xlhedge.templates._layout import Book, Result, Sheet
from xlhedge.templates._theme import BLUE
from xlhedge.templates.hedge_desk import ranges
from xlhedge.templates.hedge_desk.ranges import AFTER, HELD, gated, reason, titled

_LEFT = 1
_DELTA = 6
"""Row of the headings of the exposure by coin."""
_FIRST, _LAST_ASSET = _DELTA + 1, _DELTA + ranges.ASSETS_ROOM
_PRICE, _BETA, _SPOT_VALUE = 7, 8, 9
_AFTER_DELTA = 13
_COLUMNS = (("Coin", "text"), ("Spot, coins", "coins"), ("Futures, coins", "coins"),
            ("Net, coins", "coins"), ("Net value", "money"),
            ("Hedged share", "percent"))  # fmt: skip
_RESULTS = _DELTA + ranges.ASSETS_ROOM + 4
_TICKET_LEFT = 7
_ROW_OF = "ROW(Positions[asset])-ROW(Positions[[#Headers],[asset]])"
_HEDGE = "(Positions[contract]=hedge_contract)*(Positions[account]=hedge_account)"
_BLANK_OR = 'IF({0}="","",{0})'
_TEXTS_OF_ACCOUNTS = ("account", "asset", "kind", "netting")


def _columns(table: str, first: str, last: str) -> str:
    return f"{table}[{first}]" if first == last else f"{table}[[{first}]:[{last}]]"


def _of_hedge(column: str) -> str:
    return f"INDEX(Positions[{column}],hedge_row)"


def write(book: Book) -> Sheet:
    """Write the sheet."""
    widths = (2, 32, 16, 17, 17, 17, 15, 26, 16, 17, 13, 11, 3, 14, 15, 15, 15, 15, 15, 15, 11, 11)
    sheet = book.sheet(ranges.TRADE_SHEET, BLUE, widths)
    sheet.heading("Trade", "What is exposed to each coin, what the hedge has to be, and the book "
                  "when it is done")  # fmt: skip
    _deltas(sheet)
    row = sheet.section(_RESULTS, "Size of the hedge", _LEFT, _LEFT + 4)
    sheet.results(row, _LEFT, _sizing(sheet))
    row = sheet.section(_RESULTS, "Ticket", _TICKET_LEFT, _AFTER_DELTA + 5)
    sheet.results(row, _TICKET_LEFT, _ticket())
    _book_after(sheet)
    sheet.cells.freeze_panes(2, 0)
    sheet.page(ranges.AFTER_TOP + 14, ranges.AFTER_ACCOUNTS_LEFT + 8, pages_wide=2)
    sheet.cells.set_v_pagebreaks([ranges.AFTER_ACCOUNTS_LEFT])
    return sheet


def _deltas(sheet: Sheet) -> None:
    for side, left in ((HELD, _LEFT), (AFTER, _AFTER_DELTA)):
        sheet.section(3, f"Exposure by coin: {side.title.lower()}", left, left + 5)
        call = f"=PORTFOLIO_DELTA({side.positions},{side.accounts})"
        for offset, unit in enumerate(("", "coins", "coins", "coins", "USD", "of spot")):
            sheet.write(_DELTA - 1, left + offset, unit, "unit")
        titled(sheet, (_DELTA, left), gated(call, side.hint), ranges.ASSETS_ROOM, _COLUMNS)
        cell = xl_rowcol_to_cell(_DELTA, left)
        reason(sheet, (4, left), call, cell, "Coins in margin accounts count as spot.")
        sheet.book.name_range(
            f"delta_{side.name}", sheet.name, (_DELTA, left, _LAST_ASSET + 1, left + 5)
        )
    for name, column in (
        ("spot_coins", _LEFT),
        ("spot_prices", _PRICE),
        ("spot_values", _SPOT_VALUE),
    ):
        sheet.book.name_range(name, sheet.name, (_FIRST, column, _LAST_ASSET, column))
    sheet.headers(_DELTA, _PRICE, ("Price", "Beta", "Spot value"), texts=())
    for place, unit in ((_PRICE, "USD"), (_BETA, "to the market"), (_SPOT_VALUE, "USD")):
        sheet.write(_DELTA - 1, place, unit, "unit")
    for row in range(_FIRST, _LAST_ASSET + 1):
        coin, spot, price = (
            xl_rowcol_to_cell(row, column) for column in (_LEFT, _LEFT + 1, _PRICE)
        )
        empty = f'OR({coin}="",{coin}="TOTAL",hint_book<>"")'
        known = f'MINIFS(Positions[price],Positions[asset],{coin},Positions[instrument],"spot")'
        account = f"MAXIFS(Accounts[price],Accounts[asset],{coin})"
        first = f"INDEX(Positions[price],MATCH({coin},Positions[asset],0))"
        found = f"IF({known}>0,{known},IF({account}>0,{account},{first}))"
        beta = f"IFERROR(AVERAGEIFS(Positions[beta],Positions[asset],{coin}),1)"
        for column, text, number in (
            (_PRICE, f'=IF({empty},"",{found})', "price"),
            (_BETA, f'=IF({empty},"",{beta})', "ratio"),
            (_SPOT_VALUE, f'=IF({empty},"",{spot}*{price})', "money"),
        ):
            sheet.formula(row, column, text, sheet.style("spill", number, align="right"))


def _sizing(sheet: Sheet) -> tuple[Result, ...]:
    def assets(column: int) -> str:
        first = xl_rowcol_to_cell(_FIRST, column, row_abs=True, col_abs=True)
        return f"{first}:INDEX({sheet.area(_FIRST, column, _LAST_ASSET, column)},assets_held)"

    coins = sheet.area(_FIRST, _LEFT, _LAST_ASSET + 1, _LEFT)
    values, betas = assets(_SPOT_VALUE), assets(_BETA)
    futures = (
        'SUMIFS(Positions[exposure],Positions[instrument],"linear")'
        '+SUMIFS(Positions[exposure],Positions[instrument],"inverse")'
    )
    contracts = (
        f"BETA_CONTRACTS({values},{betas},hedge_unit,hedge_beta,hedge_fraction,target_beta,0)"
    )
    return (
        Result("assets_held", "Coins of the book",
               gated(f'=MATCH("TOTAL",{coins},0)-1', "book"), "coins", "integer"),
        Result("exposure_held", "Exposure of what is held",
               gated(f"=SUMPRODUCT({values},{betas})", "book"), "USD", "money",
               "Sum of value × beta of spot and of coins in accounts."),
        Result("futures_held", "Futures held", gated(f"={futures}", "book"), "USD", "money",
               "Sum of value × beta; negative when short."),
        Result("hedge_row", "Row of the contract that hedges",
               gated(f"=SMALL(IF({_HEDGE}>0,{_ROW_OF}),1)", "trade"), "of Positions", "integer"),
        Result("hedge_asset", "Its coin", gated("=" + _of_hedge("asset"), "trade"), "", "text"),
        Result("hedge_beta", "Its beta",
               gated("=IFERROR(AVERAGEIFS(Positions[beta],Positions[asset],hedge_asset),1)",
                     "trade"),
               "to the market", "ratio"),
        Result("hedge_unit", "Value of one contract",
               gated(f'=IF({_of_hedge("contract_size")}="",1,{_of_hedge("contract_size")})'
                     f'*IF({_of_hedge("instrument")}="inverse",1,{_of_hedge("price")})', "trade"),
               "USD", "money"),
        Result("contracts_held", "Contracts held",
               gated(f"={_of_hedge('quantity')}", "trade"), "contracts", "integer"),
        Result("contracts_alone", "Contracts without other futures",
               gated(f"={contracts}", "trade"), "contracts", "lots",
               "BETA_CONTRACTS: share to hedge × exposure / (value × beta of one contract)."),
        Result("target_contracts", "Target position",
               gated(f"=contracts_alone-(futures_held-{_of_hedge('exposure')})"
                     "/(hedge_unit*hedge_beta)", "trade"),
               "contracts", "lots", "Less what the other futures do already."),
        Result("contracts_to_trade", "Contracts to trade",
               gated("=HEDGE_TRADE(contracts_held,target_contracts,rebalance_band,lot)", "trade"),
               "contracts", "integer", "Positive: buy; negative: sell; 0 inside the band."),
        Result("contracts_after", "Position after the trade",
               gated("=contracts_held+contracts_to_trade", "trade"), "contracts", "integer"),
        Result("contract_format", "How contracts are written",
               gated("=IF(AND(contracts_to_trade=ROUND(contracts_to_trade,0),"
                     'contracts_after=ROUND(contracts_after,0)),"#,##0","#,##0.0000")', "trade"),
               "", "text"),
        Result("exposure_held_net", "Exposure left, held",
               gated("=exposure_held+futures_held", "book"), "USD", "money",
               "Spot and futures, value × beta."),
        Result("exposure_after_net", "Exposure left, after the trade",
               gated("=exposure_held_net+contracts_to_trade*hedge_unit*hedge_beta", "trade"),
               "USD", "money"),
        Result("share_held", "Hedged share, held",
               gated('=IF(ABS(exposure_held)<tiny_amount,"nothing to hedge",'
                     "-futures_held/exposure_held)", "book"), "of exposure", "percent"),
        Result("share_after", "Hedged share, after the trade",
               gated('=IF(ABS(exposure_held)<tiny_amount,"nothing to hedge",'
                     "1-exposure_after_net/exposure_held)", "trade"), "of exposure", "percent"),
    )  # fmt: skip


def _ticket() -> tuple[Result, ...]:
    before, trade, now = "contracts_held", "contracts_to_trade", _of_hedge("price")
    entry = f'IF({_of_hedge("entry_price")}="",{now},{_of_hedge("entry_price")})'
    size = f'IF({_of_hedge("contract_size")}="",1,{_of_hedge("contract_size")})'
    inverse = f'{_of_hedge("instrument")}="inverse"'
    mean = (
        f"IF({inverse},contracts_after/({before}/{entry}+{trade}/{now}),"
        f"({before}*{entry}+{trade}*{now})/contracts_after)"
    )
    return (
        Result("ticket_side", "Side",
               gated(f'=IF({trade}=0,"no trade",IF({trade}<0,"sell","buy"))', "trade"), "", "text"),
        Result("ticket_contracts", "Contracts", gated(f"=ABS({trade})", "trade"), "contracts",
               "quantity"),
        Result("ticket_contract", "Contract", gated("=hedge_contract", "trade"), "", "text"),
        Result("ticket_account", "Account", gated("=hedge_account", "trade"), "", "text"),
        Result("ticket_price", "Price", gated(f"={now}", "trade"), "USD", "price"),
        Result("ticket_notional", "Notional", gated(f"=ABS({trade})*hedge_unit", "trade"), "USD",
               "money"),
        Result("ticket_cost", "Cost",
               gated("=HEDGE_COST(ticket_notional,fee_rate,spread)/trades_per_round", "trade"),
               "USD", "money", "Fee and half the spread."),
        Result("contracts_closed", "Contracts closed",
               gated(f"=IF({trade}*{before}<0,SIGN({before})*MIN(ABS({trade}),ABS({before})),0)",
                     "trade"), "contracts", "lots", "Of those held."),
        Result("realised_pnl", "Profit realised",
               gated(f"=contracts_closed*{size}*IF({inverse},1/{entry}-1/{now},{now}-{entry})",
                     "trade"), "USDT or coin", "coins", "It goes into the account's balance."),
        Result("entry_after", "Entry price after the trade",
               gated(f'=IF({trade}=0,IF({_of_hedge("entry_price")}="","",{entry}),'
                     f"IF(contracts_closed=0,{mean},"
                     f"IF(contracts_after*{before}>0,{entry},{now})))", "trade"),
               "USD", "price", "The mean of what is held and traded."),
        Result("settled_row", "Row of its settlement",
               gated("=IFERROR(SMALL(IF((Accounts[account]=hedge_account)*"
                     f'(Accounts[asset]&""=IF({inverse},hedge_asset,""))>0,'
                     "ROW(Accounts[account])-ROW(Accounts[[#Headers],[account]])),1),0)",
                     "trade"),
               "of Accounts", "integer", "0: the account has no balance of that coin."),
    )  # fmt: skip


def _book_after(sheet: Sheet) -> None:
    """Positions and accounts once more, with the trade done: what the functions read."""
    top = ranges.AFTER_TOP
    left, right = ranges.AFTER_LEFT, ranges.AFTER_ACCOUNTS_LEFT
    names, held = ranges.POSITION_COLUMNS, ranges.ACCOUNT_COLUMNS
    sheet.section(top - 2, "Positions after the trade", left, left + len(names) - 1)
    sheet.section(top - 2, "Accounts after the trade", right, right + len(held) - 1)
    sheet.headers(top, left, names, texts=(0, 1, 2, 3))
    sheet.headers(top, right, held, texts=[held.index(name) for name in _TEXTS_OF_ACCOUNTS])
    here = f"{_ROW_OF}=hedge_row"
    for first, last, text, numbers in (
        ("asset", "contract", _BLANK_OR, ("text",) * 4),
        ("quantity", "quantity", f"{{0}}+IF({here},contracts_to_trade,0)", ("quantity",)),
        ("contract_size", "contract_size", _BLANK_OR, ("quantity",)),
        ("entry_price", "entry_price", f"IF({here},entry_after,{_BLANK_OR})", ("price",)),
        ("price", "days", _BLANK_OR, ("price", "ratio", "share", "quantity")),
    ):
        formula = "=" + text.format(_columns("Positions", first, last))
        place = left + names.index(first)
        sheet.spill(top + 1, place, gated(formula, "trade"), 3, numbers, ranges.ROOM)
    settled = "ROW(Accounts[account])-ROW(Accounts[[#Headers],[account]])=settled_row"
    for first, last, text, kinds in (
        ("account", "asset", _BLANK_OR, ("text",) * 2),
        ("balance", "balance", f"{{0}}+IF({settled},realised_pnl,0)", ("quantity",)),
        ("price", "netting", _BLANK_OR,
         ("price", "text", "percent", "flag", "share", "text")),
    ):  # fmt: skip
        formula = "=" + text.format(_columns("Accounts", first, last))
        place = right + held.index(first)
        sheet.spill(top + 1, place, gated(formula, "trade"), 1, kinds, ranges.ROOM)
