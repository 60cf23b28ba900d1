"""Risk of a whole book from history: every window applied to all of its positions together."""

from __future__ import annotations

import numpy as np

from xlhedge.core import checks as check
from xlhedge.core.book.history import History
from xlhedge.core.book.ranges import Accounts, Positions
from xlhedge.core.risk.windows import Method, Windows, book_windows
from xlhedge.core.statistics.stable import inner
from xlhedge.core.statistics.tail import tail_count, tail_risk
from xlhedge.core.types import Floats, Labelled, LabelValue, Table, Value

PARTS = ("spot", "basis", "funding")


def book_var(
    positions: Labelled[Positions],
    history: Labelled[History],
    horizon_periods: int = 1,
    confidence: float = 0.99,
    method: Method = "scaled",
    decay: float = 0.97,
    accounts: Labelled[Accounts] | None = None,
) -> LabelValue:
    """Value at risk and shortfall of a whole book from history, with basis, funding and proxies.

    Parameters
    ----------
    positions
        Table with the columns asset, instrument, quantity, price and optionally contract_size,
        entry_price, account, contract, days (to expiry; such a row pays no funding).
    history
        Table with the columns ASSET spot, ASSET futures, ASSET funding for each asset of the book,
        ASSET CONTRACT futures for a contract of its own, and optionally time; oldest first.
    horizon_periods
        Horizon in rows of the history.
    confidence
        Confidence level, for example 0.99.
    method
        scaled: each window's moves at today's volatility; windows: as they were.
    decay
        Decay per row of the exponentially weighted volatility, in (0, 1).
    accounts
        Table with the columns account, balance and optionally asset, price, kind: coin balances
        count at full price as spot coins, debts negative.

    Returns
    -------
    table
        var and es (losses positive); mean and worst of the profit and loss; windows;
        independent_windows; spot_share, basis_share and funding_share of its variance, which sum
        to 1 (blank where it does not vary); funding_included; note (blank = nothing to say).

    Raises
    ------
    InputError
        For a column that the book needs and history lacks, a blank in one, a future without an
        account where accounts are given, or columns without an asset in a book of several.
    DomainError
        For a price that is not positive, a confidence or decay outside (0, 1), or a horizon below
        1 row.
    TooFewData
        With fewer than 5 windows: n − h of n rows, with scaled n − h − 20.

    Notes
    -----
    Over a window from row t to t + h let s be the growth of spot, b = ln(S/F), and φ the sum of
    rate·F/F₀ over the rows after t. At today's prices P, for n contracts of a size:

    - spot and coin balances: q·P·(s − 1);
    - linear: n·size·P·(s·e^(−Δb) − 1) − n·size·P·φ;
    - inverse: U₁S₁ − U₀S₀ with U = n·face·(1/E − 1/F), less n·face·Σ rate.

    `scaled` multiplies ln s and Δb by k, the volatility after the last row over that at the
    window's start, each of one-row log moves (σ² ← decay·σ² + (1 − decay)·move², from the mean of
    the first 20), asset by asset; k = 1 where one of them is 0. Windows that start within the first
    20 moves are left out. To funding it adds today's slow level of the rate (an average of decay
    0.985) less that at the window's start, times the rows.

    var and es follow VAR_HISTORICAL's convention. independent_windows is n/h; below
    1/(1 − confidence) the figure rests on too little, and note says so. Overlapping windows share
    their worst moves: a quantile beyond the independent ones is an extrapolation of one event.

    A cross hedge is measured with the residual that it leaves, since both assets move as they did.
    Two contracts that follow one column have no risk between them, and note says so.

    References
    ----------
    Hull, White (1998), Incorporating Volatility Updating into the Historical Simulation Method
    for Value at Risk, Journal of Risk 1(1), 5-19.

    Examples
    --------
    A coin, then the same coin hedged one to one:

    >>> from xlhedge import risk
    >>> wave = [((i * 37) % 101 - 50) / 50 for i in range(200)]
    >>> spot = [100 * (1 + 0.02 * w) for w in wave[:193]]
    >>> futures = [price * (1 + 0.001 * w) for price, w in zip(spot, wave[7:])]
    >>> history = {"BTC spot": spot, "BTC futures": futures}
    >>> coin = {"asset": ["BTC"], "instrument": ["spot"], "quantity": [1], "price": [70000]}
    >>> hedge = {
    ...     "asset": ["BTC", "BTC"],
    ...     "instrument": ["spot", "linear"],
    ...     "quantity": [1, -1],
    ...     "price": [70000, 70000],
    ... }
    >>> bare, hedged = risk.book_var(coin, history), risk.book_var(hedge, history)
    >>> hedged.var < 0.2 * bare.var, hedged.funding_included
    (True, False)
    """
    windows = _windows(positions, history, horizon_periods, confidence, method, decay, accounts)
    parts = windows.parts()
    total = parts.sum(axis=0)
    shares = _shares(parts, total)
    notes = list(windows.notes)
    if windows.independent < (needed := 1 / round(1 - confidence, 12)) * (1 - 1e-9):
        notes.insert(
            0,
            f"only {windows.independent:.3g} independent windows, {needed:.4g} are needed at this "
            "confidence",
        )
    return {
        "var": tail_risk(-total, confidence),
        "es": tail_risk(-total, confidence, "es"),
        "mean": float(total.mean()),
        "worst": float(total.min()),
        "windows": len(total),
        "independent_windows": windows.independent,
        **{f"{name}_share": share for name, share in zip(PARTS, shares, strict=True)},
        "funding_included": windows.funding_included,
        "note": "; ".join(notes) or None,
    }


