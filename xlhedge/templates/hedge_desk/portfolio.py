"""The desk's Portfolio sheet: everything that the user enters about the book and the venue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from xlhedge.templates._history import History
from xlhedge.templates._layout import Book, Input, Sheet
from xlhedge.templates._theme import AMBER
from xlhedge.templates._units import UNITS

HOLDINGS_COMPLETE = (
    "COUNT(Holdings[Beta value])<ROWS(Holdings[Asset])",
    "complete the holdings",
)
"""The hint of every result that reads the holdings."""
SIZED = (
    HOLDINGS_COMPLETE,
    ("futures_price", "enter the futures price"),
    ("contract_size", "enter the contract size"),
    ("hedge_fraction", "enter the share to hedge"),
    ("current_contracts", "enter the contracts held, or 0"),
)
"""The hints of every result that depends on the size of the hedge."""
ACCOUNT = (
    *SIZED,
    ("entry_price", "enter the entry price"),
    ("wallet_balance", "enter the wallet balance"),
    ("COUNT(Tiers[rate])=0", "enter the margin brackets"),
)
"""The hints of every result that depends on the futures account."""
ON_MARGIN = (*ACCOUNT, ("contracts_after=0", "no futures position"))
"""The hints of every result that needs a futures position."""

HOLDINGS = (("BTC", 500.0, 70_000.0, 1.0), ("ETH", 5_000.0, 3_500.0, 1.6))
"""A sample: any holdings with ΣVβ = 63,000,000 give −720. The future's own coin has beta 1."""
FUTURES_PRICE = 70_000.0

_HEDGE = (
    Input("hedge_asset", "Underlying of the future", "BTC", "", "text",
          "The coin that the hedging contract and the sheet History are about."),
    Input("futures_price", "Futures price", FUTURES_PRICE, "USD", "price",
          "Price at which the hedge trades now.", low=0),
    Input("contract_size", "Contract size", 1, "coins", "quantity",
          "Coins per contract (linear contracts: profit in the quote currency).", low=0),
    Input("hedge_fraction", "Share of the exposure to hedge", 0.8, "of beta exposure", "percent",
          "100 % removes the market exposure; more than that turns it round.", low=-1, high=2),
    Input("target_beta", "Beta to keep", 0, "beta", "ratio",
          "0 hedges towards no market exposure.", low=-5, high=5),
    Input("lot", "Lot", 1, "contracts", "quantity",
          "Contracts are rounded to this; 0 does not round.", low=0),
    Input("current_contracts", "Contracts held now", 0, "contracts", "quantity",
          "Negative when short.", low=-1e9, high=1e9),
    Input("rebalance_band", "Band without a trade", 0.05, "of the target", "percent",
          "No trade while the position is this close to its target.", low=0, high=1),
)  # fmt: skip
_ACCOUNT = (
    Input("entry_price", "Average entry price", FUTURES_PRICE, "USD", "price",
          "Of the futures position after the trade.", low=0),
    Input("wallet_balance", "Wallet balance", 18_000_000, "USDT", "money",
          "Cash that margins the futures position.", low=0),
    Input("liquidation_fee", "Liquidation fee", 0, "of notional", "share",
          "The venue's clearance fee; 0 where it is in the maintenance rate.", low=0, high=0.1),
    Input("margin_convention", "Maintenance is taken at", "mark", "price", "text",
          "mark: at the liquidation price (most venues); entry: fixed at the entry value.",
          choices=("mark", "entry")),
)  # fmt: skip
_RISK = (
    Input("confidence", "Confidence", 0.99, "level", "percent",
          "99 % needs 500 rows of history, 95 % needs 100.", low=0.5, high=0.999),
    Input("horizon_days", "Horizon of the basis VaR", 1, "days", "quantity",
          "A whole number of intervals.", low=0.01, high=365),
    Input("risk_measure", "Measure", "var", "", "text",
          "var: value at risk; es: expected shortfall, the mean loss beyond it.",
          choices=("var", "es")),
    Input("basis_scaling", "Basis VaR on the dashboard", "ou", "scaling", "text",
          "sqrt: root of time; ou: mean-reverting; empirical: past windows.",
          choices=("sqrt", "ou", "empirical")),
    Input("vol_decay", "Volatility decay", 0.94, "per interval", "ratio",
          "Weight that yesterday's estimate keeps in the EWMA volatility.", low=0.5, high=0.999),
    Input("target_volatility", "Volatility target", 0.2, "per year", "percent",
          "Volatility that the treasury accepts for the whole position.", low=0, high=5),
    Input("max_leverage", "Largest exposure", 1, "of the holdings", "percent",
          "Cap on the exposure that the volatility target asks for.", low=0, high=10),
    Input("liquidation_days", "Days for the liquidation probability", 7, "days", "quantity",
          "How long it may take to send more margin.", low=0, high=365),
)  # fmt: skip
_STEPS = (
    "1  Fill the yellow cells on this sheet; hover over a cell for what it means.",
    "2  Paste your prices and funding into the sheet History and set its interval.",
    "3  Set the limits on the Dashboard; read the results there, the detail on Risk.",
    "Blue on yellow: input.  Bold in a box: live result of an xlhedge function.  Grey: constant.",
)
# Brackets of a large venue's BTCUSDT perpetual as published in October 2024.
_TIERS = (
    (0, 0.004, 125),
    (50_000, 0.005, 100),
    (600_000, 0.0065, 75),
    (3_000_000, 0.01, 50),
    (12_000_000, 0.02, 25),
    (70_000_000, 0.025, 20),
    (100_000_000, 0.05, 10),
    (230_000_000, 0.1, 5),
    (480_000_000, 0.125, 4),
    (600_000_000, 0.15, 3),
    (800_000_000, 0.25, 2),
    (1_200_000_000, 0.5, 1),
)
_ASSET, _QUANTITY, _PRICE, _BETA, _VALUE, _BETA_VALUE = range(6, 12)
_OWN_CONTRACTS = 13
_LEFT = 1
_TOP = 8


