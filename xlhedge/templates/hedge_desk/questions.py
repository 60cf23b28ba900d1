"""What the desk's inputs have to answer before its results can be believed."""

from __future__ import annotations

from collections.abc import Iterator

from xlhedge.templates import _book_checks
from xlhedge.templates import _history_checks as history_checks
from xlhedge.templates._book_history import BookHistory
from xlhedge.templates._checks import DOUBTFUL, Check
from xlhedge.templates._history_checks import SETTINGS, Series, complete, funding, pair
from xlhedge.templates._layout import Input
from xlhedge.templates.hedge_desk import ranges
from xlhedge.templates.hedge_desk.market import series

LIMITS = (
    *SETTINGS,
    *(item for item in _book_checks.PRICE_SETTINGS if item not in SETTINGS),
    Input("beta_limit", "Beta may differ from the history's by", 0.5, "", "ratio",
          "Beyond it, enter the beta of now, or widen this limit.", low=0, high=10),
    Input("stale_rows", "Rows without any move that are accepted", 6, "rows", "integer",
          "A price that stands still for longer is not a market's.", low=2, high=1000),
)  # fmt: skip
"""The limits that these checks need on the sheet Checks."""
_FUTURE = '(Positions[instrument]<>"spot")'
_ASSET = "Positions[asset]"


def _count(condition: str) -> str:
    return f"SUMPRODUCT({condition}*1)"


def _first(condition: str, column: str = _ASSET) -> str:
    """The first row of Positions for which a condition holds, by its coin or another column."""
    rows = f"ROW({_ASSET})-ROW(Positions[[#Headers],[asset]])"
    return f"INDEX({column},SMALL(IF(({condition})*1>0,{rows}),1))"


def of_desk(history: BookHistory) -> tuple[Check, ...]:
    """All checks, in the order in which the first failed one is told."""
    return (
        *_book_checks.positions(),
        *_positions(),
        *_book_checks.accounts(),
        _price(),
        *_book_checks.brackets(),
        *_hedge(),
        *_history(history),
        *_betas(),
    )


def _positions() -> Iterator[Check]:
    """What only this book needs: columns of the history, room behind, and shorts that hedge."""
    known = f'COUNTIF(History[#Headers],{_ASSET}&" spot")'
    missing = f'({_ASSET}<>"")*({known}=0)'
    yield Check(
        "positions", "Coins of Positions in History", f"{_count(missing)}>0",
        f'{_first(missing)}&" is in Positions, and History has no column "&{_first(missing)}&'
        '" spot: make the desk anew with its history (xlhedge new)"',
    )  # fmt: skip
    futures = f'COUNTIF(History[#Headers],{_ASSET}&" futures")'
    lacking = f'({_ASSET}<>"")*{_FUTURE}*({futures}=0)'
    yield Check(
        "positions", "Futures of Positions in History", f"{_count(lacking)}>0",
        f'"History has no column "&{_first(lacking)}&" futures, and Positions holds futures of it"',
    )  # fmt: skip
    yield Check(
        "positions", "Room for the book",
        f"OR(ROWS(Positions[asset])>{_room('positions')},ROWS(Accounts[account])>"
        f"{_room('accounts')},assets_held>{_room('assets')})",
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
        f'"the price of "&INDEX({_ASSET},MATCH({largest},{off},0))&" differs by "&'
        f'TEXT({largest},"0.0%")&" from the last row of History: enter the prices of now, or add '
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
    yield Check(
        "scenarios", "Shocks of Scenarios",
        "OR(MAX(Scenarios[spot_shock])>1+1,MIN(Scenarios[spot_shock])<=-1)",
        '"a spot shock above 200 % or below -100 %: shocks are decimals (-0.3 for -30 %)"',
        'hint_stress=""', "the scenarios are not complete",
    )  # fmt: skip


def _history(history: BookHistory) -> Iterator[Check]:
    yield from history_checks.times(
        Series("History", "History[time]", "History[gap_hours]", "interval_hours",
               "interval_hours on History")
    )  # fmt: skip
    for name in history.columns:
        column = f"History[{name}]"
        yield complete("history", column, column, "ROWS(History[time])")
    for one in history.markets:
        spot = series(one.asset, "spot")
        still = f"INDEX({spot},history_rows-stale_rows+1):INDEX({spot},history_rows)"
        yield Check(
            "history", f"{one.asset}: the price moves",
            f"MAX({still})=MIN({still})",
            f'"the last "&stale_rows&" prices of {one.asset} are all the same: the source is '
            'stale"', "history_rows>stale_rows", "History has too few rows",
        )  # fmt: skip
        if one.futures is not None:
            yield from pair(one.asset, spot, series(one.asset, "futures"))
        if one.funding is not None:
            rates = series(one.asset, "funding")
            yield funding(f"funding of {one.asset}", rates, "periods_per_year")


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