def book_pnl(
    positions: Labelled[Positions],
    history: Labelled[History],
    horizon_periods: int = 1,
    method: Method = "scaled",
    decay: float = 0.97,
    accounts: Labelled[Accounts] | None = None,
) -> Table:
    """Profit and loss of today's book in every window of a history, by spot, basis and funding.

    Parameters
    ----------
    positions
        Table of positions, as in BOOK_VAR.
    history
        Table of prices and rates, as in BOOK_VAR.
    horizon_periods
        Rows per window.
    method
        scaled: each window's moves at today's volatility; windows: as they were.
    decay
        Decay per row of the exponentially weighted volatility, in (0, 1).
    accounts
        Table of accounts, as in BOOK_VAR.

    Returns
    -------
    table
        A header row, then one row per window: end (its time, or the row's number from 1), pnl,
        spot, basis, funding.

    Raises
    ------
    InputError, DomainError, TooFewData
        As BOOK_VAR.

    Notes
    -----
    These are the profits and losses whose tail BOOK_VAR takes; VAR_BACKTEST and ES_BACKTEST take
    the column pnl with horizon_periods of 1, where windows do not overlap.

    References
    ----------
    Hull, White (1998), Incorporating Volatility Updating into the Historical Simulation Method
    for Value at Risk, Journal of Risk 1(1), 5-19.

    Examples
    --------
    >>> from xlhedge import risk
    >>> history = {"spot": [100, 110, 99, 99, 100, 101]}
    >>> positions = {"asset": ["BTC"], "instrument": ["spot"], "quantity": [2], "price": [70000]}
    >>> risk.book_pnl(positions, history, 1, "windows").head(2).round(6)
       end      pnl     spot  basis  funding
    0  2.0  14000.0  14000.0    0.0      0.0
    1  3.0 -14000.0 -14000.0    0.0      0.0
    """
    windows = _windows(positions, history, horizon_periods, 0.99, method, decay, accounts)
    parts = windows.parts()
    columns = [windows.ends, parts.sum(axis=0).tolist(), *parts.tolist()]
    return Table(("end", "pnl", *PARTS), list(zip(*columns, strict=True)))