def write(book: Book, history: History) -> Sheet:
    """Write the sheet Portfolio: instructions, inputs, holdings, margin brackets."""
    widths = (2, 36, 15, 17, 58, 3, 12, 13, 13, 9, 16, 16, 3, 20)
    sheet = book.sheet("Portfolio", AMBER, widths)
    sheet.heading("Portfolio", "Every input of the desk except the limits (Dashboard) and the rows "
                  "of the market (History)")  # fmt: skip
    row = sheet.steps(2, _LEFT, _STEPS)
    if not history.simulated:
        text = (
            f"The {history.asset} price, the futures price and the entry price were set from the "
            "last row of History; the other holdings and prices are examples."
        )
        sheet.write(row, _LEFT, text, "notice")
    futures = FUTURES_PRICE if history.simulated else float(history.futures[-1])
    values = {"hedge_asset": history.asset, "futures_price": futures, "entry_price": futures}
    row = _TOP - 1
    panels: tuple[tuple[str, Sequence[Input]], ...] = (
        ("Hedge", _set(_HEDGE, values)),
        ("Futures account", _set(_ACCOUNT, values)),
        ("Risk settings", _RISK),
        ("Units", tuple(UNITS.values())),
    )
    for title, items in panels:
        row = sheet.inputs(sheet.section(row, title, _LEFT, _LEFT + 3), _LEFT, items) + 1
    last = _holdings(sheet, _holdings_of(history))
    last = max(row, _tiers(sheet, last + 14))
    sheet.cells.freeze_panes(2, 0)
    sheet.page(last, _OWN_CONTRACTS, pages_high=1)
    return sheet


def _set(items: Sequence[Input], values: Mapping[str, Any]) -> list[Input]:
    return [replace(item, value=values.get(item.name, item.value)) for item in items]


def _holdings_of(history: History) -> list[tuple[Any, ...]]:
    """The sample's holdings, with the last spot price and beta 1 for the history's coin."""
    if history.simulated:
        return list(HOLDINGS)
    spot = float(history.spot[-1])
    rows = [
        (asset, quantity, *((spot, 1.0) if asset == history.asset else (price, beta)))
        for asset, quantity, price, beta in HOLDINGS
    ]
    if history.asset in (asset for asset, *_ in HOLDINGS):
        return rows
    return [(history.asset, None, spot, 1.0)]


def _holdings(sheet: Sheet, rows: Sequence[tuple[Any, ...]]) -> int:
    sheet.section(_TOP - 1, "Holdings", _ASSET, _OWN_CONTRACTS)
    sheet.write(_TOP, _ASSET, "Type below the last row: the table grows by itself.", "note")
    header = _TOP + 2
    for column, unit in enumerate(("coin", "coins", "USD", "to the future", "USD", "USD")):
        sheet.write(header - 1, _ASSET + column, unit, "unit")
    value = '=IF(OR([@Quantity]="",[@Price]=""),"",[@Quantity]*[@Price])'
    beta_value = '=IF(OR([@Value]="",[@Beta]=""),"",[@Value]*[@Beta])'
    last = sheet.table(
        "Holdings",
        (header, _ASSET),
        (
            ("Asset", "text", ""),
            ("Quantity", "quantity", ""),
            ("Price", "price", ""),
            ("Beta", "ratio", ""),
            ("Value", "money", value),
            ("Beta value", "money", beta_value),
        ),
        rows,
    )
    for name, column, low, text in (
        ("Quantity", _QUANTITY, None, "Coins held; negative when borrowed and sold."),
        ("Price", _PRICE, 0.0, "Spot price in US dollars."),
        ("Beta", _BETA, None, "Log return of the coin for 1 % of the future: BETA estimates it."),
    ):
        item = Input("", name, None, "", "general", text, low=low)
        sheet.guard((header + 1, column, last, column), item)
    sheet.write(header - 1, _OWN_CONTRACTS, "contracts", "unit")
    sheet.headers(header, _OWN_CONTRACTS, ("Contracts at beta 1",))
    condition, hint = HOLDINGS_COMPLETE
    contracts = (
        "HEDGE_CONTRACTS(Holdings[Quantity],Holdings[Price],contract_size,hedge_fraction,"
        "futures_price,,lot,)"
    )
    formula = f'=IF({condition},"{hint}",{contracts})'
    sheet.spill(header + 1, _OWN_CONTRACTS, formula, len(rows), ("integer",))
    return last


def _tiers(sheet: Sheet, row: int) -> int:
    row = sheet.section(row, "Maintenance margin brackets", _ASSET, _OWN_CONTRACTS)
    sheet.write(row, _ASSET, "Example: a large venue's BTCUSDT perpetual, October 2024. Enter your "
                "venue's own.", "note")  # fmt: skip
    header = row + 2
    for column, unit in enumerate(("USD, above", "of notional", "times")):
        sheet.write(header - 1, _ASSET + column, unit, "unit")
    columns = (("floor", "money", ""), ("rate", "share", ""), ("max_leverage", "integer", ""))
    return sheet.table("Tiers", (header, _ASSET), columns, _TIERS)
