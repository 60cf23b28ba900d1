"""The sheet Inputs: the hedge, the settings of risk and margin, and what is still missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from xlhedge.templates._layout import Book, Input, Sheet
from xlhedge.templates._theme import AMBER
from xlhedge.templates._units import UNITS

_HEDGE = (
    Input("hedge_contract", "Contract that hedges", "BTCUSDT perpetual", "", "text",
          "A contract of the table Positions, held or with quantity 0."),
    Input("hedge_account", "Its account", "Venue A", "", "text",
          "Where several accounts hold that contract: the one that trades."),
    Input("hedge_fraction", "Share of the exposure to hedge", 0.8, "of beta exposure", "percent",
          "100 % removes the market exposure; more than that turns it round.", low=-1, high=2),
    Input("target_beta", "Beta to keep", 0, "beta", "ratio",
          "0 hedges towards no market exposure.", low=-5, high=5),
    Input("lot", "Lot", 1, "contracts", "quantity",
          "Contracts are rounded to this; 0 does not round.", low=0),
    Input("rebalance_band", "Band without a trade", 0.05, "of the target", "percent",
          "No trade while the position is this close to its target.", low=0, high=1),
    Input("fee_rate", "Trading fee", 0.0005, "of notional", "share", "Per trade.",
          low=-0.01, high=0.1),
    Input("spread", "Bid-ask spread", 0.0002, "of the price", "share",
          "Half of it is paid per trade.", low=0, high=0.1),
)  # fmt: skip
_RISK = (
    Input("confidence", "Confidence of VaR and ES", 0.99, "level", "percent",
          "99 % needs 500 rows of history, 95 % needs 100.", low=0.5, high=0.999),
    Input("horizon_days", "Horizon of VaR and ES", 1, "days", "quantity",
          "A whole number of intervals.", low=0.01, high=365),
    Input("vol_decay", "Volatility decay", 0.97, "per interval", "ratio",
          "Weight that the estimate before keeps in the EWMA volatilities.", low=0.5, high=0.999),
    Input("target_volatility", "Volatility target", 0.2, "per year", "percent",
          "Volatility that the treasury accepts for the whole position.", low=0, high=5),
    Input("max_leverage", "Largest exposure", 1, "of the holdings", "percent",
          "Cap on the exposure that the volatility target asks for.", low=0, high=10),
)  # fmt: skip
_MARGIN = (
    Input("others_move", "Other coins at a liquidation price", "beta", "", "text",
          "beta: they move with the coin by their betas; held: they stay.",
          choices=("beta", "held")),
    Input("days_1", "First horizon of the probability", 1, "days", "quantity",
          "Of being liquidated at any moment within these days.", low=0.01, high=365),
    Input("days_2", "Second horizon", 7, "days", "quantity", "", low=0.01, high=365),
    Input("days_3", "Third horizon", 30, "days", "quantity", "", low=0.01, high=365),
    Input("buffer_days", "Days of the buffer", 7, "days", "quantity",
          "The balance that each account needs to survive these days ...", low=0.01, high=365),
    Input("buffer_confidence", "Confidence of the buffer", 0.99, "level", "percent",
          "... with this confidence.", low=0.5, high=0.9999),
    Input("simulation_paths", "Paths of the simulations", 5_000, "paths", "integer",
          "Of probabilities and buffers; more are more exact and slower.", low=100, high=200_000),
    Input("forecast_confidence", "Confidence of the funding forecast", 0.95, "level", "percent",
          "Of the band around the forecast.", low=0.5, high=0.999),
)  # fmt: skip
_UNITS = (
    *UNITS.values(),
    Input("percents", "Per cent in 1", 100, "%", "integer", "Constant.", role="constant"),
    Input("trades_per_round", "Trades in HEDGE_COST", 2, "trades", "integer",
          "HEDGE_COST is in and out; one trade is its half.", role="constant"),
    Input("tiny_amount", "Exposure that counts as none", 0.01, "USD", "quantity",
          "Below it there is nothing to hedge.", role="constant"),
)  # fmt: skip
_STEPS = (
    "1  Enter positions and accounts on Book, the venues' brackets on Brackets; hover over a cell "
    "for its meaning.",
    "2  Paste prices and funding into History; set the hedge and the settings here.",
    "3  Set the limits on the Dashboard; read the results there, the detail on the sheets behind.",
    "Blue on yellow: input.  Bold in a box: live result of an xlhedge function.  Grey: constant.",
)
_HINTS = (
    ("book", "Book and Brackets", (
        ("OR(COUNTA(Positions[asset])<ROWS(Positions[asset]),"
         "COUNTA(Positions[instrument])<ROWS(Positions[asset]),"
         "COUNT(Positions[quantity])<ROWS(Positions[asset]),"
         "COUNT(Positions[price])<ROWS(Positions[asset]))", "complete the positions on Book"),
        ("OR(COUNTA(Accounts[account])<ROWS(Accounts[account]),"
         "COUNT(Accounts[balance])<ROWS(Accounts[account]))", "complete the accounts on Book"),
        ("OR(COUNT(Brackets[floor])<ROWS(Brackets[floor]),"
         "COUNT(Brackets[rate])<ROWS(Brackets[floor]))", "enter the brackets of your venues"),
    )),
    ("trade", "Hedge", (
        ('hint_book<>""', "hint_book"),
        ('hedge_contract=""', "enter the contract that hedges"),
        ('hedge_account=""', "enter the account of the hedge"),
        ("SUMPRODUCT((Positions[contract]=hedge_contract)*(Positions[account]=hedge_account))=0",
         "enter a contract and an account that Positions has"),
        ("COUNT(hedge_fraction,target_beta)<2", "enter the share to hedge and the beta to keep"),
        ("COUNT(lot,rebalance_band)<2", "enter lot and band"),
    )),
    ("history", "History", (
        ("COUNT(History[time])=0", "paste a history"),
        ('interval_hours=""', "enter the interval of the history"),
        ('vol_decay=""', "enter the volatility decay"),
    )),
    ("var", "Value at risk", (
        ('hint_history<>""', "hint_history"),
        ("COUNT(confidence,horizon_days)<2", "enter confidence and horizon"),
    )),
    ("chances", "Simulations", (
        ('hint_history<>""', "hint_history"),
        ("COUNT(days_1,days_2,days_3)<3", "enter the three horizons"),
        ("COUNT(buffer_days,buffer_confidence)<2", "enter days and confidence of the buffer"),
        ('simulation_paths=""', "enter the number of paths"),
    )),
    ("stress", "Scenarios", (
        ("OR(COUNTA(Scenarios[scenario])<ROWS(Scenarios[scenario]),"
         "COUNT(Scenarios[spot_shock])<ROWS(Scenarios[scenario]))", "complete the scenarios"),
    )),
    ("funding", "Funding", (
        ('hint_history<>""', "hint_history"),
        ('forecast_confidence=""', "enter the confidence of the forecast"),
    )),
    ("target", "Volatility target", (
        ('hint_history<>""', "hint_history"),
        ("COUNT(target_volatility,max_leverage)<2", "enter the volatility target"),
    )),
)  # fmt: skip
_LEFT = 1


def prepare(book: Book) -> Sheet:
    """Make the sheet."""
    return book.sheet("Inputs", AMBER, (2, 38, 24, 18, 70))


def write(sheet: Sheet, values: Mapping[str, Any]) -> None:
    """Write instructions, inputs and what is missing; `values` take the place of the example's."""
    sheet.heading("Inputs", "What is not a row of a table: the hedge, risk, margin")
    row = sheet.steps(2, _LEFT, _STEPS) + 1
    panels: tuple[tuple[str, Sequence[Input]], ...] = (
        ("Hedge", _HEDGE),
        ("Risk", _RISK),
        ("Margin and funding", _MARGIN),
        ("Units", _UNITS),
    )
    for title, items in panels:
        chosen = [replace(item, value=values.get(item.name, item.value)) for item in items]
        row = sheet.inputs(sheet.section(row, title, _LEFT, _LEFT + 3), _LEFT, chosen) + 1
    (_, first, column), (_, last, _) = sheet.book.places["days_1"], sheet.book.places["days_3"]
    sheet.book.name_range("horizons_in_days", sheet.name, (first, column, last, column))
    row = sheet.section(row, "Missing", _LEFT, _LEFT + 3)
    sheet.write(row, _LEFT, "What results wait for; blank where nothing is missing.", "note")
    for name, label, conditions in _HINTS:
        row += 1
        sheet.write(row, _LEFT, label, "label")
        text = '""'
        for condition, hint in reversed(conditions):
            shown = hint if hint.startswith("hint_") else f'"{hint}"'
            text = f"IF({condition},{shown},{text})"
        sheet.write(row, _LEFT + 1, f"={text}", "note")
        sheet.book.name(f"hint_{name}", sheet.name, row, _LEFT + 1)
    sheet.cells.freeze_panes(2, 0)
    sheet.page(row, _LEFT + 3)