def book_contribution(
    positions: Labelled[Positions],
    history: Labelled[History],
    horizon_periods: int = 1,
    confidence: float = 0.99,
    method: Method = "scaled",
    decay: float = 0.97,
    accounts: Labelled[Accounts] | None = None,
) -> Table:
    """What each position and coin balance adds to the book's expected shortfall.

    Parameters
    ----------
    positions
        Table of positions, as in BOOK_VAR.
    history
        Table of prices and rates, as in BOOK_VAR.
    horizon_periods
        Horizon in rows of the history.
    confidence
        Confidence level, for example 0.99.
    method
        scaled: each window's moves at today's volatility; windows: as they were.
    decay
        Decay per row of the exponentially weighted volatility, in (0, 1).
    accounts
        Table of accounts, as in BOOK_VAR.

    Returns
    -------
    table
        A header row, then one row per position and per coin balance: asset, instrument (balance
        for a coin balance), account, component_es (they sum to BOOK_VAR's es), standalone_es, and
        without_es, the book's es without it.

    Raises
    ------
    InputError, DomainError, TooFewData
        As BOOK_VAR.

    Notes
    -----
    component_es is Euler's allocation: the mean loss of the position over the windows that the
    book's es averages. A hedge has a negative component: it takes risk away.

    References
    ----------
    Tasche (2002), Expected shortfall and beyond, Journal of Banking and Finance 26(7), 1519-1533.

    Examples
    --------
    >>> from xlhedge import risk
    >>> wave = [((i * 37) % 101 - 50) / 50 for i in range(200)]
    >>> spot = [100 + w for w in wave]
    >>> history = {"spot": spot, "futures": [s + 0.01 * w * w for s, w in zip(spot, wave)]}
    >>> positions = {
    ...     "asset": ["BTC", "BTC"],
    ...     "instrument": ["spot", "linear"],
    ...     "quantity": [1, -1],
    ...     "price": [70000, 70000],
    ... }
    >>> parts = risk.book_contribution(positions, history)
    >>> parts.columns.tolist()
    ['asset', 'instrument', 'account', 'component_es', 'standalone_es', 'without_es']
    >>> whole = risk.book_var(positions, history).es
    >>> round(sum(parts["component_es"][:2]) / whole, 9)
    1.0
    """
    windows = _windows(positions, history, horizon_periods, confidence, method, decay, accounts)
    losses = -windows.of_legs()
    total = -windows.parts().sum(axis=0)
    count = tail_count(len(total), confidence)
    tail = np.argsort(total, kind="stable")[len(total) - count :]
    component = losses[:, tail].mean(axis=1).tolist()

    def shortfall(of: Floats) -> float:
        return tail_risk(of, confidence, "es")

    rows: list[list[Value]] = [
        [*leg, part, shortfall(own), shortfall(total - own)]
        for leg, part, own in zip(windows.legs, component, losses, strict=True)
    ]
    return Table(
        ("asset", "instrument", "account", "component_es", "standalone_es", "without_es"), rows
    )


def _windows(
    positions: Positions,
    history: History,
    horizon_periods: int,
    confidence: float,
    method: Method,
    decay: float,
    accounts: Accounts | None,
) -> Windows:
    check.at_least(1, horizon_periods=horizon_periods)
    check.inside(0, 1, confidence=confidence, decay=decay)
    return book_windows(positions, history, horizon_periods, method, decay, accounts)


def _shares(parts: Floats, total: Floats) -> list[Value]:
    """Cov(part, total)/Var(total); blank where the total is one number."""
    deviations = total - total.mean()
    variance = inner(deviations, deviations)
    if float(np.ptp(total)) <= 1e-14 * float(np.abs(total).max()) or variance == 0:
        return [None] * len(parts)
    centred = parts - parts.mean(axis=1, keepdims=True)
    return ((centred * deviations).sum(axis=1) / variance).tolist()  # type: ignore[no-any-return]
