"""What the desk's inputs have to answer before its results can be believed."""

from __future__ import annotations

from collections.abc import Iterator

from xlhedge.templates import _book_checks, _history_of_book
from xlhedge.templates._book_history import BookHistory
from xlhedge.templates._checks import DOUBTFUL, Check
from xlhedge.templates._history_of_book import SETTINGS
from xlhedge.templates._layout import Input
from xlhedge.templates.hedge_desk import ranges

LIMITS = (
    *SETTINGS,
    *(item for item in _book_checks.PRICE_SETTINGS if item not in SETTINGS),
    *_book_checks.SCENARIO_SETTINGS,
    Input("beta_limit", "Beta may differ from the history's by", 0.5, "", "ratio",
          "Beyond it, enter the current beta, or widen this limit.", low=0, high=10),
)  # fmt: skip
"""The limits that these checks need on the sheet Checks."""


def of_desk(history: BookHistory) -> tuple[Check, ...]:
    """All checks, in the order in which the first failed one is told."""
    return (
        *_book_checks.positions(),
        *_positions(),
        *_book_checks.accounts(),
        _price(),
        *_book_checks.brackets(),
        *_hedge(),
        *_book_checks.scenarios(one.asset for one in history.markets),
        *_history_of_book.checks(history),
        *_betas(),
    )


def _positions() -> Iterator[Check]:
    """What only this book needs: columns of the history, room behind, and shorts that hedge."""
    yield from _history_of_book.coins(
        "positions", "make the desk anew with its history (xlhedge new)"
    )
    yield Check(
        "positions", "Room for the book",
        f"OR(ROWS(Positions[asset])>{_room('positions')},ROWS(Accounts[account])>"
        f"{_room('accounts')},N(assets_held)>{_room('assets')})",
        '"the sheets behind have no room for so many rows, accounts or coins: split the book"',
    )  # fmt: skip
    yield Check(
        "positions", "Sign of the futures held",
        "AND(ABS(exposure_held)>tiny_amount,futures_held*exposure_held>0)",
        '"the futures held add to the exposure instead of hedging it: a short has a negative '
        'quantity"', 'hint_book=""', "the book is not complete",
    )  # fmt: skip


def _room(what: str) -> str:
    return {
        "positions": f"ROWS({ranges.POSITIONS_AFTER})-1",
        "accounts": "ROWS(status_held)",
        "assets": "ROWS(spot_coins)",
    }[what]


def _price() -> Check:
    off = "IF(ISNUMBER(Positions[difference]),ABS(Positions[difference]),0)"
    largest = f"MAX({off})"
    return Check(
        "prices", "Prices of Positions against History", f"{largest}>price_limit",
        f'"the price of "&INDEX(Positions[asset],MATCH({largest},{off},0))&" differs by "&'
        f'TEXT({largest},"0.0%")&" from the last row of History: enter current prices, or add '
        'newer rows"', "COUNT(Positions[difference])>0", "no row has a price in History",
    )  # fmt: skip


def _hedge() -> Iterator[Check]:
    yield Check(
        "hedge", "Effect of the trade",
        "ABS(exposure_after_net)>ABS(exposure_held_net)+tiny_amount",
        '"the trade makes the exposure larger: check the sign of the share to hedge, beta and '
        'quantities"', 'hint_trade=""', "the hedge is not complete",
    )  # fmt: skip
    yield Check(
        "hedge", "One contract of that name", "SUMPRODUCT((Positions[contract]=hedge_contract)*"
        "(Positions[account]=hedge_account))>1",
        '"Positions has several rows of the contract that hedges in that account: join them, the '
        'first one trades"', 'hint_trade=""', "the hedge is not complete", DOUBTFUL,
    )  # fmt: skip


def _betas() -> Iterator[Check]:
    # LET makes an array formula of it: names of ranges alone would be read cell by cell.
    difference = "LET(x,IFERROR(ABS(betas_entered-betas_estimated),0),{})"
    place = difference.format("MATCH(MAX(x),x,0)")
    yield Check(
        "hedge", "Betas against History", f"{difference.format('MAX(x)')}>beta_limit",
        f'"the beta of "&INDEX(history_assets,{place})&" is "&'
        f'TEXT(INDEX(betas_entered,{place}),"0.00")&", the history says "&'
        f'TEXT(INDEX(betas_estimated,{place}),"0.00")&": enter the one that you believe, or widen '
        'the limit"', "COUNT(betas_entered)*COUNT(betas_estimated)>0", "nothing to compare",
    )  # fmt: skip
